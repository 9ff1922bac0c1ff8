"""How a class hangs together: what percolates, what is reached from one side, what is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.instances import Instances
from batterycell.instances.label import label_instances
from batterycell.instances.settings import LabelSettings
from batterycell.measured import Quantity
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Column, Table

from .intervals import NOTHING, Estimate, estimate_share
from .representativity_cells import Cells
from .settings import slug

Floats = NDArray[np.float64]
AXES = "zyx"
COLUMNS = (
    Column("class", "Class", "", "Name of the class."),
    Column("axis", "Axis", "", "The axis: z across slices, y down, x to the right."),
    Column("kind", "Kind", "", "through: connected to both ends; first, last: to that end alone or not."),
    Column("share_percent", "Share", "%", "Share of the class that is so connected, over faces of voxels (2D: edges)."),
    Column("u_percent", "Uncertainty (95 %)", "%", "Half width of the interval of representativity."),
)  # fmt: skip


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

    Memory: 4 bytes a voxel for the numbers of the parts, beside a slab.
    """
    dimension = 2 if cells.dimension == 2 else 3
    found = _parts(labels, value, cells, dimension, progress)
    if found is None:
        axes = AXES[3 - dimension :]
        return Connection(name, 0, {(axis, kind): NOTHING for axis in axes for kind in _KINDS}, NOTHING)
    reached = _reached(found, labels.shape, dimension)
    isolated = ~np.any([flags for (_, kind), flags in reached.items() if kind != "through"], axis=0)
    *shares, cut_off = _shares(found, [*reached.values(), isolated], cells)
    return Connection(name, found.count, dict(zip(reached, shares, strict=True)), cut_off)


_KINDS = ("through", "first", "last")


def _parts(labels: SlabSource, value: int, cells: Cells, dimension: int, progress: Progress) -> Instances | None:
    # A class may have the value 0, which is nothing to objects.
    own = SlabSource(labels.shape, np.dtype(np.uint8), lambda start, stop: _is(labels.read(start, stop), value))
    if not any((slab.array > 0).any() for slab in own.slabs()):
        return None
    settings = LabelSettings(dimension, 6 if dimension == 3 else 4, (1,), border="keep")
    return label_instances(own, cells.voxel_um, settings, progress)


def _is(values: NDArray[np.generic], value: int) -> NDArray[np.uint8]:
    return np.asarray(values == value).view(np.uint8)


def _reached(found: Instances, shape: tuple[int, int, int], dimension: int) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Which parts, (n + 1,), reach the ends of each axis."""
    reached = {}
    for axis in range(3 - dimension, 3):
        first = found.boxes[:, axis] <= 0
        last = found.boxes[:, 3 + axis] >= shape[axis] - 1
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


def connection_quantities(found: Connection) -> Iterator[Quantity]:
    """Percolating share along each axis, and what is cut off."""
    start = f"microstructure_{slug(found.name)}"
    interval = "Neighbours over faces of voxels (2D: edges); interval of representativity, the paths taken as they are."
    for (axis, kind), share in found.shares.items():
        if kind == "through":
            told = f"Share of {found.name} that is connected to both ends of the image along {axis}. {interval}"
            name, title = f"{start}_percolating_{axis}_percent", f"{found.name}: percolates along {axis}"
            yield Quantity(name, title, 100 * share.value, 100 * share.half, "%", told)
    told = f"Share of {found.name} that is connected to no end of the image. {interval}"
    isolated = found.isolated.times(100)
    yield Quantity(f"{start}_isolated_percent", f"{found.name}: cut off", isolated.value, isolated.half, "%", told)


def connection_table(found: list[Connection]) -> Table:
    """One row a class, axis and kind of connection."""
    rows = [(one.name, *key, 100 * share.value, 100 * share.half) for one in found for key, share in one.shares.items()]
    kinds = (str, str, str, float, float)
    data: dict[str, NDArray[Any]] = {
        column.name: np.array([row[n] for row in rows], kind)
        for n, (column, kind) in enumerate(zip(COLUMNS, kinds, strict=True))
    }
    return Table(COLUMNS, data)
