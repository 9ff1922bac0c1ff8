"""One block of an image through the network: pixels in, labels and uncertainty out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.data.grid import Grid, sample_grey
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.bundle import LoadedModel
from batterycell.volume import Volume

from .plan import Plan, part, widened
from .predict import Windows, predict_probabilities
from .settings import Box

_Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """A block of an image.

    Args:
        image: The image.
        levels: One a channel, of the whole image.
        plan: On which pixels the network sees it.
        block: First voxel and one past the last, axis of the plan first.
    """

    image: Image
    levels: tuple[Levels, ...]
    plan: Plan
    block: Box

    def pixels(self, box: Box, margin: int) -> NDArray[np.float32]:
        """What the network sees, levels applied: (channels, slices + 2 margin, rows, columns)."""
        grid = part(self.plan.network, box).widened(margin)
        pairs = zip(self.levels, self.image.channels, strict=True)
        return np.stack([levels.apply(sample_grey(channel, grid)) for levels, channel in pairs])


def predict_block(seen: Seen, model: LoadedModel, run: tuple[str, Windows], progress: Progress) -> NDArray[np.float32]:
    """Probabilities (classes, slices, rows, columns) in a block's voxels, axis of the plan first.

    Args:
        seen: The block.
        model: The model, its network on the device.
        run: The device's name, and how the block is cut.
        progress: Told how far it is; asked whether to stop.
    """
    spec, plan = model.info.network, seen.plan
    needed = plan.needed(seen.block)
    wide = widened(needed, plan.network.shape, spec)
    windows = replace(run[1], context=spec.margin)
    pixels = seen.pixels(wide, spec.margin)
    found = predict_probabilities(model.network, pixels, spec, run[0], windows, progress)
    k, j, i = (slice(a - first, b - first) for a, b, first in zip(*needed, wide[0], strict=True))
    found = found[:, k, j, i]
    return _resampled(found, part(plan.network, needed), part(plan.image, seen.block)) if plan.is_resampled else found


def decide(probabilities: NDArray[np.float32]) -> _Labels:
    """The likeliest class of each voxel, n + 1 for class n."""
    return np.asarray(probabilities.argmax(0) + 1, np.uint8)


def doubt(probabilities: NDArray[np.float32]) -> _Labels:
    """Percent, 0 to 100: one minus the lead of the likeliest class over the next."""
    first, second = probabilities[0].copy(), np.zeros_like(probabilities[0])
    for one in probabilities[1:]:
        np.maximum(second, np.minimum(first, one), out=second)
        np.maximum(first, one, out=first)
    return np.asarray(np.rint(100 * np.clip(1 - (first - second), 0, 1)), np.uint8)


def _resampled(found: NDArray[np.float32], before: Grid, after: Grid) -> NDArray[np.float32]:
    volumes = (Volume(one, before.ijk_to_ras, "network") for one in found)
    return np.stack([np.asarray(sample_grey(volume, after), np.float32) for volume in volumes])
