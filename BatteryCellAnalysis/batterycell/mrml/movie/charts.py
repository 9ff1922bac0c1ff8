"""Plots of a movie as nodes of Slicer's plots: a table, a series a particle or direction, a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.measured import Stage
from batterycell.mrml.batch import in_one_go
from batterycell.mrml.cell import attach, attached
from batterycell.mrml.names import set_name
from batterycell.mrml.tables import add_table
from batterycell.tables import Column, Table

TABLE, SERIES, CHART = "movie-plot-table", "movie-plot-series", "movie-plot"
_KIND = "BatteryCell.MoviePlot"
# More lines than these nobody tells apart; the largest particles come first.
_MOST_LINES = 8
_COLORS = tuple(
    palette.to_rgb(one)
    for one in (palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.OVERHANG, palette.CAN)
)
_ROOM = 0.2
_BAND = (0.6, 0.6, 0.6)
Floats = NDArray[np.float64]


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
    tables = _tables(stages)
    found: dict[str, Chart] = {}
    for chart in CHARTS:
        if chart.table in tables and _is_line(tables[chart.table], chart):
            found.setdefault(chart.title, chart)
    return found


def _is_line(table: Table, chart: Chart) -> bool:
    """Whether a table has two places or more to draw."""
    across, upward = table[chart.across].astype(float), table[chart.upward].astype(float)
    return len(np.unique(across[np.isfinite(across) & np.isfinite(upward)])) > 1


def show_chart(owner: Any, stages: Sequence[Stage], title: str) -> Any:
    """Put a plot into a scene, in place of an older one of the same movie.

    Args:
        owner: The movie's particles.
        stages: What was found.
        title: One of `charts_of`.

    Returns:
        The ``vtkMRMLPlotChartNode``.
    """
    scene, chart = owner.GetScene(), charts_of(stages)[title]
    table = _tables(stages)[chart.table]
    with in_one_go(scene):
        for role in (SERIES, TABLE):
            for node in attached(owner, role):
                scene.RemoveNode(node)
        lines = _lines(chart, table)
        shown = add_table(scene, _plotted(chart, table, lines), f"{title} plot")
        _own(owner, shown, TABLE)
        node = chart_of(owner) or _own(owner, scene.AddNewNodeByClass("vtkMRMLPlotChartNode"), CHART)
        node.RemoveAllPlotSeriesNodeIDs()
        for number, name in enumerate(_drawn(chart, lines)):
            node.AddAndObservePlotSeriesNodeID(_add_series(owner, shown, name, number, lines).GetID())
        _dress(node, chart, table)
    return node


def chart_of(owner: Any) -> Any:
    """The chart of a movie; None where there is none."""
    return next(iter(attached(owner, CHART)), None)


def title_of_chart(owner: Any) -> str:
    """What is drawn of a movie; empty for nothing."""
    chart = chart_of(owner)
    return str(chart.GetAttribute(_KIND) or "") if chart is not None else ""


def _tables(stages: Sequence[Stage]) -> dict[str, Table]:
    return {name: table for stage in stages for name, table in stage.tables.items()}


def _lines(chart: Chart, table: Table) -> dict[str, Table]:
    """The rows of each line, by its name in the legend."""
    if not chart.each:
        return {_column(table, chart.upward).title: table}
    values = list(dict.fromkeys(table[chart.each].tolist()))
    chosen = [one for one in values if one != _LEFT_OUT][:_MOST_LINES]
    return {f"{chart.words} {one}".strip(): table.where(table[chart.each] == one) for one in chosen}


def _plotted(chart: Chart, table: Table, lines: dict[str, Table]) -> Table:
    """Lines side by side, each with its own column along the axis, as long as the longest."""
    length = max(len(one) for one in lines.values())
    columns, data = [], {}
    for name, rows in lines.items():
        for key, values in (("x", rows[chart.across]), ("y", rows[chart.upward]), *_ends(chart, rows)):
            of = _column(table, chart.across if key == "x" else chart.upward)
            columns.append(Column(f"{key} {name}", f"{of.title}, {name}", of.units, of.description))
            data[f"{key} {name}"] = np.pad(values.astype(float), (0, length - len(values)), constant_values=np.nan)
    return Table(tuple(columns), data)


def _ends(chart: Chart, rows: Table) -> list[tuple[str, Floats]]:
    """Both ends of the interval."""
    if chart.half:
        middle, half = rows[chart.upward], rows[chart.half]
        return [("low", middle - half), ("high", middle + half)]
    return [("low", rows[chart.low]), ("high", rows[chart.high])] if chart.low else []


def _drawn(chart: Chart, lines: dict[str, Table]) -> list[str]:
    keys = ("y", "low", "high") if chart.half or chart.low else ("y",)
    return [f"{key} {name}" for name in lines for key in keys]


def _add_series(owner: Any, table: Any, name: str, number: int, lines: dict[str, Table]) -> Any:
    key, _, line = name.partition(" ")
    node = owner.GetScene().AddNewNodeByClass("vtkMRMLPlotSeriesNode")
    set_name(node, line if key == "y" else f"95 %, {key}")
    node.SetAndObserveTableNodeID(table.GetID())
    node.SetXColumnName(f"x {line}")
    node.SetYColumnName(name)
    node.SetPlotType(node.PlotTypeScatter)
    is_band = key != "y"
    node.SetMarkerStyle(node.MarkerStyleNone if is_band or len(lines) == 1 else node.MarkerStyleCircle)
    node.SetMarkerSize(5)
    node.SetLineStyle(node.LineStyleDash if is_band else node.LineStyleSolid)
    node.SetColor(*(_BAND if is_band else _COLORS[number % len(_COLORS)]))
    return _own(owner, node, SERIES)


def _dress(node: Any, chart: Chart, table: Table) -> None:
    set_name(node, chart.title)
    node.SetAttribute(_KIND, chart.title)
    node.SetTitle(chart.title)
    node.SetXAxisTitle(_titled(_column(table, chart.across)))
    node.SetYAxisTitle(_titled(_column(table, chart.upward)))
    node.SetLegendVisibility(bool(chart.each))
    _leave_room(node, table[chart.across].astype(float), bool(chart.each))


def _leave_room(node: Any, across: Floats, has_legend: bool) -> None:
    """The legend stands at the right end of the plot, where it would cover lines."""
    known = across[np.isfinite(across)]
    node.SetXAxisRangeAuto(not (has_legend and known.size))
    if has_legend and known.size:
        low, high = float(known.min()), float(known.max())
        node.SetXAxisRange(low, high + _ROOM * (high - low or 1.0))


def _column(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.name == name)


def _titled(column: Column) -> str:
    return f"{column.title} [{column.units}]" if column.units else column.title


def _own(owner: Any, node: Any, role: str) -> Any:
    attach(owner, node, role)
    node.SetUndoEnabled(False)
    return node
