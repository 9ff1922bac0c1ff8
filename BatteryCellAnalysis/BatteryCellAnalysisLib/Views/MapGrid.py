"""The overhang map as a grid: which row of the table belongs to which winding and angle, and in which colour."""

from dataclasses import dataclass

import numpy as np
from batterycell import palette
from batterycell.result import negative, readable
from batterycell.tables import Table

# Anchors of the colour scale viridis, the one of the exported map.
_SCALE = ("#440154", "#414487", "#2A788E", "#22A884", "#7AD151", "#FDE725")
_PERCENTILES = (1, 99)
_NO_ROW = -1


@dataclass(frozen=True)
class MapGrid:
    """One end and side of a cell.

    Args:
        angles: Angle of each column in degrees, increasing, shape (n,).
        windings: Winding of each line, 1 is the outermost, shape (m,).
        rows: Row of the table for each cell, -1 for none, shape (m, n).
        colors: Colour of each cell as #RRGGBB, shape (m, n).
        limits: Overhang in µm at both ends of the colour scale, the same for all maps of a cell; NaN for none.
    """

    angles: np.ndarray
    windings: np.ndarray
    rows: np.ndarray
    colors: np.ndarray
    limits: tuple[float, float]

    def rowAt(self, x: float, y: float) -> int | None:
        """Row of the table at a place of the map, both 0..1 from the top left; None where there is none."""
        lines, columns = self.rows.shape
        line, column = int(y * lines), int(x * columns)
        if not (0 <= line < lines and 0 <= column < columns):
            return None
        row = int(self.rows[line, column])
        return None if row == _NO_ROW else row


def makeGrid(overhang: Table, end: str, side: str) -> MapGrid:
    """The map of one end and side of a cell."""
    chosen = np.flatnonzero((overhang["end"] == end) & (overhang["side"] == side))
    angles, columns = np.unique(overhang["angle_deg"][chosen], return_inverse=True)
    windings, lines = np.unique(overhang["winding"][chosen], return_inverse=True)
    rows = np.full((len(windings), len(angles)), _NO_ROW)
    rows[lines, columns] = chosen
    values = np.where(readable(overhang), overhang["overhang_um"], np.nan)
    limits = _limits(values)
    colors = np.array([_color(value, limits) for value in values] + [palette.UNREADABLE])
    colors[:-1][negative(overhang)] = palette.ALARM
    return MapGrid(angles, windings, rows, colors[rows], limits)


def scaleColor(fraction: float) -> str:
    """Colour of the scale at 0..1."""
    place = min(max(fraction, 0.0), 1.0) * (len(_SCALE) - 1)
    left = min(int(place), len(_SCALE) - 2)
    pair = np.array([palette.to_rgb(color) for color in _SCALE[left : left + 2]])
    red, green, blue = np.rint(255 * (pair[0] + (place - left) * (pair[1] - pair[0]))).astype(int)
    return f"#{red:02X}{green:02X}{blue:02X}"


def _limits(values: np.ndarray) -> tuple[float, float]:
    positive = values[values >= 0]
    low, high = np.percentile(positive, _PERCENTILES) if len(positive) else (np.nan, np.nan)
    return float(low), float(high)


def _color(value: float, limits: tuple[float, float]) -> str:
    if not np.isfinite(value):
        return palette.UNREADABLE
    low, high = limits
    return scaleColor((value - low) / (high - low) if high > low else 0.5)
