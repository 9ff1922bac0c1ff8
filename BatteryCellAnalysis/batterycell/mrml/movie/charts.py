"""Plots of a movie as nodes of Slicer's plots: a table, a series a particle or direction, a chart."""

from __future__ import annotations

from collections.abc import Sequence
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

from .chart_lines import Chart, charts_of, column_of, drawn_columns, lines_of, plotted_table, tables_of

TABLE, SERIES, CHART = "movie-plot-table", "movie-plot-series", "movie-plot"
_KIND = "BatteryCell.MoviePlot"
_COLORS = tuple(
    palette.to_rgb(one)
    for one in (palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.OVERHANG, palette.CAN)
)
_ROOM = 0.2
_BAND = (0.6, 0.6, 0.6)
Floats = NDArray[np.float64]


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
    table = tables_of(stages)[chart.table]
    with in_one_go(scene):
        for role in (SERIES, TABLE):
            for node in attached(owner, role):
                scene.RemoveNode(node)
        lines = lines_of(chart, table)
        shown = add_table(scene, plotted_table(chart, table, lines), f"{title} plot")
        _own(owner, shown, TABLE)
        node = chart_of(owner) or _own(owner, scene.AddNewNodeByClass("vtkMRMLPlotChartNode"), CHART)
        node.RemoveAllPlotSeriesNodeIDs()
        for number, name in enumerate(drawn_columns(chart, lines)):
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
    node.SetXAxisTitle(_titled(column_of(table, chart.across)))
    node.SetYAxisTitle(_titled(column_of(table, chart.upward)))
    node.SetLegendVisibility(bool(chart.each))
    _leave_room(node, table[chart.across].astype(float), bool(chart.each))


def _leave_room(node: Any, across: Floats, has_legend: bool) -> None:
    """The legend stands at the right end of the plot, where it would cover lines."""
    known = across[np.isfinite(across)]
    node.SetXAxisRangeAuto(not (has_legend and known.size))
    if has_legend and known.size:
        low, high = float(known.min()), float(known.max())
        node.SetXAxisRange(low, high + _ROOM * (high - low or 1.0))


def _titled(column: Column) -> str:
    return f"{column.title} [{column.units}]" if column.units else column.title


def _own(owner: Any, node: Any, role: str) -> Any:
    attach(owner, node, role)
    node.SetUndoEnabled(False)
    return node
