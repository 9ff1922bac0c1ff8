"""The tables of a lot, from what is known of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table
from batterycell.tolerance.columns import TOLERANCE_DTYPES
from batterycell.volume import UM_PER_MM

from .columns import LOT_COLUMNS, LOT_VERDICT_COLUMNS, LOT_WORDS, VERDICT_COLUMNS
from .judging import Judged
from .statistics import Series

_AFTER_STATUS, _WORDS_AT_END = 2, 3


def cell_numbers(summary: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a summary, by column of `LOT_COLUMNS`; what a cell of another kind does not have is left out."""
    overhang, can = summary.get("overhang", {}).get("all", {}), summary.get("can", {})
    standing = summary.get("orientation", {})
    z, y, x = summary["voxel_size_zyx_um"]
    return {
        "values": overhang.get("n_readable"),
        "negatives": overhang.get("n_negative"),
        "overhang_mean_um": overhang.get("mean_um"),
        "overhang_mean_uncertainty_um": overhang.get("u_mean_um"),
        "overhang_sd_um": overhang.get("sd_um"),
        "overhang_min_um": overhang.get("min_um"),
        "overhang_median_um": overhang.get("median_um"),
        "overhang_max_um": overhang.get("max_um"),
        "windings": summary.get("windings"),
        "can_diameter_um": _in_um(can.get("outer_diameter_mm")),
        "can_diameter_uncertainty_um": _in_um(can.get("u_outer_diameter_mm")),
        "tilt_deg": standing.get("tilt_deg"),
        "top_from": standing.get("top_from", ""),
        "voxel_z_um": z,
        "voxel_y_um": y,
        "voxel_x_um": x,
    }


def lot_table(rows: Sequence[dict[str, Any]], judged: Sequence[Judged | None], series: Sequence[Series]) -> Table:
    """One row a cell: `LOT_COLUMNS` with `VERDICT_COLUMNS` after the status, and two columns a quantity.

    A quantity whose name `LOT_COLUMNS` hold already, e.g. the mean overhang, has no second column.
    """
    verdicts = [_verdict(one, series, number) for number, one in enumerate(judged)]
    whole = [{**row, **verdict} for row, verdict in zip(rows, verdicts, strict=True)]
    own = (*LOT_COLUMNS[:_AFTER_STATUS], *VERDICT_COLUMNS, *LOT_COLUMNS[_AFTER_STATUS:-_WORDS_AT_END])
    data = {column.name: _column(whole, column.name) for column in (*own, *LOT_COLUMNS[-_WORDS_AT_END:])}
    more = [one for one in series if one.name not in data]
    columns = tuple(column for one in more for column in _columns_of(one))
    for one in more:
        data |= {one.name: one.values, f"u_{one.name}": one.uncertainty}
    return Table((*own, *columns, *LOT_COLUMNS[-_WORDS_AT_END:]), data)


def verdict_table(cells: Sequence[str], judged: Sequence[Judged | None]) -> Table:
    """Nominal and actual values of every cell, `LOT_VERDICT_COLUMNS`."""
    known = [(cell, one.verdict.table) for cell, one in zip(cells, judged, strict=True) if one is not None]
    data: dict[str, NDArray[Any]] = {"cell": np.repeat([cell for cell, _ in known], [len(table) for _, table in known])}
    for column in LOT_VERDICT_COLUMNS[1:]:
        kind = TOLERANCE_DTYPES.get(column.name, float)
        data[column.name] = np.array([value for _, table in known for value in table[column.name].tolist()], kind)
    return Table(LOT_VERDICT_COLUMNS, {**data, "cell": data["cell"].astype(str)})


def _verdict(judged: Judged | None, series: Sequence[Series], number: int) -> dict[str, str]:
    if judged is None:
        return {}
    odd = "; ".join(one.name for one in series if one.odd[number])
    return {"verdict": judged.verdict.outcome, "verdict_why": judged.verdict.text, "odd": odd}


def _columns_of(one: Series) -> tuple[Column, Column]:
    title = one.title.rstrip(".")
    return (
        Column(one.name, title, one.units, f"{title} of the cell."),
        Column(f"u_{one.name}", f"± {title}", one.units, "Half width of its 95 % interval."),
    )


def _column(rows: Sequence[dict[str, Any]], name: str) -> Any:
    if name in LOT_WORDS:
        return np.array([row.get(name, "") for row in rows], str)
    values = [row.get(name) for row in rows]
    return np.array([np.nan if value is None else value for value in values], float)


def _in_um(value_mm: float | None) -> float | None:
    return None if value_mm is None else value_mm * UM_PER_MM
