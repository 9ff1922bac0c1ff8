"""The layout with a view of its own for the unrolled cell, below the three slice views."""

from typing import Any

import slicer

from BatteryCellAnalysisLib.Views.Layouts import UNROLLED, addLayout

UNROLLED_VIEW = "Unrolled"
_COLOR = "#B8BEC6"
_STANDARD = (("Red", "Axial", "#F34A33"), ("Green", "Coronal", "#6EB04B"), ("Yellow", "Sagittal", "#EDD54C"))


def registerLayout() -> None:
    """Let Slicer know the layout; a saved scene that names it shows it only then."""
    addLayout(UNROLLED, _description())


def showUnrolledView() -> Any:
    """Switch to the layout; the slice widget of the unrolled cell."""
    registerLayout()
    slicer.app.layoutManager().setLayout(UNROLLED)
    return unrolledWidget()


def unrolledWidget() -> Any:
    """The slice widget of the unrolled cell; None while the layout was not shown yet."""
    return slicer.app.layoutManager().sliceWidget(UNROLLED_VIEW)


def isUnrolledViewShown() -> bool:
    """Whether the layout with the unrolled cell is the present one."""
    return slicer.app.layoutManager().layout == UNROLLED


def _description() -> str:
    standard = "".join(f"<item>{_view(*view)}</item>" for view in _STANDARD)
    unrolled = _view(UNROLLED_VIEW, "Coronal", _COLOR, "U", 1)
    return (
        '<layout type="vertical" split="true">'
        f'<item splitSize="620"><layout type="horizontal" split="true">{standard}</layout></item>'
        f'<item splitSize="380">{unrolled}</item>'
        "</layout>"
    )


def _view(name: str, orientation: str, color: str, label: str = "", group: int = 0) -> str:
    # A group of its own keeps linked slices, intersections and jumps of the cell out of the unrolled view.
    properties = {
        "orientation": orientation,
        "viewlabel": label or name[0],
        "viewcolor": color,
        "viewgroup": str(group),
    }
    inner = "".join(f'<property name="{key}" action="default">{value}</property>' for key, value in properties.items())
    return f'<view class="vtkMRMLSliceNode" singletontag="{name}">{inner}</view>'
