"""Sizes of pores: how large a sphere finds room where, and how long the pores are along each axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .intervals import Estimate, estimate_share
from .pores_room import Room, room_levels
from .representativity_cells import Cells
from .settings import MicrostructureSettings, slug

Floats = NDArray[np.float64]
PERCENTS = (10, 50, 90)


@dataclass(frozen=True)
class PoreSizes:
    """The size distribution of a class by volume (2D: area).

    Args:
        name: The class.
        diameters_um: Rising, shape (n,).
        below: Share of the class where no larger sphere finds room than the diameter, shape (n,), rising to 1.
        quantiles: D10, D50, D90, each with its interval.
        examined: Share of the volume that was looked at.
    """

    name: str
    diameters_um: Floats
    below: Floats
    quantiles: tuple[Estimate, ...]
    examined: float


def measure_pores(
    labels: SlabSource, value: int, name: str, cells: Cells, settings: MicrostructureSettings, progress: Progress
) -> PoreSizes | None:  # fmt: skip
    """Sizes of the spheres (2D: circles) that find room in a class (granulometry by opening).

    The size at a point is the diameter of the largest sphere that holds the point and lies wholly within the class
    (local thickness: Hildebrand and Rüegsegger 1997, J. Microscopy 185; granulometry: Serra 1982, ch. X). Spheres reach
    over the border as far as nothing is known to stand against them there. Memory: some 20 bytes a voxel of the block.
    Returns None where there is none of the class.
    """
    start, stop = _block(labels.shape, settings.pore_voxels)
    own = np.asarray(labels.read(start[0], stop[0])[:, start[1] : stop[1], start[2] : stop[2]] == value)
    if cells.dimension == 2:
        own = own[~own.all(axis=(1, 2))]  # what fills its slice has no size
    if not own.any() or own.all():
        return None
    block = Cells.of_volume(_shape(own), cells.voxel_um, cells.dimension)
    room = room_levels(own, cells.voxel_um, cells.dimension, progress)
    return _distribution(name, own, room, block, own.size / labels.voxels)


def _block(shape: tuple[int, int, int], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last (not included) voxel of a block in the middle, of the volume's proportions."""
    whole = np.array(shape)
    size = whole.copy()
    while size.prod() > most:
        size = np.maximum(1, np.minimum(size - 1, (size * 0.99).astype(int)))
    start = (whole - size) // 2
    return start, start + size


def _shape(array: NDArray[np.bool_]) -> tuple[int, int, int]:
    k, j, i = array.shape
    return k, j, i


def _distribution(name: str, own: NDArray[np.bool_], room: Room, cells: Cells, examined: float) -> PoreSizes:
    total = int(own.sum())
    counts = np.bincount(room.level[own], minlength=len(room.diameters_um))
    below = np.cumsum(counts) / total
    whole = _totals(own, cells)
    quantiles = tuple(_quantile(percent / 100, below, own, room, (whole, cells)) for percent in PERCENTS)
    return PoreSizes(name, room.diameters_um, below, quantiles, examined)


def _totals(values: NDArray[np.bool_], cells: Cells) -> Floats:
    totals = np.zeros(cells.shape)
    cells.add(totals, 0, values)
    return totals


def _quantile(share: float, below: Floats, own: NDArray[np.bool_], room: Room, grid: tuple[Floats, Cells]) -> Estimate:
    """A quantile, and the sizes at the ends of the interval of the share that lies below it (Woodruff 1952)."""
    whole, cells = grid
    level = int(np.searchsorted(below, share))
    found = estimate_share(_totals(own & (room.level <= level), cells), whole)
    reach = (found.low - found.value, found.high - found.value)
    value, low, high = (_at(share + more, below, room.diameters_um) for more in (0.0, *reach))
    return Estimate(value, low, high, found.spread)


def _at(share: float, below: Floats, diameters: Floats) -> float:
    """Diameter up to which a share lies; diameters of a level stand for all between it and the next smaller one."""
    if not np.isfinite(share):
        return float("nan")
    edges = np.concatenate([[diameters[0] / 2], (diameters[1:] + diameters[:-1]) / 2, [diameters[-1]]])
    return float(np.interp(share, np.concatenate([[0.0], below]), edges))


def pore_quantities(found: PoreSizes, dimension: int) -> Iterator[Quantity]:
    """D10, D50 and D90."""
    body, amount = ("sphere", "volume") if dimension == 3 else ("circle", "area")
    for percent, size in zip(PERCENTS, found.quantiles, strict=True):
        told = (
            f"In {percent} % of the {amount} of {found.name} no larger {body} finds room (opening by {body}s, local "
            f"thickness; Hildebrand and Rüegsegger 1997), on {100 * found.examined:.0f} % of what was imaged; interval "
            "of representativity of that share."
        )
        if dimension == 2:
            told += " In a section: openings of the section, smaller or larger than those in space."
        name = f"microstructure_{slug(found.name)}_opening_d{percent}_um"
        title = f"{found.name}: opening D{percent} by {amount}"
        yield Quantity(name, title, size.value, size.half, "µm", told)
