"""A histogram of objects as nodes of Slicer's plots: its classes as a table, a series of bars, a chart."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from batterycell import palette
from batterycell.instances.histogram import VOLUME, Histogram
from batterycell.tables import Column, Table

from .batch import in_one_go
from .cell import attach, attached
from .names import name_of, set_name
from .tables import add_table

TABLE, SERIES, CHART = "objects-histogram", "objects-series", "objects-chart"
_CHOICE = "BatteryCell.Histogram"


def show_histogram(objects_node: Any, found: Histogram) -> Any:
    """Put a histogram into a scene, in place of an older one of the same objects.

    Returns:
        The ``vtkMRMLPlotChartNode``.
    """
    scene = objects_node.GetScene()
    with in_one_go(scene):
        for role in (TABLE, SERIES):
            for node in attached(objects_node, role):
                scene.RemoveNode(node)
        table = add_table(scene, histogram_table(found), f"{name_of(objects_node)} histogram")
        attach(objects_node, table, TABLE)
        series = _add_series(objects_node, found, table)
        chart = chart_of(objects_node) or _add_chart(objects_node)
        _dress(chart, found)
        chart.RemoveAllPlotSeriesNodeIDs()
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return chart


def chart_of(objects_node: Any) -> Any:
    """The chart of the histogram of objects; None where there is none."""
    return next(iter(attached(objects_node, CHART)), None)


def choice_of(objects_node: Any) -> tuple[str, str] | None:
    """Measure and weight of the histogram of objects; None where there is none."""
    chart = chart_of(objects_node)
    values = json.loads(chart.GetAttribute(_CHOICE) or "null") if chart is not None else None
    return (str(values[0]), str(values[1])) if values else None


def is_series_of(objects_node: Any, series_id: str) -> bool:
    """Whether a series of a plot is the histogram of objects."""
    return any(node.GetID() == series_id for node in attached(objects_node, SERIES))


def histogram_table(found: Histogram) -> Table:
    """A histogram as a table, one row a class."""
    column = found.column
    title = _height_title(found)
    columns = (
        Column("middle", _place_title(found), "", "Middle of the class, as it is drawn."),
        Column("height", title, "", "How many objects it holds, or what share of their volume."),
        Column("from", f"{column.title} from", column.units, "Lower limit of the class."),
        Column("to", f"{column.title} to", column.units, "Upper limit of the class."),
    )
    data = {"middle": found.middles, "height": found.heights, "from": found.edges[:-1], "to": found.edges[1:]}
    return Table(columns, {name: np.asarray(values, float) for name, values in data.items()})


def _add_series(objects_node: Any, found: Histogram, table: Any) -> Any:
    series = objects_node.GetScene().AddNewNodeByClass("vtkMRMLPlotSeriesNode")
    set_name(series, _height_title(found))
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("middle")
    series.SetYColumnName("height")
    series.SetPlotType(series.PlotTypeScatterBar)
    series.SetColor(*palette.to_rgb(palette.ANODE))
    attach(objects_node, series, SERIES)
    return series


def _add_chart(objects_node: Any) -> Any:
    chart = objects_node.GetScene().AddNewNodeByClass("vtkMRMLPlotChartNode")
    set_name(chart, f"{name_of(objects_node)} chart")
    chart.SetLegendVisibility(False)
    attach(objects_node, chart, CHART)
    return chart


def _dress(chart: Any, found: Histogram) -> None:
    chart.SetAttribute(_CHOICE, json.dumps([found.column.name, found.weight]))
    chart.SetTitle(found.column.title)
    chart.SetXAxisTitle(_place_title(found))
    chart.SetYAxisTitle(_height_title(found))
    middles = found.middles
    half = (middles[1] - middles[0]) / 2 if len(middles) > 1 else 0.5
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(middles[0] - half, middles[-1] + half)
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, 1.05 * float(found.heights.max(initial=0.0)) or 1.0)


def _place_title(found: Histogram) -> str:
    column = found.column
    title = f"{column.title} [{column.units}]" if column.units else column.title
    return f"log10 of {title}" if found.is_log else title


def _height_title(found: Histogram) -> str:
    return "Share of the volume [%]" if found.weight == VOLUME else "Objects"
