"""The voxels about a place, and what is expected in each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import RollGrid

Floats = NDArray[np.float64]

_FLANK_MM = np.arange(0.0, 1.0, 0.15)
_FEWEST, _MANY = 30, 2500  # voxels: of more, evenly chosen ones suffice


@dataclass(frozen=True)
class Surroundings:
    """The voxels about a place.

    Args:
        ras: Their centres, RAS mm, shape (n, 3).
        excess: Grey value above what is expected, shape (n,).
        expected: What is expected, shape (n,).
        contrasts: How much the middle is above the outside, in each direction that may foretell it: along the sheet
            at the same height, along the sheet in the same slice, along the axis; shape (3,).
    """

    ras: Floats
    excess: Floats
    expected: Floats
    contrasts: Floats


def look_around(grid: RollGrid, ras: Floats, clear_mm: float, reach_mm: float) -> Surroundings | None:
    """Hold the voxels about a place against what lies beside them in their own sheet.

    Expected is the median of what lies beyond the clear distance on both sides: along the sheet, or along the axis,
    whichever foretells the voxels outside the clear distance better.

    Args:
        grid: The roll.
        ras: The place, RAS mm.
        clear_mm: So far from it the inclusion may reach.
        reach_mm: Voxels nearer than this are taken.

    Returns:
        None where too few voxels lie in the volume.
    """
    voxels = _voxels(grid, ras, reach_mm)
    if len(voxels) < _FEWEST:
        return None
    places = grid.volume.to_ras(voxels)
    grey = grid.volume.array[tuple(voxels.T[::-1])].astype(float)
    shifts = np.concatenate([-clear_mm - _FLANK_MM, clear_mm + _FLANK_MM])
    distance = np.linalg.norm(places - ras, axis=1)
    excesses = [grey - one for one in _beside(grid, places, shifts)]
    best = min(excesses, key=lambda excess: _spread(excess[distance > clear_mm]))
    known = np.isfinite(best)
    if known.sum() < _FEWEST:
        return None
    contrasts = np.array([_contrast(excess, distance, clear_mm) for excess in excesses])
    return Surroundings(places[known], best[known], (grey - best)[known], contrasts)


def _contrast(excess: Floats, distance: Floats, clear_mm: float) -> float:
    """Mean of the voxels in the middle above the median of those outside; NaN where either is unknown."""
    middle = distance <= max(clear_mm / 3, float(np.sort(distance)[7]))
    inside, outside = (excess[mask & np.isfinite(excess)] for mask in (middle, distance > clear_mm))
    return float(inside.mean() - np.median(outside)) if len(inside) and len(outside) else float("nan")


def _voxels(grid: RollGrid, ras: Floats, reach_mm: float) -> NDArray[np.int64]:
    """Indices (i, j, k) of the voxels within a distance, shape (n, 3)."""
    middle, reach = grid.volume.to_ijk(ras), reach_mm / grid.volume.spacing_mm
    low = np.maximum(np.ceil(middle - reach), 0).astype(int)
    high = np.minimum(np.floor(middle + reach), np.array(grid.volume.array.shape[::-1]) - 1).astype(int)
    axes = [np.arange(a, b + 1) for a, b in zip(low, high, strict=True)]
    voxels = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    near = np.linalg.norm(grid.volume.to_ras(voxels) - ras, axis=1) <= reach_mm
    return np.asarray(voxels[near][:: max(1, int(near.sum()) // _MANY)])


def _beside(grid: RollGrid, ras: Floats, shifts: Floats) -> list[Floats]:
    """What is expected in three directions, each of shape (n,): see `Surroundings.contrasts`."""
    turns, depth, height = grid.to_winding(ras)
    along = turns + shifts[:, None] / (2 * np.pi * np.maximum(grid.radius(turns, height), 0.5))
    lifted, level = height + shifts[:, None], np.broadcast_to(height, along.shape)
    return [
        _median(grid, along, depth, level),
        _median(grid, along, depth, level - _rise(grid, ras, grid.place(along, depth, level))),
        _median(grid, np.broadcast_to(turns, lifted.shape), depth, lifted),
    ]


def _rise(grid: RollGrid, start: Floats, end: Floats) -> Floats:
    """By how much one has to go down along the axis to come from end places back into the slices of the starts."""
    axes = grid.volume.ijk_to_ras[:3, :3] / grid.volume.spacing_mm
    slices = axes[:, int(np.argmax(np.abs(grid.cell.frame.up @ axes)))]
    return np.asarray((end - start) @ slices / (grid.cell.frame.up @ slices))


def _median(grid: RollGrid, turns: Floats, depth: Floats, height: Floats) -> Floats:
    radius = (1 - depth) * grid.radius(turns, height) + depth * grid.radius(turns + 1, height)
    grey = grid.sampler(grid.angle(turns), radius, height, np.float32)
    if np.isfinite(grey).all():
        return np.asarray(np.median(grey, axis=0), float)
    empty = ~np.isfinite(grey).any(axis=0)
    grey[:, empty] = 0.0
    return np.where(empty, np.nan, np.nanmedian(grey, axis=0)).astype(float)


def _spread(values: Floats) -> float:
    """Mean absolute value, infinite where nothing is known: unlike a deviation it minds an offset too."""
    known = np.isfinite(values)
    return float(np.abs(values[known]).mean()) if known.sum() >= _FEWEST else float("inf")
