"""Radial profiles of the windings all around the cell, at a few heights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume

from .planes import EndPlanes, air_grey
from .roll import RollEnd, kept_roll_ends
from .sheets import find_pitch

Floats = NDArray[np.float64]

_BEYOND_MM = 1.0  # anodes' tips reach so far into what is taken for the roll's end: below it all cathodes stand
_BAND_MM = 0.6  # heights averaged into one profile
_APART_MM = 1.5  # bands of a short roll; a long one has _MOST of them
_MOST = 9
_MOST_ROWS = 12  # in a band
_FEWEST = 8.0  # slices in which an end of the roll could be told
_TANGENTIAL_VOXELS = (-1.0, 0.0, 1.0)


def band_heights(volume: Volume, cell: Cell, progress: Progress) -> Floats:
    """Heights at which the windings are traced, rising: some millimetres apart, and clear of the roll's ends.

    Raises:
        InputError: if the volume shows no jelly roll.
    """
    low, high = _roll_range(volume, cell, progress)
    half = min(_BAND_MM / 2, (high - low) / 2)
    count = int(np.clip(round((high - low) / _APART_MM) + 1, 2, _MOST))
    return np.linspace(low + half, high - half, count) if high - low > 2 * half else np.array([(low + high) / 2])


def sample_bands(
    volume: Volume, cell: Cell, heights: Floats, angles: Floats, progress: Progress | None = None
) -> list[EndPlanes]:
    """One radial profile a height and angle, each a mean over a band of heights and a few voxels along the sheets.

    Args:
        volume: The cell.
        cell: Where it stands.
        heights: Middles of the bands in mm.
        angles: Degrees.
        progress: Told how far it is.

    Returns:
        For each height, half-planes of one row, as `find_sheets` reads them.
    """
    axial, across = voxel_sizes(volume, cell.frame)
    radii = np.arange(across, 1.01 * cell.can.outer_radius_mm, across / 2)
    offsets = _rows(cell, axial)
    sampler = CylinderSampler(volume, cell.frame, float("nan"))
    profiles = np.empty((len(heights), len(offsets), len(radii), len(angles)), np.float32)

    def sample(number: int) -> None:
        band, row = divmod(number, len(offsets))
        profiles[band, row] = _across(sampler, angles, radii, float(heights[band] + offsets[row]), across)

    in_threads(sample, len(heights) * len(offsets), progress or Progress(), "tracing the windings")
    profiles -= np.float32(air_grey(volume, cell))
    bands = [_planes(np.moveaxis(band, -1, 1), angles, radii, (axial, across)) for band in profiles]
    return [replace(planes, walled=cell.has_can) for planes in bands]


def _rows(cell: Cell, axial: float) -> Floats:
    """Heights of a band's rows about its middle; a single slice has one."""
    low, high = cell.heights_mm
    if high - low < axial:
        return np.zeros(1)
    band = min(_BAND_MM, high - low)
    return np.asarray(np.linspace(-0.5, 0.5, int(np.clip(band / axial, 2, _MOST_ROWS))) * band, np.float64)


def _roll_range(volume: Volume, cell: Cell, progress: Progress) -> tuple[float, float]:
    """Heights between which only windings are seen; a few slices show no ends."""
    if cell.heights_mm[1] - cell.heights_mm[0] < _FEWEST * voxel_sizes(volume, cell.frame)[0]:
        return cell.heights_mm
    try:
        top, bottom = kept_roll_ends(volume, cell, progress)
    except InputError as error:
        if error.code != "no-end":
            raise
        return cell.heights_mm
    low, high = -bottom.level_mm, top.level_mm
    margin = min(_BEYOND_MM, (high - low) / 3)
    return low + margin * bottom.in_volume, high - margin * top.in_volume


def _across(
    sampler: CylinderSampler, angles: Floats, radii: Floats, height: float, voxel: float
) -> NDArray[np.float32]:
    """Mean over a few voxels along the sheets at one height, shape (r, a)."""
    shifts = np.degrees(np.array(_TANGENTIAL_VOXELS)[:, None] * voxel / (0.6 * radii[-1]))
    total = [sampler(angles + shift, radii[:, None], height, np.float32) for shift in shifts]
    return np.asarray(np.mean(total, axis=0), np.float32)


def _planes(rows: NDArray[np.float32], angles: Floats, radii: Floats, voxel: tuple[float, float]) -> EndPlanes:
    """Half-planes of one row from profiles of shape (h, a, r)."""
    known: NDArray[np.bool_] = np.isfinite(rows)
    body = np.where(known, rows, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    # Four pitches below an end lie within all depths that `find_sheets` looks at.
    end = RollEnd("middle", 1, 4 * find_pitch(body, radii), False)
    seen = np.asarray(known.any(axis=0))[:, None]
    return EndPlanes(end, angles, np.zeros(1), radii, body[:, None].astype(np.float32), seen, *voxel)
