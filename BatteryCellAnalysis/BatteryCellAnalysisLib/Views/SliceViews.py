"""Slice views: show a volume, go to a point of it."""

from collections.abc import Sequence
from typing import Any

import qt
import slicer

# The group of Slicer's standard views; the unrolled cell, which lies elsewhere, has another.
CELL_VIEWS = 0


def showVolume(volume: Any) -> None:
    """Show a volume in all slice views, whole."""
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    resetThreeD()


def showLoaded(volume: Any) -> None:
    """Show a volume that was just loaded, whole, in three slice views and the 3D view."""
    isNew = showFourUp()
    showVolume(volume)
    if isNew:
        resetWhenLaidOut()


def showFourUp() -> bool:
    """Switch to three slice views and the 3D view; whether there was another layout."""
    layout, fourUp = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    if layout.layout == fourUp:
        return False
    layout.setLayout(fourUp)
    return True


def resetWhenLaidOut() -> None:
    """Fit all views once they have their new sizes, which is only after the window was laid out."""
    qt.QTimer.singleShot(0, resetViews)


def releaseRemoved() -> None:
    """Let the slice views go of volumes that were removed: they would keep the voxels until they show another."""
    logics = slicer.app.applicationLogic().GetSliceLogics()
    for logic in [logics.GetItemAsObject(index) for index in range(logics.GetNumberOfItems())]:
        for layer in (logic.GetBackgroundLayer(), logic.GetForegroundLayer()):
            if layer is not None and layer.GetVolumeNode() is None:
                layer.GetReslice().SetInputConnection(None)
                layer.GetResliceUVW().SetInputConnection(None)


def resetViews() -> None:
    """Fit all views to what they show."""
    slicer.util.resetSliceViews()
    resetThreeD()


def resetThreeD() -> None:
    """Fit the 3D views to what they show."""
    slicer.util.resetThreeDViews()


def goTo(volume: Any, ras: tuple[float, float, float]) -> None:
    """Bring the cross-hair and all slice views to a point in a volume's own RAS mm."""
    goToWorld(volume.GetScene(), _toWorld(volume, ras))


def goToWorld(scene: Any, world: Sequence[float]) -> None:
    """Bring the cross-hair and all slice views of the cell to a point, RAS mm as the views show it."""
    crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    crosshair.SetCrosshairMode(slicer.vtkMRMLCrosshairNode.ShowSmallBasic)
    # First the cross-hair: views that turn about the cell turn to it, and need not be moved then.
    crosshair.SetCrosshairRAS(*world)
    slicer.vtkMRMLSliceNode.JumpAllSlices(scene, *world, slicer.vtkMRMLSliceNode.OffsetJumpSlice, CELL_VIEWS)


def ownPlace(volume: Any, world: Sequence[float]) -> tuple[float, float, float]:
    """A place as the views show it, in a volume's own RAS mm."""
    own = [0.0, 0.0, 0.0]
    volume.TransformPointFromWorld(world, own)
    return own[0], own[1], own[2]


def _toWorld(volume: Any, ras: tuple[float, float, float]) -> list[float]:
    world = [0.0, 0.0, 0.0]
    volume.TransformPointToWorld(ras, world)
    return world
