"""The ROI that cuts a cell open: it belongs to the volume, follows its transform, can be dragged, undone and saved."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.clip import Box, Cut

from .cell import attach, attached, volume_node_of
from .volumes import from_vtk_matrix, matrix_of, to_vtk_matrix

ROI = "roi"
_KIND = "BatteryCell.Cut"
_AS_CUT = "BatteryCell.CutBox"
_REMOVES_INSIDE = "BatteryCell.RemovesInside"


def roi_of(volume_node: Any) -> Any:
    """The ``vtkMRMLMarkupsROINode`` that cuts a cell open; None where it is whole."""
    return next(iter(attached(volume_node, ROI)), None)


def cut_of(volume_node: Any) -> Cut | None:
    """How a cell is cut open now, also after its ROI was dragged; None where it is whole."""
    roi = roi_of(volume_node)
    if roi is None:
        return None
    box = box_of(roi)
    kind = roi.GetAttribute(_KIND) if roi.GetAttribute(_AS_CUT) == _text(box, volume_node) else None
    return Cut(kind or "hand", box, removes_inside(roi))


def add_roi(volume_node: Any) -> Any:
    """Attach an ROI to a volume, without handles."""
    scene = volume_node.GetScene()
    roi = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode", f"{volume_node.GetName()} cut")
    roi.CreateDefaultDisplayNodes()
    display = roi.GetDisplayNode()
    display.SetSelectedColor(*palette.to_rgb(palette.FOREGROUND))
    display.SetColor(*palette.to_rgb(palette.FOREGROUND))
    display.SetFillVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    attach(volume_node, roi, ROI)
    display.SetUndoEnabled(True)
    show_handles(volume_node, False)
    return roi


def remove_roi(roi: Any) -> None:
    """Remove an ROI with its display."""
    for node in (roi.GetDisplayNode(), roi):
        roi.GetScene().RemoveNode(node)


def put_cut(roi: Any, cut: Cut) -> None:
    """Give an ROI a cut, in its volume's own RAS."""
    changing = roi.StartModify()
    put_box(roi, cut.box)
    put_inverted(roi, cut.removes_inside)
    roi.SetAttribute(_KIND, cut.kind)
    roi.SetAttribute(_AS_CUT, _text(box_of(roi), volume_node_of(roi)))
    roi.EndModify(changing)


def put_inverted(roi: Any, inverted: bool) -> None:
    """Let an ROI take away what lies inside it (True), or what lies outside."""
    roi.SetAttribute(_REMOVES_INSIDE, str(int(inverted)))


def box_of(roi: Any) -> Box:
    """The box of an ROI, in its volume's own RAS."""
    matrix = from_vtk_matrix(roi.GetObjectToNodeMatrix())
    return Box(matrix[:3, 3], matrix[:3, :3], np.array(roi.GetSize()))


def put_box(roi: Any, box: Box) -> None:
    """Give an ROI a box, in its volume's own RAS."""
    changing = roi.StartModify()
    roi.SetSize(*box.size)
    roi.SetAndObserveObjectToNodeMatrix(to_vtk_matrix(box.to_ras))
    roi.EndModify(changing)


def removes_inside(roi: Any) -> bool:
    """Whether an ROI takes away what lies inside it."""
    return bool(roi.GetAttribute(_REMOVES_INSIDE) == "1")


def unit_box_to_world(roi: Any) -> NDArray[np.float64]:
    """From coordinates in an ROI, -1 to 1 along each of its axes, to the world in mm, shape (4, 4)."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    # The ROI's own matrix to the world is late: it is renewed after those who wait for the transform were told.
    to_world = vtkMatrix4x4()
    if roi.GetParentTransformNode() is not None:
        roi.GetParentTransformNode().GetMatrixTransformToWorld(to_world)
    box = box_of(roi)
    return np.asarray(from_vtk_matrix(to_world) @ box.to_ras @ np.diag([*(box.size / 2), 1.0]))


def show_handles(volume_node: Any, shown: bool) -> None:
    """Show the ROI with handles to drag, or hide it; it cuts all the same."""
    roi = roi_of(volume_node)
    roi.CreateDefaultDisplayNodes()
    display = roi.GetDisplayNode()
    display.SetVisibility(shown)
    display.SetHandlesInteractive(shown)


def has_handles(volume_node: Any) -> bool:
    """Whether the ROI is shown with its handles."""
    roi = roi_of(volume_node)
    return roi is not None and bool(roi.GetDisplayVisibility())


def _text(box: Box, volume_node: Any) -> str:
    """A box in voxels, which stay when a volume is moved, in fewer digits than a scene file keeps."""
    from_ras = np.linalg.inv(matrix_of(volume_node))
    center = from_ras[:3, :3] @ box.center + from_ras[:3, 3]
    numbers: NDArray[np.float64] = np.concatenate([center, (from_ras[:3, :3] @ box.axes * box.size).ravel()])
    return " ".join(f"{number:.2f}" for number in numbers.round(2) + 0.0)
