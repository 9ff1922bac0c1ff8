"""What a close-up of one end of the jelly roll shows, in mm over radius and height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.points import end_points
from batterycell.orient import Cell, CellFrame
from batterycell.result import negative, readable
from batterycell.tables import Table

# Room around the found ends, as shares of the width.
_INTO_ROLL, _BEYOND, _SIDEWAYS = 0.095, 0.08, 0.045


@dataclass(frozen=True)
class CloseUp:
    """One end of the cell at one angle.

    Args:
        end: "top" or "bottom"; "" where nothing was read.
        rows: Its rows of the overhang table.
        cathodes: Radius and height of the cathode ends in mm, shape (rows, 2).
        anodes: The same of the anode ends.
        radii: First and last radius shown in mm.
        heights: First and last height shown in mm.
        can_radius: Outer radius of the can in mm.
    """

    end: str
    rows: Table
    cathodes: NDArray[np.float64]
    anodes: NDArray[np.float64]
    radii: tuple[float, float]
    heights: tuple[float, float]
    can_radius: float

    @classmethod
    def of_end(cls, rows: Table, cell: Cell, end: str) -> CloseUp:
        """Close up on one end, so that all ends found there are in the picture."""
        chosen = rows.where(rows["end"] == end)
        cathodes, anodes = _ends(chosen, cell.frame)
        low, high = (limit(np.concatenate([cathodes, anodes]), axis=0) for limit in (np.nanmin, np.nanmax))
        below, above = (_INTO_ROLL, _BEYOND) if end == "top" else (_BEYOND, _INTO_ROLL)
        radius = cell.can.outer_radius_mm
        width = radius - float(low[0])
        radii = (max(0.0, float(low[0]) - _SIDEWAYS * width), radius + _SIDEWAYS * width)
        heights = (float(low[1]) - below * width, float(high[1]) + above * width)
        return cls(end, chosen, cathodes, anodes, radii, heights, radius)

    @classmethod
    def of_nothing(cls, rows: Table, cell: Cell) -> CloseUp:
        """The whole half-plane, where nothing was read."""
        radius = cell.can.outer_radius_mm
        low, high = cell.heights_mm
        # A tall cell on a wide picture would be a very long one.
        middle, half = (low + high) / 2, min((high - low) / 2, radius)
        ends = _ends(rows, cell.frame)
        return cls("", rows, *ends, (0.0, radius * (1 + _SIDEWAYS)), (middle - half, middle + half), radius)

    @property
    def outward(self) -> int:
        """+1 where the roll ends upwards, −1 where it ends downwards."""
        return -1 if self.end == "bottom" else 1

    @property
    def roll_edge(self) -> float:
        """Height in mm beyond which lies no cathode."""
        heights = self.cathodes[np.isfinite(self.cathodes[:, 1]), 1]
        return float(np.median(heights)) if heights.size else self.heights[1]

    @property
    def read(self) -> NDArray[np.bool_]:
        """Which rows carry an overhang."""
        return readable(self.rows)

    @property
    def negative(self) -> NDArray[np.bool_]:
        """Which rows are negative, those whose anode's end cannot be read among them."""
        return negative(self.rows)

    @property
    def lines(self) -> NDArray[np.float64]:
        """From the cathode's level to the anode's end, shape (rows, 2, 2), halfway between the two sheets.

        There a line hides no sheet, and the two cathodes that share an anode keep a line and a caption each.
        """
        radius = (self.anodes[:, 0] + self.cathodes[:, 0]) / 2
        return np.stack([np.column_stack([radius, ends[:, 1]]) for ends in (self.cathodes, self.anodes)], axis=1)


def _ends(rows: Table, frame: CellFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cathodes, anodes = (frame.to_cylindrical(end_points(rows, part)) for part in ("cathode", "anode"))
    return np.column_stack(cathodes[1:]), np.column_stack(anodes[1:])
