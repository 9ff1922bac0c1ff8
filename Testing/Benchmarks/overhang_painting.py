"""Paint a longitudinal plane as a person would, between the ends that the classical measurement found.

The bright sheets are painted with a brush that keeps to bright pixels: cathodes below their ends, anodes from the level
of the cathodes beside them up to their tips. Where the measurement could not read an end, nothing is painted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell.tables import Table
from batterycell.volume import Volume
from numpy.typing import NDArray

BACKGROUND, CATHODE, OVERHANG = 1, 2, 3
_HALF_PITCH = 5  # pixels: from a sheet's middle to the gaps beside it
_ANODE_HALF_WIDTH = 1.0
_BRIGHT = 0.5  # of the way from the gaps' grey value to the cathode's
_STEP = 0.7  # pixels that an anode's midline moves from row to row at most


def paint_plane(plane: Volume, table: Table) -> Volume:
    """Labels of a half-plane.

    Args:
        plane: Shape (1, rows, columns), as `reslice.cut_half_plane` gives it.
        table: Rows of the classical measurement of its angle.
    """
    grey = plane.array[0].astype(float)
    labels = np.full(grey.shape, BACKGROUND, np.uint8)
    cathodes, anodes = (_places(plane, table, part) for part in ("cathode", "anode"))
    for column, row in _distinct(cathodes):
        _paint_cathode(labels, grey, row, column)
    for column, row in _distinct(anodes):
        levels = cathodes[np.abs(anodes[:, 0] - column) < 0.01, 1]
        if np.isfinite(levels).any():
            _paint_anode(labels, grey, (row, column), float(np.nanmean(levels)))
    for column, row in cathodes[~np.isfinite(anodes[:, 0])]:
        _leave_open(labels, row, column, table, plane)
    return Volume(labels[None], plane.ijk_to_ras, plane.voxel_size_source, plane.name)


def _places(plane: Volume, table: Table, part: str) -> NDArray[np.float64]:
    """Columns and rows (n, 2) of ends in the plane."""
    ras = np.column_stack([table[f"{part}_{axis}_mm"] for axis in "ras"])
    return plane.to_ijk(ras)[:, :2]


def _distinct(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.unique(np.round(places[np.isfinite(places[:, 0])], 3), axis=0)


def _paint_cathode(labels: NDArray[Any], grey: NDArray[Any], row: float, column: float) -> None:
    first, middle = int(np.ceil(row)), column
    for j in range(first, len(grey)):
        window = np.arange(max(0, round(middle) - _HALF_PITCH), min(grey.shape[1], round(middle) + _HALF_PITCH + 1))
        line = grey[j, window]
        bright = line > line.min() + _BRIGHT * (np.median(np.sort(line)[-5:]) - line.min())
        near = window[bright & _joined(bright, round(middle) - window[0])]
        if len(near):
            labels[j, near] = CATHODE
            middle += float(np.clip(near.mean() - middle, -0.3, 0.3))


def _joined(bright: NDArray[np.bool_], start: int) -> NDArray[np.bool_]:
    """The run of bright pixels that holds a pixel."""
    from scipy.ndimage import label

    runs, _ = label(bright)
    joined: NDArray[np.bool_] = (runs == runs[start]) & bright[start]
    return joined


def _paint_anode(labels: NDArray[Any], grey: NDArray[Any], tip: tuple[float, float], level: float) -> None:
    row, middle = tip
    for j in range(int(np.ceil(row)), int(np.ceil(level))):
        near = np.arange(round(middle) - 2, round(middle) + 3)
        weight = np.maximum(grey[j, near] - grey[j, near].min(), 1e-6) ** 2
        middle += float(np.clip(np.average(near, weights=weight) - middle, -_STEP, _STEP))
        first = int(np.ceil(middle - _ANODE_HALF_WIDTH - 0.5))
        labels[j, first : first + 3] = OVERHANG


def _leave_open(labels: NDArray[Any], row: float, column: float, table: Table, plane: Volume) -> None:
    """Unknown about an anode that the measurement could not read."""
    if not np.isfinite(column):
        return
    reach = 2 * _HALF_PITCH + 2
    j, i = round(row), round(column)
    part = labels[max(0, j - 20) : j + 6, max(0, i - reach) : i + reach]
    part[part == BACKGROUND] = 0
