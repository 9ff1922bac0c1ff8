"""The layout of a movie: two maps side by side, a plot below."""

from typing import Any

import slicer

from BatteryCellAnalysisLib.Views.Layouts import MOVIE, addLayout

LEFT, RIGHT, PLOT = "MovieLeft", "MovieRight", "MoviePlot"
# Views of a movie jump together, and not with those of a cell.
GROUP = 2


def registerMovieLayout() -> None:
    """Let Slicer know the layout; a saved scene that names it shows it only then."""
    addLayout(MOVIE, _description())


def showMovieLayout() -> bool:
    """Switch to the layout; whether there was another one."""
    registerMovieLayout()
    manager = slicer.app.layoutManager()
    if manager.layout == MOVIE:
        return False
    manager.setLayout(MOVIE)
    return True


def isMovieLayoutShown() -> bool:
    """Whether the layout of a movie is the present one."""
    return bool(slicer.app.layoutManager().layout == MOVIE)


def movieWidget(name: str) -> Any:
    """The slice widget of `LEFT` or `RIGHT`; None while the layout was not shown yet."""
    return slicer.app.layoutManager().sliceWidget(name)


def _description() -> str:
    left, right = _slice(LEFT, "1", "#F34A33"), _slice(RIGHT, "2", "#EDD54C")
    plot = f'<view class="vtkMRMLPlotViewNode" singletontag="{PLOT}">{_properties({"viewlabel": "P"})}</view>'
    return (
        '<layout type="vertical" split="true">'
        f'<item splitSize="620"><layout type="horizontal" split="true"><item>{left}</item><item>{right}</item></layout>'
        f'</item><item splitSize="380">{plot}</item>'
        "</layout>"
    )


def _slice(name: str, label: str, color: str) -> str:
    properties = {"orientation": "Axial", "viewlabel": label, "viewcolor": color, "viewgroup": str(GROUP)}
    return f'<view class="vtkMRMLSliceNode" singletontag="{name}">{_properties(properties)}</view>'


def _properties(values: dict[str, str]) -> str:
    return "".join(f'<property name="{key}" action="default">{value}</property>' for key, value in values.items())
