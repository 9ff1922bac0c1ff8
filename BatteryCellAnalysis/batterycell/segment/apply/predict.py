"""What a network says of an image: the probability of every class in every voxel, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.model.info import NetworkSpec

from .engine import Engine, make_engine
from .engine.blend import Blend
from .engine.room import largest_edge, smaller_edge
from .engine.windows import Grid, Place, cut

# Voxels of all windows at once: more is no faster. What is larger goes one by one.
_BATCH_VOXELS = {"cpu": 256 * 256, "cuda": 4_000_000}
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
        network: A ``torch.nn.Module`` on ``device``, left in the mode (training or not) it was in; or a network of
            onnxruntime, `batterycell.segment.model.portable.PortableNetwork`.
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
    engine, found = predict(network, image, spec, device, how, progress)
    return engine.fetch(found)


def predict(
    network: Any,
    image: NDArray[np.float32],
    spec: NetworkSpec,
    device: str = "cpu",
    how: Windows = _WHOLE,
    progress: Progress = _SILENT,
) -> tuple[Engine, Any]:
    """As `predict_probabilities`, and the array stays where it was computed: what computes, and its array.

    Raises:
        InputError: if the memory does not suffice for the smallest window.
    """
    edge = how.edge or largest_edge(spec, device)
    engine = make_engine(network, device, how.mixed_precision)
    while True:
        try:
            return engine, _predict(engine, image, spec, replace(how, edge=edge), progress)
        except (RuntimeError, MemoryError) as error:
            edge = smaller_edge(min(edge, max(image.shape[1:])), spec, error)


def _predict(engine: Engine, image: NDArray[np.float32], spec: NetworkSpec, how: Windows, progress: Progress) -> Any:
    padded = _padded(image, spec)
    depth = padded.shape[1] - 2 * how.context * (spec.dimension != "3d")
    grid = cut((depth, padded.shape[2], padded.shape[3]), spec, how.edge or 1, how.overlap)
    batches = _batches(_alike(padded, grid, spec, how), grid, engine.kind)
    with engine.running():
        blend = Blend(engine, grid, spec.classes)
        for number, places in enumerate(batches):
            progress.report(number / len(batches), "predicting")
            windows = np.stack([_window(padded, grid.slices(same[0]), spec, how) for same in places])
            blend.add(engine.probabilities(windows, how.flips), places)
        total = blend.mean()
    first = how.context if spec.dimension == "3d" else 0
    last = first + image.shape[1] - 2 * how.context
    return total[:, first:last, : image.shape[2], : image.shape[3]]


def _padded(image: NDArray[np.float32], spec: NetworkSpec) -> NDArray[np.float32]:
    """The image, mirrored at its ends up to what the network can halve."""
    halved = (1, spec.multiple if spec.dimension == "3d" else 1, spec.multiple, spec.multiple)
    pads = [(0, -length % multiple) for length, multiple in zip(image.shape, halved, strict=True)]
    return np.pad(image, pads, mode="reflect") if any(after for _, after in pads) else image


def _alike(image: NDArray[np.float32], grid: Grid, spec: NetworkSpec, how: Windows) -> list[list[Place]]:
    """The windows; those of one and the same grey value throughout together, as the network says the same of them."""
    found: dict[Any, list[Place]] = {}
    for place in grid.places:
        window = _window(image, grid.slices(place), spec, how)
        first, last = window.flat[0], window.flat[-1]
        is_plain = first == last and bool(np.all(window == first))
        found.setdefault(float(first) if is_plain else place, []).append(place)
    return list(found.values())


def _batches(windows: list[list[Place]], grid: Grid, kind: str) -> list[list[list[Place]]]:
    count = min(max(1, _BATCH_VOXELS[kind] // int(np.prod(grid.size))), _MOST_BATCH)
    return [windows[start : start + count] for start in range(0, len(windows), count)]


def _window(
    image: NDArray[np.float32], place: tuple[slice, slice, slice], spec: NetworkSpec, how: Windows
) -> NDArray[np.float32]:
    k, j, i = place
    if spec.dimension == "3d":
        return image[:, k, j, i]
    around = np.arange(k.start - spec.margin, k.start + spec.margin + 1) + how.context
    seen = image[:, np.clip(around, 0, image.shape[1] - 1), j, i]
    return np.asarray(seen.reshape(-1, *seen.shape[2:]))
