"""Cut a cell open in the 3D views: one ROI clips the volume rendering, the segments and the models.

The ROI is the truth; everything else is put right by `apply_cut`, which may be called at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from batterycell.clip import Cut

from .carving import can_carve, carve, is_carved, mend
from .cell import attach, attached, role_of, volume_node_of
from .cut_roi import ROI, add_roi, put_cut, put_inverted, remove_roi, removes_inside, roi_of, unit_box_to_world
from .rendering import PREVIEW, remove_rendered, renderings

CLIP = "clip"
_BEFORE = "BatteryCell.ClipBefore"
_WATCHED = "_batterycell_watched"
_CLIPPED_DISPLAYS = ("vtkMRMLModelDisplayNode", "vtkMRMLSegmentationDisplayNode")


def cut_open(volume_node: Any, cut: Cut) -> Any:
    """Cut a cell open; a cut made before is replaced.

    Args:
        volume_node: The cell's volume.
        cut: In the volume's own RAS.

    Returns:
        The ``vtkMRMLMarkupsROINode``.
    """
    roi = roi_of(volume_node) or add_roi(volume_node)
    put_cut(roi, cut)
    apply_cut(volume_node)
    return roi


def invert_cut(volume_node: Any, inverted: bool) -> None:
    """Take away what lies inside the ROI (True), or what lies outside."""
    put_inverted(roi_of(volume_node), inverted)
    apply_cut(volume_node)


def reset_cut(volume_node: Any) -> None:
    """Show the whole cell, all segments and all models again, and remove the ROI."""
    for roi in attached(volume_node, ROI):
        remove_roi(roi)
    apply_cut(volume_node)


def apply_cut(volume_node: Any) -> None:
    """Let the ROI of a cell, if it has one, clip the 3D views, and nothing else of this cell.

    Displays that someone else's clip node clips are left alone.
    """
    roi, clip = roi_of(volume_node), next(iter(attached(volume_node, CLIP)), None)
    if roi is None:
        _make_whole(volume_node, clip)
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
    for roi in _nodes(scene, "vtkMRMLMarkupsROINode"):
        if role_of(roi) == ROI and volume_node_of(roi) is not None:
            apply_cut(volume_node_of(roi))


def remove_orphans(scene: Any) -> None:
    """Remove what cut or showed a cell whose volume was removed."""
    orphans = [node for node in _nodes(scene, "vtkMRMLNode") if role_of(node) and volume_node_of(node) is None]
    for node in orphans:
        if role_of(node) == PREVIEW:
            remove_rendered(node)
        elif role_of(node) == CLIP:
            _remove_clip(scene, node)
        elif role_of(node) == ROI:
            remove_roi(node)


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
    state = clip.ClipPositiveSpace if removes_inside(roi) else clip.ClipNegativeSpace
    if clip.GetNthClippingNodeState(0) != state:
        clip.SetNthClippingNodeState(0, state)
    if clip.GetClipType() != clip.ClipUnion:
        clip.SetClipType(clip.ClipUnion)


def _cut_rendering(display: Any, clip: Any, roi: Any) -> None:
    if removes_inside(roi) and can_carve(display):
        _unclip(display, clip)
        carve(display, unit_box_to_world(roi))
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
            carve(display, unit_box_to_world(roi))


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


def _make_whole(volume_node: Any, clip: Any) -> None:
    for display in renderings(volume_node):
        mend(display)
    if clip is not None:
        _remove_clip(volume_node.GetScene(), clip)


def _remove_clip(scene: Any, clip: Any) -> None:
    for display in [*_displays(scene), *_nodes(scene, "vtkMRMLVolumeRenderingDisplayNode")]:
        _unclip(display, clip)
    scene.RemoveNode(clip)


def _id(node: Any) -> str | None:
    return node.GetID() if node else None


def _displays(scene: Any) -> Iterator[Any]:
    """The displays of all models and segmentations, but not of what Slicer itself draws with models."""
    for kind in _CLIPPED_DISPLAYS:
        for display in _nodes(scene, kind):
            owner = display.GetDisplayableNode()
            if owner is not None and not owner.GetHideFromEditors():
                yield display


def _nodes(scene: Any, kind: str) -> list[Any]:
    every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [node for node in every if node.IsA(kind)]
