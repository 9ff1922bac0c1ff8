"""The layout with two plot views, for loss and Dice, below the slice views."""

from typing import Any

import slicer
from BatteryCellAnalysisLib.Views.Layouts import TRAINING, addLayout

LOSS_VIEW, DICE_VIEW = "TrainingLoss", "TrainingDice"
_SLICES = (("Red", "Axial", "#F34A33"), ("Green", "Coronal", "#6EB04B"), ("Yellow", "Sagittal", "#EDD54C"))


class TrainLayout:
    """Switches to the layout with plots and back to the one before."""

    def __init__(self) -> None:
        self._before: int | None = None

    @property
    def isShown(self) -> bool:
        """Whether the layout with plots is the present one."""
        return slicer.app.layoutManager().layout == TRAINING

    def show(self) -> None:
        """Switch to the layout."""
        registerLayout()
        if not self.isShown:
            self._before = slicer.app.layoutManager().layout
            slicer.app.layoutManager().setLayout(TRAINING)

    def hide(self) -> None:
        """Go back to the layout before."""
        if self.isShown:
            fourUp = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
            slicer.app.layoutManager().setLayout(fourUp if self._before is None else self._before)
        self._before = None

    def put(self, lossChart: Any, diceChart: Any) -> None:
        """Show charts in the plot views, if they are there."""
        layout = slicer.app.layoutManager()
        charts = {LOSS_VIEW: lossChart, DICE_VIEW: diceChart}
        for index in range(layout.plotViewCount):
            node = layout.plotWidget(index).mrmlPlotViewNode()
            chart = charts.get(node.GetSingletonTag())
            if chart is not None:
                node.SetPlotChartNodeID(chart.GetID())
                _fit(layout.plotWidget(index).plotView(), chart)


def _fit(view: Any, chart: Any) -> None:
    """Fit the axes of a plot to its curves, but for a range that the chart states: Slicer's fit overwrites it."""
    isAuto, stated = chart.GetYAxisRangeAuto(), tuple(chart.GetYAxisRange())
    view.fitToContent()
    if not isAuto:
        chart.SetYAxisRangeAuto(False)
        chart.SetYAxisRange(*stated)


def registerLayout() -> None:
    """Let Slicer know the layout; a saved scene that names it shows it only then."""
    addLayout(TRAINING, _description())


def _description() -> str:
    slices = "".join(f"<item>{_slice(*view)}</item>" for view in _SLICES)
    plots = "".join(f"<item>{_plot(name)}</item>" for name in (LOSS_VIEW, DICE_VIEW))
    return (
        '<layout type="vertical" split="true">'
        f'<item splitSize="550"><layout type="horizontal" split="true">{slices}</layout></item>'
        f'<item splitSize="450"><layout type="horizontal" split="true">{plots}</layout></item>'
        "</layout>"
    )


def _slice(name: str, orientation: str, color: str) -> str:
    properties = {"orientation": orientation, "viewlabel": name[0], "viewcolor": color}
    inner = "".join(f'<property name="{key}" action="default">{value}</property>' for key, value in properties.items())
    return f'<view class="vtkMRMLSliceNode" singletontag="{name}">{inner}</view>'


def _plot(name: str) -> str:
    label = f'<property name="viewlabel" action="default">{name[8]}</property>'
    return f'<view class="vtkMRMLPlotViewNode" singletontag="{name}">{label}</view>'
