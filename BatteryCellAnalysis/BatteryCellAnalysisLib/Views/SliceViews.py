"""Slice views: show a volume, go to a point of it."""

from typing import Any

import slicer


def showVolume(volume: Any) -> None:
    """Show a volume in all slice views, whole."""
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    resetThreeD()


def resetViews() -> None:
    """Fit all views to what they show."""
    slicer.util.resetSliceViews()
    resetThreeD()


def resetThreeD() -> None:
    """Fit the 3D views to what they show."""
    slicer.util.resetThreeDViews()


def goTo(volume: Any, ras: tuple[float, float, float]) -> None:
    """Bring the cross-hair and all slice views to a point in a volume's own RAS mm."""
    world = _toWorld(volume, ras)
    slicer.vtkMRMLSliceNode.JumpAllSlices(volume.GetScene(), *world, slicer.vtkMRMLSliceNode.OffsetJumpSlice)
    crosshair = volume.GetScene().GetFirstNodeByClass("vtkMRMLCrosshairNode")
    crosshair.SetCrosshairRAS(*world)
    crosshair.SetCrosshairMode(slicer.vtkMRMLCrosshairNode.ShowSmallBasic)


def _toWorld(volume: Any, ras: tuple[float, float, float]) -> list[float]:
    world = [0.0, 0.0, 0.0]
    volume.TransformPointToWorld(ras, world)
    return world
