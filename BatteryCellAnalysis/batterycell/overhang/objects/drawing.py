"""Overhang regions drawn on half-planes all around the cell: between measured ends, or as they were segmented."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.interpolation import interpolate
from batterycell.orient import Cell
from batterycell.overhang.labelled import LabelledCell, cut_label_planes
from batterycell.progress import Progress
from batterycell.reslice import voxel_sizes
from batterycell.volume import Volume
from batterycell.winding import RollEnd

from .regions import Regions

Floats = NDArray[np.float64]
Ids = NDArray[np.int32]

_MOST = 60_000_000  # pixels of one end's planes
_MARGIN_VOXELS = 2.0  # beyond the ends
_AMID = (0.35, 0.5, 0.65)  # of the overhang: where its thickness is looked at
_LEVEL = 1 / 3  # of the sheets' contrast: there the thickness counts


@dataclass(frozen=True)
class Drawn:
    """Regions on the half-planes of one end.

    Args:
        regions: What they are.
        ids: Number of the region (from 1) in each pixel, 0 where there is none, shape (a, h, r).
        heights: Outward heights of the rows in mm, evenly spaced, rising, shape (h,).
        radii: Radii of the columns in mm, evenly spaced, rising, shape (r,).
    """

    regions: Regions
    ids: Ids
    heights: Floats
    radii: Floats

    @property
    def steps(self) -> tuple[float, float]:
        """Height of a row and width of a column in mm."""
        return float(self.heights[1] - self.heights[0]), float(self.radii[1] - self.radii[0])

    @property
    def seen(self) -> Drawn:
        """Without the regions that are too small to show."""
        shown = np.bincount(self.ids.ravel(), minlength=len(self.regions) + 1)[1:] > 0
        number = np.concatenate([[0], np.where(shown, np.cumsum(shown), 0)]).astype(np.int32)
        return replace(self, regions=self.regions.chosen(np.flatnonzero(shown)), ids=number[self.ids])


def draw_between_ends(volume: Volume, cell: Cell, regions: Regions) -> Drawn:
    """Draw every region as a straight strip from the cathodes' levels to the anode's end, as thick as sheets show."""
    axial, across = voxel_sizes(volume, cell.frame)
    heights, radii = _grid(regions, axial / 2, across / 2)
    half = 0.5 * visible_thickness(volume, cell, regions, across)
    wide = half * np.hypot(1, regions.slope)[:, None]
    middle = regions.middle(heights)
    above = [heights >= _level(regions, face)[:, None] for face in (0, 1)]
    below = heights < regions.tip[:, 1:]
    step = float(radii[1] - radii[0])
    first, split, stop = ((edge - radii[0]) / step for edge in (middle - wide, middle, middle + wide))
    ids = np.zeros((len(regions.angles), len(heights), len(radii)), np.int32)
    _paint(ids, regions, (split, stop), above[0] & below)
    _paint(ids, regions, (first, split), above[1] & below)
    return Drawn(regions, ids, heights, radii)


def draw_segmented(cell: Cell, labelled: LabelledCell, regions: Regions, progress: Progress) -> Drawn:
    """The labels' own overhang, each pixel given to the sheet along whose midline it lies."""
    axial, across = voxel_sizes(labelled.labels, cell.frame)
    heights, _ = _grid(regions, axial / 2, across)
    level = float(heights.mean())
    reach = float(level - heights[0]), float(heights[-1] - level + axial / 4)
    end = RollEnd(regions.end, regions.sign, level, True)
    planes = cut_label_planes(cell, labelled, end, regions.angles, reach, progress)
    grid, inside = planes.planes, planes.overhang > 0.5
    margin = _MARGIN_VOXELS * axial
    middle = (regions.middle(grid.heights) - grid.radii[0]) / grid.radius_step
    low = np.nanmin(regions.level, axis=1)[:, None] - margin
    rows = (grid.heights >= low) & (grid.heights < regions.tip[:, 1:] + margin)
    ids = np.zeros(inside.shape, np.int32)
    _claim(ids, inside, regions, middle, rows, round(0.5 * regions.pitch_mm / grid.radius_step))
    return Drawn(regions, ids, grid.heights, grid.radii)


