"""Maps of one end over winding and angle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Axis, Map
from batterycell.tables import Table

from .spread import is_read

Floats = NDArray[np.float64]


def overhang_maps(end: str, rows: Table) -> tuple[Map, ...]:
    """The lesser overhang on the two faces of each cathode, and the levels at which cathodes and anodes end.

    Args:
        end: "top" or "bottom".
        rows: The end's rows, with `OVERHANG_COLUMNS`.
    """
    grid = _Grid(rows)
    levels = rows["base_deviation_um"], rows["base_deviation_um"] + rows["overhang_axial_um"]
    outer = rows["side"] == "outer"
    seen = outer & np.isfinite(levels[0])
    return (
        grid.map((f"overhang_{end}_least_um", f"Lesser overhang, {end}",
                  "Lesser of the overhangs on the two faces of the cathode; places are the anode's end."),
                 (rows["overhang_um"], rows["uncertainty_um"]), grid.lesser(rows), "anode"),
        grid.map((f"overhang_{end}_cathode_level_um", f"Level of cathode ends, {end}",
                  "How much farther out along the axis the cathode ends than the median cathode of this end."),
                 (levels[0], None), np.flatnonzero(seen), "cathode"),
        grid.map((f"overhang_{end}_anode_level_um", f"Level of anode ends, {end}",
                  "How much farther out along the axis the anode on the cathode's outer face ends than the median "
                  "cathode of this end."),
                 (levels[1], None), np.flatnonzero(outer & is_read(rows)), "anode"),
    )  # fmt: skip


class _Grid:
    """Windings by angles, filled from chosen rows of a table."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._angles, self._column = np.unique(rows["angle_deg"], return_inverse=True)
        self._line = rows["winding"] - 1

    def lesser(self, rows: Table) -> NDArray[np.int64]:
        """Of each place the row that was read with the lesser overhang."""
        read = np.flatnonzero(is_read(rows))
        place = self._line[read] * len(self._angles) + self._column[read]
        order = np.lexsort((rows["overhang_um"][read], place))
        return np.asarray(read[order][np.unique(place[order], return_index=True)[1]], np.int64)

    def map(
        self, words: tuple[str, str, str], values: tuple[Floats, Floats | None], chosen: NDArray[np.int64], part: str
    ) -> Map:
        """A map of the values (and their uncertainties) of chosen rows, placed at the ends of one part.

        Args:
            words: Name, title and description.
            values: Of every row, shape (n,).
            chosen: At most one row a place.
            part: "anode" or "cathode".
        """
        windings = np.arange(1.0, float(self._line.max(initial=0)) + 2)
        place = np.stack([self._rows[f"{part}_{axis}_mm"] for axis in "ras"], axis=-1)
        value, u = (self._filled(one, chosen) if one is not None else None for one in values)
        assert value is not None
        return Map(words[0], words[1], "µm", words[2], Axis("winding", "Winding", "", windings),
                   Axis("angle_deg", "Angle", "deg", self._angles), value, self._filled(place, chosen), u)  # fmt: skip

    def _filled(self, values: Floats, chosen: NDArray[np.int64]) -> Floats:
        shape = (int(self._line.max(initial=0)) + 1, len(self._angles), *values.shape[1:])
        grid = np.full(shape, np.nan)
        grid[self._line[chosen], self._column[chosen]] = values[chosen]
        return grid
