"""A second scene that shows what a scene shows, for drawing: the first stays untouched, image data are shared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .clipping import apply_cuts
from .nodes import nodes_of
from .scene import close_scene, new_scene

# What can be seen, and what says how.
_DRAWN = (
    "vtkMRMLDisplayableNode",
    "vtkMRMLDisplayNode",
    "vtkMRMLAbstractViewNode",
    "vtkMRMLSliceCompositeNode",
    "vtkMRMLCameraNode",
    "vtkMRMLColorNode",
    "vtkMRMLVolumePropertyNode",
    "vtkMRMLShaderPropertyNode",
    "vtkMRMLClipNode",
    "vtkMRMLClipModelsNode",
    "vtkMRMLUnitNode",
    "vtkMRMLSelectionNode",
)
# Displayable nodes whose data may be large.
_SHARED = ("vtkMRMLVolumeNode", "vtkMRMLModelNode", "vtkMRMLSegmentationNode")
# A view looks through them, and what a scene draws by itself is drawn again.
_LEFT_OUT = ("vtkMRMLPlotSeriesNode", "vtkMRMLTableNode")


@contextmanager
def scratch_scene(scene: Any) -> Iterator[Any]:
    """Yield a scene of its own with a copy of every node that can be seen, under the same IDs.

    Voxels, meshes and segments are shared, not copied: change how the copies are shown, never what they hold.

    Args:
        scene: A scene of `new_scene`, or the application's.
    """
    scratch = new_scene()
    try:
        _fill(scratch, scene)
        apply_cuts(scratch)
        yield scratch
    finally:
        close_scene(scratch)


def _fill(scratch: Any, scene: Any) -> None:
    import slicer

    # In one go: references may point to nodes that come later.
    scratch.StartState(slicer.vtkMRMLScene.BatchProcessState)
    try:
        for node in nodes_of(scene):
            if _is_any(node, _DRAWN) and not _is_any(node, _LEFT_OUT):
                _copy(scratch, node)
        _restrict_to_views(scratch, scene)
    finally:
        scratch.EndState(slicer.vtkMRMLScene.BatchProcessState)


def _restrict_to_views(scratch: Any, scene: Any) -> None:
    """Show in some views only what is shown there: a copy forgets views that were not copied before it."""
    for node in nodes_of(scene):
        copy = scratch.GetNodeByID(node.GetID()) if node.IsA("vtkMRMLDisplayNode") else None
        if copy is not None and node.GetViewNodeIDs():
            copy.SetViewNodeIDs(node.GetViewNodeIDs())


def _copy(scratch: Any, node: Any) -> None:
    known = scratch.GetNodeByID(node.GetID())
    if known is not None:
        # Slicer's own colours are the same everywhere, units and views are not.
        if not node.IsA("vtkMRMLColorNode"):
            known.Copy(node)
            _copy_size(known, node)
        return
    if _is_any(node, _SHARED):
        _share(scratch, node)
        return
    copy = node.CreateNodeInstance()
    copy.CopyWithScene(node)
    copy.SetScene(None)
    scratch.AddNode(copy)
    _copy_size(copy, node)


def _copy_size(copy: Any, node: Any) -> None:
    """A slice view's size belongs to its widget for Slicer, and is not copied; its zoom would change with it."""
    if node.IsA("vtkMRMLSliceNode"):
        copy.SetDimensions(*node.GetDimensions())
        copy.SetFieldOfView(*node.GetFieldOfView())
        copy.UpdateMatrices()


def _share(scratch: Any, node: Any) -> None:
    copy = scratch.AddNewNodeByClassWithID(node.GetClassName(), node.GetName(), node.GetID())
    copy.CopyContent(node, False)
    copy.CopyReferences(node)


def _is_any(node: Any, kinds: tuple[str, ...]) -> bool:
    return any(node.IsA(kind) for kind in kinds)
