"""Maps as pictures of small squares: which colour each place has, and what lies under a click."""

from dataclasses import dataclass

import numpy as np
from batterycell import palette
from batterycell.measured import Map
from batterycell.result import negative, readable
from batterycell.tables import Table

_PERCENTILES = (1, 99)
_NO_ROW = -1


@dataclass(frozen=True)
class MapGrid:
    """A map as it is drawn.

    Args:
        colors: Red, green and blue of each place, shape (m, n, 3).
        limits: Values at both ends of the colour scale; NaN for none.
        rows: Number of each place, -1 for what leads nowhere, shape (m, n).
    """

    colors: np.ndarray
    limits: tuple[float, float]
    rows: np.ndarray

    def rowAt(self, x: float, y: float) -> int | None:
        """Number of the place at a point of the picture, both 0..1 from the top left; None where there is none."""
        lines, columns = self.rows.shape
        line, column = int(y * lines), int(x * columns)
        if not (0 <= line < lines and 0 <= column < columns):
            return None
        row = int(self.rows[line, column])
        return None if row == _NO_ROW else row


def makeOverhangGrid(overhang: Table, end: str, side: str) -> MapGrid:
    """The map of one end and side of a cell, winding by angle; places are rows of the table."""
    chosen = np.flatnonzero((overhang["end"] == end) & (overhang["side"] == side))
    angles, columns = np.unique(overhang["angle_deg"][chosen], return_inverse=True)
    windings, lines = np.unique(overhang["winding"][chosen], return_inverse=True)
    rows = np.full((len(windings), len(angles)), _NO_ROW)
    rows[lines, columns] = chosen
    values = np.where(readable(overhang), overhang["overhang_um"], np.nan)
    limits = _limits(values[values >= 0])
    colors = np.concatenate([palette.scale_colors(_fractions(values, limits)), [palette.to_bytes(palette.UNREADABLE)]])
    colors[:-1][negative(overhang)] = palette.to_bytes(palette.ALARM)
    return MapGrid(colors[rows], limits, rows)


def makeGrid(found: Map) -> MapGrid:
    """A stage's map, heights upward; places count along its rows."""
    numbers = np.where(
        np.isfinite(found.places).all(axis=2), np.arange(found.values.size).reshape(found.values.shape), _NO_ROW
    )
    limits = _limits(found.values[np.isfinite(found.values)])
    colors = palette.scale_colors(_fractions(found.values, limits))
    upward = slice(None, None, -1 if isUpward(found) else 1)
    return MapGrid(colors[upward], limits, numbers[upward])


def isUpward(found: Map) -> bool:
    """Whether a map is drawn as the cell stands: heights run up, windings down from the outermost."""
    return found.rows.units == "mm"


def _fractions(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    low, high = limits
    return (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.5)


def _limits(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, _PERCENTILES) if len(values) else (np.nan, np.nan)
    return float(low), float(high)
