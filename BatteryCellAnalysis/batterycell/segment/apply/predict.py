"""What a network says of an image: the probability of every class in every voxel, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.model.info import NetworkSpec

from .room import largest_edge, smaller_edge
from .windows import Grid, Place, cut

# Voxels of all windows at once: more is no faster. What is larger goes one by one.
_BATCH_VOXELS = {"cpu": 128 * 128, "cuda": 4_000_000}
_MOST_BATCH = 64


@dataclass(frozen=True)
class Windows:
    """How an image is cut for a network.

    Args:
        edge: Rows and columns (3D: slices too) of a window; None for as large as memory allows.
        overlap: Least pixels that a window shares with its neighbour.
        context: Slices at both ends of the image that are context only, and not predicted.
        flips: Whether the image is also predicted mirrored along rows, columns and both, and the mean taken.
        mixed_precision: Whether to compute in 16 bits.
    """

    edge: int | None = None
    overlap: int = 32
    context: int = 0
    flips: bool = False
    mixed_precision: bool = False


_WHOLE = Windows()
_SILENT = Progress()


def predict_probabilities(
    network: Any,
    image: NDArray[np.float32],
    spec: NetworkSpec,
    device: str = "cpu",
    how: Windows = _WHOLE,
    progress: Progress = _SILENT,
) -> NDArray[np.float32]:
    """The probability of every class in every voxel.

    Networks of two dimensions go slice by slice; 2.5D ones see ``spec.margin`` slices before and behind, of which the
    first and the last are repeated beyond the ends. Their inputs are (batch, channels × slices, rows, columns), all
    slices of the first channel first; those of 3D networks (batch, channels, slices, rows, columns).

    Args:
        network: A ``torch.nn.Module`` on ``device``; left in the mode (training or not) it was in.
        image: Shape (channels, slices, rows, columns), levels applied.
        spec: The network's.
        device: "cpu", "cuda" or "cuda:N".
        how: How the image is cut.
        progress: Told after every batch; asked whether to stop.

    Returns:
        Shape (classes, slices - 2 context, rows, columns); sums to 1 over the classes.

    Raises:
        InputError: if the memory does not suffice for the smallest window.
    """
    edge = how.edge or largest_edge(spec, device)
    while True:
        try:
            return _predict(network, image, spec, device, replace(how, edge=edge), progress)
        except (RuntimeError, MemoryError) as error:
            edge = smaller_edge(min(edge, max(image.shape[1:])), spec, error)


def _predict(
    network: Any, image: NDArray[np.float32], spec: NetworkSpec, device: str, how: Windows, progress: Progress
) -> NDArray[np.float32]:
    padded = _padded(image, spec)
    depth = padded.shape[1] - 2 * how.context * (spec.dimension != "3d")
    grid = cut((depth, padded.shape[2], padded.shape[3]), spec, how.edge or 1, how.overlap)
    total = np.zeros((spec.classes, *grid.shape), np.float32)
    batches = _batches(grid, device)
    with _inferring(network, device, how.mixed_precision):
        for number, places in enumerate(batches):
            progress.report(number / len(batches), "predicting")
            _add(total, _forward(network, _inputs(padded, grid, places, spec, how), device, how), grid, places)
    for factor in grid.sums:
        total /= factor
    first = how.context if spec.dimension == "3d" else 0
    last = first + image.shape[1] - 2 * how.context
    return total[:, first:last, : image.shape[2], : image.shape[3]]


def _padded(image: NDArray[np.float32], spec: NetworkSpec) -> NDArray[np.float32]:
    """The image, mirrored at its ends up to what the network can halve."""
    halved = (1, spec.multiple if spec.dimension == "3d" else 1, spec.multiple, spec.multiple)
    pads = [(0, -length % multiple) for length, multiple in zip(image.shape, halved, strict=True)]
    return np.pad(image, pads, mode="reflect") if any(after for _, after in pads) else image


@contextmanager
def _inferring(network: Any, device: str, mixed_precision: bool) -> Iterator[None]:
    import torch

    was_training, kind = network.training, torch.device(device).type
    brain = kind == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False)
    half = torch.bfloat16 if brain else torch.float16
    network.eval()
    try:
        with torch.inference_mode(), torch.autocast(kind, half, enabled=mixed_precision):
            yield
    finally:
        network.train(was_training)


def _batches(grid: Grid, device: str) -> list[list[Place]]:
    places, voxels = grid.places, int(np.prod(grid.size))
    count = min(max(1, _BATCH_VOXELS[device.partition(":")[0]] // voxels), _MOST_BATCH)
    return [places[start : start + count] for start in range(0, len(places), count)]


def _inputs(
    image: NDArray[np.float32], grid: Grid, places: Sequence[Place], spec: NetworkSpec, how: Windows
) -> NDArray[np.float32]:
    """What enters the network: (batch, channels, [slices,] rows, columns)."""
    return np.stack([_window(image, grid.slices(place), spec, how) for place in places])


def _window(
    image: NDArray[np.float32], place: tuple[slice, slice, slice], spec: NetworkSpec, how: Windows
) -> NDArray[np.float32]:
    k, j, i = place
    if spec.dimension == "3d":
        return image[:, k, j, i]
    around = np.arange(k.start - spec.margin, k.start + spec.margin + 1) + how.context
    seen = image[:, np.clip(around, 0, image.shape[1] - 1), j, i]
    return np.asarray(seen.reshape(-1, *seen.shape[2:]))


def _forward(network: Any, batch: NDArray[np.float32], device: str, how: Windows) -> NDArray[np.float32]:
    """Probabilities (batch, classes, [slices,] rows, columns), the mean over the mirrored images where asked for."""
    import torch

    x = torch.from_numpy(np.ascontiguousarray(batch)).to(device)
    turns: list[tuple[int, ...]] = [(), (-1,), (-2,), (-2, -1)] if how.flips else [()]
    total = sum(torch.softmax(network(x.flip(axes)).float(), 1).flip(axes) for axes in turns)
    return np.asarray((total / len(turns)).cpu().numpy())


def _add(total: NDArray[np.float32], predicted: NDArray[np.float32], grid: Grid, places: Sequence[Place]) -> None:
    weight = grid.weight
    depth, rows, columns = grid.size
    for place, probabilities in zip(places, predicted, strict=True):
        seen = probabilities.reshape(len(total), -1, *probabilities.shape[-2:])[:, :depth, :rows, :columns]
        k, j, i = grid.slices(place)
        total[:, k, j, i] += weight * seen
