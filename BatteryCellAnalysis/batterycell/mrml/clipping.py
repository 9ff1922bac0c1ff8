"""Cut a cell open in the 3D views: one ROI clips the volume rendering, the segments and the models.

The ROI is the truth: it belongs to the volume, follows its transform, can be dragged, is undone and saved. Everything
else is put right by `apply_cut`, which may be called at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.clip import Box, Cut, open_side, standing_frame
from batterycell.orient import Cell

from .carving import can_carve, carve, is_carved, mend
from .cell import attach, attached, role_of, volume_node_of
from .places import to_world
from .rendering import renderings
from .volumes import from_vtk_matrix, to_vtk_matrix, volume_from_node

ROI = "roi"
CLIP = "clip"
_KIND = "BatteryCell.Cut"
_AS_CUT = "BatteryCell.CutBox"
_REMOVES_INSIDE = "BatteryCell.RemovesInside"
_BEFORE = "BatteryCell.ClipBefore"
_WATCHED = "_batterycell_watched"
# How far above one looks from, in the distance to the side; and how far away, in sizes of the volume, for 30°.
FROM_ABOVE = 0.75
_DISTANCE = 1.6
_CLIPPED_DISPLAYS = ("vtkMRMLModelDisplayNode", "vtkMRMLSegmentationDisplayNode")


def cut_open(volume_node: Any, cut: Cut) -> Any:
    """Cut a cell open; a cut made before is replaced.

    Args:
        volume_node: The cell's volume.
        cut: In the volume's own RAS.

    Returns:
        The ``vtkMRMLMarkupsROINode``.
    """
    roi = roi_of(volume_node) or _add_roi(volume_node)
    changing = roi.StartModify()
    put_box(roi, cut.box)
    roi.SetAttribute(_REMOVES_INSIDE, str(int(cut.removes_inside)))
    roi.SetAttribute(_KIND, cut.kind)
    roi.SetAttribute(_AS_CUT, _text(box_of(roi)))
    roi.EndModify(changing)
    apply_cut(volume_node)
    return roi


def cut_of(volume_node: Any) -> Cut | None:
    """How a cell is cut open now, also after its ROI was dragged; None where it is whole."""
    roi = roi_of(volume_node)
    if roi is None:
        return None
    box = box_of(roi)
    kind = roi.GetAttribute(_KIND) if roi.GetAttribute(_AS_CUT) == _text(box) else None
    return Cut(kind or "hand", box, _removes_inside(roi))


def invert_cut(volume_node: Any, removes_inside: bool) -> None:
    """Take away what lies inside the ROI, or what lies outside."""
    roi_of(volume_node).SetAttribute(_REMOVES_INSIDE, str(int(removes_inside)))
    apply_cut(volume_node)


def reset_cut(volume_node: Any) -> None:
    """Show the whole cell, all segments and all models again, and remove the ROI."""
    scene = volume_node.GetScene()
    for roi in attached(volume_node, ROI):
        for node in (roi.GetDisplayNode(), roi):
            scene.RemoveNode(node)
    apply_cut(volume_node)


def look_into(camera: Any, volume_node: Any, cell: Cell | None = None) -> None:
    """Aim a 3D view at a cell: from above, and from the side that is cut open.

    Args:
        camera: The view's ``vtkMRMLCameraNode``.
        volume_node: The cell's volume.
        cell: Where the cell stands in it; without one, along the volume's own axes.
    """
    frame = standing_frame(volume_from_node(volume_node), cell)
    cut, bounds = cut_of(volume_node), [0.0] * 6
    side = open_side(cut, frame) if cut else frame.toward_j
    volume_node.GetBounds(bounds)
    low, high = np.array(bounds).reshape(3, 2).T
    middle, size = (low + high) / 2, float(np.linalg.norm(high - low))
    eye, up = to_world(volume_node, [frame.origin + side + FROM_ABOVE * frame.up, frame.origin + frame.up]) - (
        to_world(volume_node, frame.origin)
    )
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + _DISTANCE * size * eye / np.linalg.norm(eye)))
    camera.SetViewUp(*up)
    camera.ResetClippingRange()


def roi_of(volume_node: Any) -> Any:
    """The ``vtkMRMLMarkupsROINode`` that cuts a cell open; None where it is whole."""
    return next(iter(attached(volume_node, ROI)), None)


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


def show_handles(volume_node: Any, shown: bool) -> None:
    """Show the ROI with handles to drag, or hide it; it cuts all the same."""
    display = roi_of(volume_node).GetDisplayNode()
    display.SetVisibility(shown)
    display.SetHandlesInteractive(shown)


def has_handles(volume_node: Any) -> bool:
    """Whether the ROI is shown with its handles."""
    roi = roi_of(volume_node)
    return roi is not None and bool(roi.GetDisplayVisibility())


def apply_cut(volume_node: Any) -> None:
    """Let the ROI of a cell, if it has one, clip the 3D views, and nothing else of this cell.

    Displays that someone else's clip node clips are left alone.
    """
    roi, clip = roi_of(volume_node), next(iter(attached(volume_node, CLIP)), None)
    if roi is None:
        _remove_clip(volume_node, clip)
        return
    clip = clip or _add_clip(volume_node)
    _aim_clip(clip, roi)
    _watch(roi)
    for display in _displays(volume_node.GetScene()):
        _clip(display, clip)
    for display in renderings(volume_node):
        _cut_rendering(display, clip, roi)


def apply_cuts(scene: Any) -> None:
    """Cut all cells of a scene that have an ROI, e.g. of a copied scene: shaders are copied empty."""
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLMarkupsROINode")):
        roi = scene.GetNthNodeByClass(index, "vtkMRMLMarkupsROINode")
        if role_of(roi) == ROI and volume_node_of(roi) is not None:
            apply_cut(volume_node_of(roi))


def _add_roi(volume_node: Any) -> Any:
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


def _add_clip(volume_node: Any) -> Any:
    clip = volume_node.GetScene().AddNewNodeByClass("vtkMRMLClipNode", f"{volume_node.GetName()} clip")
    attach(volume_node, clip, CLIP)
    # It follows from the ROI.
    clip.SetUndoEnabled(False)
    return clip


def _aim_clip(clip: Any, roi: Any) -> None:
    if clip.GetNthClippingNodeID(0) != roi.GetID() or clip.GetNthClippingNode(0) is not roi:
        clip.RemoveAllClippingNodeIDs()
        clip.AddAndObserveClippingNodeID(roi.GetID())
    # Negative is the inside. Only that, in a union, is drawn without copying the volume.
    state = clip.ClipPositiveSpace if _removes_inside(roi) else clip.ClipNegativeSpace
    if clip.GetNthClippingNodeState(0) != state:
        clip.SetNthClippingNodeState(0, state)
    if clip.GetClipType() != clip.ClipUnion:
        clip.SetClipType(clip.ClipUnion)


def _cut_rendering(display: Any, clip: Any, roi: Any) -> None:
    if _removes_inside(roi) and can_carve(display):
        _unclip(display, clip)
        carve(display, _unit_box_to_world(roi))
    else:
        mend(display)
        _clip(display, clip)


def _watch(roi: Any) -> None:
    """Let carved renderings follow the ROI while it is dragged or turned; all else follows by itself."""
    if not getattr(roi, _WATCHED, False):
        setattr(roi, _WATCHED, True)
        for event in (roi.PointModifiedEvent, roi.TransformModifiedEvent):
            roi.AddObserver(event, _carve_again)


def _carve_again(roi: Any, _event: str) -> None:
    volume_node = volume_node_of(roi)
    for display in renderings(volume_node) if volume_node is not None else ():
        if is_carved(display):
            carve(display, _unit_box_to_world(roi))


def _clip(display: Any, clip: Any) -> None:
    if display.GetClipping() and display.GetClipNode() is not None:
        return
    if display.GetClipNode() is not clip:
        display.SetNodeReferenceID(_BEFORE, _id(display.GetClipNode()))
        display.SetAndObserveClipNodeID(clip.GetID())
    display.SetClipping(True)


def _unclip(display: Any, clip: Any) -> None:
    if display.GetClipNode() is clip:
        display.SetClipping(False)
        display.SetAndObserveClipNodeID(_id(display.GetNodeReference(_BEFORE)))
        display.SetNodeReferenceID(_BEFORE, None)


def _remove_clip(volume_node: Any, clip: Any) -> None:
    if clip is None:
        return
    scene = volume_node.GetScene()
    for display in [*_displays(scene), *renderings(volume_node)]:
        _unclip(display, clip)
    for display in renderings(volume_node):
        mend(display)
    scene.RemoveNode(clip)


def _id(node: Any) -> str | None:
    return node.GetID() if node else None


def _displays(scene: Any) -> Iterator[Any]:
    """The displays of all models and segmentations, but not of what Slicer itself draws with models."""
    for kind in _CLIPPED_DISPLAYS:
        for display in (scene.GetNthNodeByClass(index, kind) for index in range(scene.GetNumberOfNodesByClass(kind))):
            owner = display.GetDisplayableNode()
            if owner is not None and not owner.GetHideFromEditors():
                yield display


def _removes_inside(roi: Any) -> bool:
    return bool(roi.GetAttribute(_REMOVES_INSIDE) == "1")


def _unit_box_to_world(roi: Any) -> NDArray[np.float64]:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    # The ROI's own matrix to the world is late: it is renewed after those who wait for the transform were told.
    to_world = vtkMatrix4x4()
    if roi.GetParentTransformNode() is not None:
        roi.GetParentTransformNode().GetMatrixTransformToWorld(to_world)
    box = box_of(roi)
    return np.asarray(from_vtk_matrix(to_world) @ box.to_ras @ np.diag([*(box.size / 2), 1.0]))


def _text(box: Box) -> str:
    """A box as words that survive a scene file, which keeps fewer digits than memory does."""
    numbers: NDArray[np.float64] = np.concatenate([box.center, box.axes.ravel(), box.size])
    return " ".join(f"{number + 0.0:.3f}" for number in numbers.round(3) + 0.0)