def visible_thickness(volume: Volume, cell: Cell, regions: Regions, across_mm: float) -> float:
    """Thickness in mm of the sheets amid their overhang: full width at a third of their mean profile's contrast.

    A third and not half, because the metal foil in the middle of a sheet is brighter than its coating.
    """
    offsets = np.arange(-0.6 * regions.pitch_mm, 0.6 * regions.pitch_mm, across_mm / 4)
    low = np.nanmean(regions.level, axis=1)
    profile = np.zeros(len(offsets))
    for part in _AMID:
        height = low + part * (regions.tip[:, 1] - low)
        radius = regions.tip[:, 0] + regions.slope * (height - regions.tip[:, 1])
        angle = regions.angles[regions.angle]
        ras = cell.frame.from_cylindrical(angle[:, None], radius[:, None] + offsets, (regions.sign * height)[:, None])
        profile += np.nan_to_num(np.nanmean(interpolate(volume, volume.to_ijk(ras)), axis=0))
    return float(np.clip(_width(profile, offsets), across_mm, regions.pitch_mm))


def _width(profile: Floats, offsets: Floats) -> float:
    middle = len(offsets) // 2
    peak = int(np.argmax(np.where(np.abs(offsets) < 0.3 * offsets[-1], profile, -np.inf)))
    dark = 0.5 * (profile[: middle + 1].min() + profile[middle:].min())
    high = profile > dark + _LEVEL * (profile[peak] - dark)
    left, right = np.flatnonzero(~high[:peak]), np.flatnonzero(~high[peak:])
    first = left[-1] + 0.5 if len(left) else 0.0
    last = peak + right[0] - 0.5 if len(right) else float(len(offsets) - 1)
    return float((last - first) * (offsets[1] - offsets[0]))


def _grid(regions: Regions, row_mm: float, column_mm: float) -> tuple[Floats, Floats]:
    """Rows and columns that hold all regions, coarser where they would be too many."""
    margin = 2 * _MARGIN_VOXELS * row_mm
    low, high = np.nanmin(regions.level) - 2 * margin, regions.tip[:, 1].max() + 2 * margin
    near, far = regions.tip[:, 0].min() - 2 * regions.pitch_mm, regions.tip[:, 0].max() + 2 * regions.pitch_mm
    pixels = len(regions.angles) * (high - low) / row_mm * (far - near) / column_mm
    coarser = max(1.0, float(np.sqrt(pixels / _MOST)))
    return np.arange(low, high, coarser * row_mm), np.arange(max(near, column_mm), far, coarser * column_mm)


def _level(regions: Regions, face: int) -> Floats:
    """Level at one face; where its cathode cannot be read, that of the other."""
    mine, other = regions.level[:, face], regions.level[:, 1 - face]
    return np.asarray(np.where(np.isfinite(mine), mine, other))


def _paint(ids: Ids, regions: Regions, span: tuple[Floats, Floats], rows: NDArray[np.bool_]) -> None:
    """Number all pixels whose middles lie between two columns (n, h) each in the chosen rows (n, h)."""
    region, row = np.nonzero(rows)
    first, stop = (np.ceil(edge[region, row]).astype(np.int64) for edge in span)
    for step in range(int((stop - first).max(initial=0))):
        column = first + step
        here = (column < stop) & (column >= 0) & (column < ids.shape[2])
        ids[regions.angle[region[here]], row[here], column[here]] = region[here] + 1


def _claim(
    ids: Ids, inside: NDArray[np.bool_], regions: Regions, middle: Floats, rows: NDArray[np.bool_], reach: int
) -> None:  # fmt: skip
    """Give the pixels inside to the region whose middle (n, h), as a column, is nearest, within reach of it."""
    region, row = np.nonzero(rows)
    plane, column = regions.angle[region], np.round(middle[region, row]).astype(np.int64)
    for step in sorted(range(-reach, reach + 1), key=abs):
        at = np.clip(column + step, 0, ids.shape[2] - 1)
        free = inside[plane, row, at] & (ids[plane, row, at] == 0)
        ids[plane[free], row[free], at[free]] = region[free] + 1
