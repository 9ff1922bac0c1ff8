"""What can be plotted of a movie, and the numbers of each plot's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Stage
from batterycell.tables import Column, Table

Floats = NDArray[np.float64]
# More lines than these nobody tells apart; the largest particles come first.
_MOST_LINES = 8


@dataclass(frozen=True)
class Chart:
    """What is drawn.

    Args:
        title: For people; also its name.
        table: Whose columns are drawn.
        across: Column along the horizontal axis.
        upward: Column along the vertical axis.
        each: Column whose values make a line each; empty for one line.
        words: Before the value of ``each`` in the legend.
        low: Column of the lower end of the interval, drawn as a thin line; empty for none.
        high: That of the upper end.
        half: Column of the half width of the interval, instead of both; empty for none.
    """

    title: str
    table: str
    across: str
    upward: str
    each: str = ""
    words: str = ""
    low: str = ""
    high: str = ""
    half: str = ""


CHARTS = (
    Chart("Lithium over time", "particle_kinetics", "time_s", "fraction", "particle", "particle"),
    Chart("Lithium over time", "particles", "time_s", "fraction", "particle", "particle"),
    Chart("C-rate over time", "particle_kinetics", "time_s", "c_rate_per_h", "particle", "particle"),
    Chart("Uniformity over time", "particle_kinetics", "time_s", "uniformity", "particle", "particle"),
    Chart("Uniformity over composition", "uniformity", "composition", "uniformity", "direction"),
    Chart("C-rate over composition", "uniformity", "composition", "c_rate_per_h", "direction"),
    Chart(
        "Exchange current j0(c)",
        "law",
        "composition",
        "exchange_per_h",
        low="exchange_low_per_h",
        high="exchange_high_per_h",
    ),
    Chart("Chemical potential μ(c)", "law", "composition", "mu_kt", half="u_mu_kt"),
    Chart("Left by the law", "law_points", "time_s", "chi", "movie", "movie"),
    Chart("Drift", "frames", "frame", "drift_row_px"),
)
_LEFT_OUT = "difference"


def charts_of(stages: Sequence[Stage]) -> dict[str, Chart]:
    """What can be drawn of stages, by title; a later stage's table is preferred."""
    tables = tables_of(stages)
    found: dict[str, Chart] = {}
    for chart in CHARTS:
        if chart.table in tables and _is_line(tables[chart.table], chart):
            found.setdefault(chart.title, chart)
    return found


def _is_line(table: Table, chart: Chart) -> bool:
    """Whether a table has two places or more to draw."""
    across, upward = table[chart.across].astype(float), table[chart.upward].astype(float)
    return len(np.unique(across[np.isfinite(across) & np.isfinite(upward)])) > 1


def tables_of(stages: Sequence[Stage]) -> dict[str, Table]:
    """The tables of stages by name."""
    return {name: table for stage in stages for name, table in stage.tables.items()}


def lines_of(chart: Chart, table: Table) -> dict[str, Table]:
    """The rows of each line, by its name in the legend."""
    if not chart.each:
        return {column_of(table, chart.upward).title: table}
    values = list(dict.fromkeys(table[chart.each].tolist()))
    chosen = [one for one in values if one != _LEFT_OUT][:_MOST_LINES]
    return {f"{chart.words} {one}".strip(): table.where(table[chart.each] == one) for one in chosen}


def plotted_table(chart: Chart, table: Table, lines: dict[str, Table]) -> Table:
    """Lines side by side, each with its own column along the axis, as long as the longest."""
    length = max(len(one) for one in lines.values())
    columns, data = [], {}
    for name, rows in lines.items():
        for key, values in (("x", rows[chart.across]), ("y", rows[chart.upward]), *_ends(chart, rows)):
            of = column_of(table, chart.across if key == "x" else chart.upward)
            columns.append(Column(f"{key} {name}", f"{of.title}, {name}", of.units, of.description))
            data[f"{key} {name}"] = np.pad(values.astype(float), (0, length - len(values)), constant_values=np.nan)
    return Table(tuple(columns), data)


def _ends(chart: Chart, rows: Table) -> list[tuple[str, Floats]]:
    """Both ends of the interval."""
    if chart.half:
        middle, half = rows[chart.upward], rows[chart.half]
        return [("low", middle - half), ("high", middle + half)]
    return [("low", rows[chart.low]), ("high", rows[chart.high])] if chart.low else []


def drawn_columns(chart: Chart, lines: dict[str, Table]) -> list[str]:
    """The columns of `plotted_table` that are drawn upward: each line, and the ends of its interval."""
    keys = ("y", "low", "high") if chart.half or chart.low else ("y",)
    return [f"{key} {name}" for name in lines for key in keys]


def column_of(table: Table, name: str) -> Column:
    """What a column means."""
    return next(column for column in table.columns if column.name == name)
