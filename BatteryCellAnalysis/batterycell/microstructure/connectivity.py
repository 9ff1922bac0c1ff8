"""How a class hangs together: what percolates, what is reached from one side, what is cut off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.label import label_instances
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .intervals import NOTHING, Estimate, estimate_share
from .representativity_cells import Cells

Floats = NDArray[np.float64]
AXES = "zyx"
_LARGE = 1 << 27


@dataclass(frozen=True)
class Connection:
    """How one class hangs together.

    Args:
        name: The class.
        parts: Number of its connected parts.
        shares: Share of the class by axis ("z", "y", "x") and kind ("through", "first", "last").
        isolated: Share that reaches no end of the image.
    """

    name: str
    parts: int
    shares: dict[tuple[str, str], Estimate]
    isolated: Estimate


def measure_connection(
    labels: SlabSource, value: int, name: str, cells: Cells, progress: Progress
) -> Connection:  # fmt: skip
    """Connected parts of a class over faces of voxels (6 neighbours; in cells of one slice's thickness 4).

    Memory: 4 bytes a voxel for the numbers of the parts, of large volumes in a temporary file; and a slab.
    """
    # A map of a file cannot be deleted on Windows while it is held; what stays is the system's to clear.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = _parts(labels, value, cells, _room(labels, Path(folder)), progress)
        return _no_connection(name, cells) if found is None else _connection(found, name, cells)


def _connection(found: Instances, name: str, cells: Cells) -> Connection:
    reached = _reached(found, cells)
    isolated = ~np.any([flags for (_, kind), flags in reached.items() if kind != "through"], axis=0)
    *shares, cut_off = _shares(found, [*reached.values(), isolated], cells)
    return Connection(name, found.count, dict(zip(reached, shares, strict=True)), cut_off)


def _no_connection(name: str, cells: Cells) -> Connection:
    keys = [(axis, kind) for axis in AXES[3 - cells.dimension :] for kind in _KINDS]
    return Connection(name, 0, dict.fromkeys(keys, NOTHING), NOTHING)


_KINDS = ("through", "first", "last")


def _parts(
    labels: SlabSource, value: int, cells: Cells, room: NDArray[np.uint32] | None, progress: Progress
) -> Instances | None:
    # A class may have the value 0, which is nothing to objects.
    own = SlabSource(labels.shape, np.dtype(np.uint8), lambda start, stop: _is(labels.read(start, stop), value))
    if not any((slab.array > 0).any() for slab in own.slabs()):
        return None
    settings = LabelSettings(cells.dimension, 6 if cells.dimension == 3 else 4, (1,), border="keep")
    return label_instances(own, cells.voxel_um, settings, progress, room)


def _room(labels: SlabSource, folder: Path) -> NDArray[np.uint32] | None:
    """Where the numbers of the parts go: None for memory, or a file."""
    if labels.voxels < _LARGE:
        return None
    return np.memmap(folder / "parts", np.uint32, "w+", shape=labels.shape)


def _is(values: NDArray[np.generic], value: int) -> NDArray[np.uint8]:
    return np.asarray(values == value).view(np.uint8)


def _reached(found: Instances, cells: Cells) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Which parts, (n + 1,), reach the ends of each axis."""
    reached = {}
    for axis in range(3 - cells.dimension, 3):
        first = found.boxes[:, axis] <= 0
        last = found.boxes[:, 3 + axis] >= cells.voxels[axis] - 1
        for kind, flags in zip(_KINDS, (first & last, first, last), strict=True):
            reached[AXES[axis], kind] = flags & (found.voxels > 0)
    return reached


def _shares(found: Instances, flags: list[NDArray[np.bool_]], cells: Cells) -> list[Estimate]:
    """Share of the class in the parts that each of some flags marks; most mark the same parts."""
    different, which = np.unique(np.array(flags), axis=0, return_inverse=True)
    different[:, 0] = False
    parts, whole = np.zeros((len(different), *cells.shape)), np.zeros(cells.shape)
    for slab in found.source.slabs(cells.slab_voxels):
        cells.add(whole, slab.start, slab.array > 0)
        for part, chosen in zip(parts, different, strict=True):
            cells.add(part, slab.start, chosen[slab.array])
    estimates = [estimate_share(part, whole) for part in parts]
    return [estimates[n] for n in which.ravel()]
