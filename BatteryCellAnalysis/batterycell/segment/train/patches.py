"""Patches drawn from the samples: all pixels are normalised once and stay on the device that computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.samples import Sample
from batterycell.segment.settings import Augmentation

from .augment import vary_grey
from .cut import Cut, cut_patch, draw_cut

Shape = tuple[int, int, int]
# Of the painted pixels of one class, as many of one frame and of all frames may be centres of patches.
_MOST_SPOTS, _ALL_SPOTS = 100_000, 20_000_000
# How far a patch's centre may lie from the pixel it was drawn for, in patches.
_JITTER = 0.375


@dataclass(frozen=True)
class Tile:
    """A frame's pixels, ready to be cut.

    Args:
        image: Tensor (channels, slices + 2 margin, rows, columns), float32, levels applied.
        labels: Tensor (slices, rows, columns), uint8.
        spots: Of each class, indices of painted pixels into the flattened labels.
        counts: Painted pixels of each class.
    """

    image: Any
    labels: Any
    spots: tuple[NDArray[np.int64], ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Pool:
    """All frames that patches are drawn from.

    Args:
        tiles: The frames; none is smaller than a patch.
        spec: The network.
        shape: Slices, rows, columns of a patch.
        device: Where the tiles lie.
    """

    tiles: tuple[Tile, ...]
    spec: NetworkSpec
    shape: Shape
    device: str

    @property
    def counts(self) -> NDArray[np.float64]:
        """Painted pixels, shape (tiles, classes)."""
        return np.array([tile.counts for tile in self.tiles], float).reshape(len(self.tiles), -1)

    def draw(self, seed: int, step: int, batch: int, augmentation: Augmentation) -> tuple[Any, Any]:
        """The batch of a step: the same for the same seed and step, whatever was drawn before.

        Returns:
            Tensors (batch, inputs, [slices,] rows, columns) and (batch, [slices,] rows, columns), uint8 labels.
        """
        import torch

        random = np.random.default_rng((seed & 0xFFFFFFFF, step))
        pairs = [self._patch(random, augmentation) for _ in range(batch)]
        images, labels = torch.stack([one for one, _ in pairs]), torch.stack([one for _, one in pairs])
        images = vary_grey(images, random, augmentation)
        if self.spec.dimension == "3d":
            return images, labels
        return images.reshape(batch, -1, *images.shape[-2:]), labels[:, 0]

    def _patch(self, random: np.random.Generator, augmentation: Augmentation) -> tuple[Any, Any]:
        counts = self.counts
        by_class = counts.sum(0)
        # Half of the patches show each class as often as any other, half show pixels as often as they were painted.
        chances = (by_class > 0).astype(float) if random.random() < 0.5 else by_class
        chosen = random.choice(len(chances), p=chances / chances.sum())
        tile = self.tiles[random.choice(len(self.tiles), p=counts[:, chosen] / by_class[chosen])]
        spots = tile.spots[chosen]
        spot = np.unravel_index(spots[random.integers(len(spots))], tuple(tile.labels.shape))
        return cut_patch(tile.image, tile.labels, self._cut(spot, tile, random, augmentation))

    def _cut(self, spot: Any, tile: Tile, random: np.random.Generator, augmentation: Augmentation) -> Cut:
        size = np.array(self.shape)
        shift = np.rint(random.uniform(-_JITTER, _JITTER, 3) * size).astype(int)
        corner = np.clip(np.array(spot) + shift - size // 2, 0, np.array(tile.labels.shape) - size)
        k, j, i = (int(value) for value in corner)
        return draw_cut((k, j, i), self.shape, random, augmentation)


def make_pool(samples: Sequence[Sample], spec: NetworkSpec, shape: Shape, device: str) -> Pool:
    """Normalise the samples, and lay them on the device.

    Args:
        samples: Those to learn from.
        spec: The network.
        shape: Slices, rows, columns of a patch.
        device: As torch names it.
    """
    spots = min(_MOST_SPOTS, _ALL_SPOTS // max(1, len(samples)))
    return Pool(tuple(_tile(sample, spec, shape, device, spots) for sample in samples), spec, shape, device)


def seen_by(sample: Sample, spec: NetworkSpec) -> NDArray[np.float32]:
    """The normalised image that a network sees of a sample: with neighbouring slices only where it takes them."""
    image = np.nan_to_num(sample.normalised, posinf=0.0, neginf=0.0)
    surplus = sample.margin - spec.margin
    return image[:, surplus : image.shape[1] - surplus] if surplus > 0 else image


def _tile(sample: Sample, spec: NetworkSpec, shape: Shape, device: str, most_spots: int) -> Tile:
    import torch

    image, labels = _padded(seen_by(sample, spec), _known(sample), shape)
    spots = [np.flatnonzero(labels == number + 1) for number in range(spec.classes)]
    # Copies: a part of an array would keep the whole of it.
    thinned = tuple(one[:: -(-len(one) // most_spots) or 1].copy() for one in spots)
    tensors = [torch.from_numpy(np.ascontiguousarray(array)).to(device) for array in (image, labels)]
    return Tile(tensors[0], tensors[1], thinned, tuple(map(len, spots)))


def _known(sample: Sample) -> NDArray[np.uint8]:
    """The labels; those of pixels that are no numbers are unknown."""
    slices = slice(sample.margin, sample.image.shape[1] - sample.margin)
    finite = np.isfinite(sample.image[:, slices]).all(0)
    return np.where(finite, sample.labels, 0).astype(np.uint8)


def _padded(
    image: NDArray[np.float32], labels: NDArray[np.uint8], shape: Shape
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Both at least as large as a patch: the image mirrored, the labels there unknown."""
    missing = [max(0, wanted - there) for wanted, there in zip(shape, labels.shape, strict=True)]
    if not any(missing):
        return image, labels
    pads = [(one // 2, one - one // 2) for one in missing]
    return np.pad(image, [(0, 0), *pads], mode="reflect"), np.pad(labels, pads)
