"""The curves of a training in Slicer's plot views: loss, and the Dice of each class in its colour."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from batterycell import palette
from batterycell.mrml.batch import in_one_go
from batterycell.segment import SegmentClass
from batterycell.segment.train.history import HISTORY_COLUMNS, history_columns
from batterycell.tables import Column, Table

from .project_tables import mark, project_node_of, put_table

TRAINING, LOSS_CHART, DICE_CHART = "training", "training-loss", "training-dice"
_MEAN_DICE = "mean_dice"
# The legend stands at the right edge, where curves would end.
_LEGEND = 1.5
_FEWEST_EPOCHS = 5
# On the chart of the Dice: the table and the classes that it shows.
_SHOWN = "BatteryCell.Shown"


def show_training(scene: Any, history: Table, classes: Sequence[SegmentClass]) -> tuple[Any, Any]:
    """Show the course of a training; called again after each epoch, it refreshes what is there.

    Args:
        scene: The scene.
        history: As of ``segment.train.history.read_history``: epoch, loss, mean_dice and one ``dice_…`` a class.
        classes: The classes in order, for their colours.

    Returns:
        The ``vtkMRMLPlotChartNode`` of the loss, and of the Dice.
    """
    table = put_table(scene, TRAINING, history, "Training")
    charts = project_node_of(scene, LOSS_CHART), project_node_of(scene, DICE_CHART)
    looks = json.dumps([table.GetID(), [asdict(one) for one in classes]])
    if None in charts or charts[1].GetAttribute(_SHOWN) != looks:
        with in_one_go(scene):
            _remove_curves(scene)
            charts = _add_charts(scene, table, classes)
            charts[1].SetAttribute(_SHOWN, looks)
    charts[1].SetXAxisRange(0.0, max(_FEWEST_EPOCHS, len(history)) * _LEGEND)
    return charts


def remove_training(scene: Any) -> None:
    """Remove the table and the curves of a training."""
    _remove_curves(scene)
    table = project_node_of(scene, TRAINING)
    if table is not None:
        scene.RemoveNode(table)


def dice_columns(classes: Sequence[SegmentClass]) -> tuple[Column, ...]:
    """The columns of a training's table that hold the Dice of each class."""
    return history_columns(classes)[len(HISTORY_COLUMNS) :]


def _add_charts(scene: Any, table: Any, classes: Sequence[SegmentClass]) -> tuple[Any, Any]:
    loss = _add_chart(scene, LOSS_CHART, "Loss", [_add_curve(scene, table, "loss", "Loss", palette.INK)])
    mean = _add_curve(scene, table, _MEAN_DICE, "mean", palette.INK)
    mean.SetLineStyle(mean.LineStyleDash)
    pairs = zip(dice_columns(classes), classes, strict=True)
    curves = [_add_curve(scene, table, column.name, one.name, one.color) for column, one in pairs]
    chart = _add_chart(scene, DICE_CHART, "Dice", [mean, *curves])
    chart.SetXAxisRangeAuto(False)
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, 1.0)
    return loss, chart


def _add_chart(scene: Any, kind: str, title: str, curves: Sequence[Any]) -> Any:
    chart = scene.AddNewNodeByClass("vtkMRMLPlotChartNode", f"Training {title.lower()}")
    chart.SetTitle(title)
    chart.SetXAxisTitle("Epoch")
    chart.SetYAxisTitle(title)
    chart.SetLegendVisibility(len(curves) > 1)
    for curve in curves:
        chart.AddAndObservePlotSeriesNodeID(curve.GetID())
    mark(chart, kind)
    return chart


def _add_curve(scene: Any, table: Any, column: str, name: str, color: str) -> Any:
    curve = scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", name)
    curve.SetAndObserveTableNodeID(table.GetID())
    curve.SetPlotType(curve.PlotTypeScatter)
    curve.SetXColumnName("epoch")
    curve.SetYColumnName(column)
    curve.SetColor(*palette.to_rgb(color))
    # A first epoch is a point: a line alone would not show it.
    curve.SetMarkerStyle(curve.MarkerStyleCircle)
    curve.SetMarkerSize(4.0)
    curve.SetLineWidth(2.0)
    return curve


def _remove_curves(scene: Any) -> None:
    charts = (project_node_of(scene, kind) for kind in (LOSS_CHART, DICE_CHART))
    for chart in [chart for chart in charts if chart is not None]:
        curves = [chart.GetNthPlotSeriesNode(index) for index in range(chart.GetNumberOfPlotSeriesNodes())]
        for node in [chart, *(curve for curve in curves if curve is not None)]:
            scene.RemoveNode(node)
