"""Slicer's own views, drawn without a screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.mrml.views import add_slice_view, aim_slice_view

from .off_screen import OffScreenView

_SLICE_MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
)
_3D_MANAGERS = (
    "vtkMRMLVolumeRenderingDisplayableManager",
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
)


def slice_picture(
    scene: Any, volume_node: Any, orientation: str, matrix: NDArray[np.float64], size_mm: tuple[float, float]
) -> NDArray[np.uint8]:
    """A slice view of a volume with the scene's markups and Slicer's ruler, shape (570, 800, 3).

    Args:
        scene: A scene made by `new_scene`.
        volume_node: The volume to show.
        orientation: "axial", "sagittal" or "coronal": which of Slicer's views.
        matrix: Slice to RAS, shape (4, 4).
        size_mm: Width and height to fit in.
    """
    import slicer

    from .panels import VIEW_SIZE

    node, layers = add_slice_view(scene, orientation, volume_node)
    node.SetDimensions(*VIEW_SIZE, 1)
    node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeThick)
    aim_slice_view(node, matrix, size_mm)
    return draw_slice(scene, node, layers, VIEW_SIZE)


def draw_slice(scene: Any, node: Any, layers: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """What a slice view shows, with Slicer's markups, models and segments, shape (height, width, 3).

    Args:
        scene: A scene made by `new_scene`.
        node: Its ``vtkMRMLSliceNode``, aimed; its dimensions become the picture's.
        layers: Its ``vtkMRMLSliceCompositeNode``.
        size: Width and height in pixels.
    """
    import slicer

    view = OffScreenView(scene, size)
    _add_overlay(view)
    node.SetDimensions(*size, 1)
    logic = _slice_logic(view, node, layers)
    view.connect(slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance(), _SLICE_MANAGERS, node)
    node.UpdateMatrices()
    _show_slice(view, logic)
    return view.picture()


def view_3d(scene: Any) -> tuple[OffScreenView, Any]:
    """A 3D view of the scene, dark, with Slicer's ruler, and its camera node."""
    from .panels import VIEW_SIZE

    view = open_3d(scene, add_3d_node(scene), VIEW_SIZE)
    return view, scene.GetFirstNodeByClass("vtkMRMLCameraNode")


def open_3d(scene: Any, node: Any, size: tuple[int, int]) -> OffScreenView:
    """A 3D view of a scene made by `new_scene`, as its ``vtkMRMLViewNode`` says; with a camera, where it had none."""
    import slicer

    view = OffScreenView(scene, size)
    logic = slicer.vtkMRMLViewLogic()
    logic.SetMRMLApplicationLogic(view.application)
    view.application.GetViewLogics().AddItem(logic)
    logic.SetMRMLScene(scene)
    view.connect(slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance(), _3D_MANAGERS, node)
    return view


def _add_overlay(view: OffScreenView) -> None:
    from vtkmodules.vtkRenderingCore import vtkRenderer

    # Slicer's managers draw markups into a second layer of a slice view.
    overlay = vtkRenderer()
    overlay.SetLayer(1)
    view.window.SetNumberOfLayers(2)
    view.window.AddRenderer(overlay)
    for renderer in (view.renderer, overlay):
        renderer.GetActiveCamera().ParallelProjectionOn()


def _slice_logic(view: OffScreenView, node: Any, layers: Any) -> Any:
    import slicer

    logic = slicer.vtkMRMLSliceLogic()
    logic.SetMRMLApplicationLogic(view.application)
    logic.SetMRMLScene(view.scene)
    logic.SetSliceNode(node)
    logic.SetSliceCompositeNode(layers)
    view.application.GetSliceLogics().AddItem(logic)
    return logic


def _show_slice(view: OffScreenView, logic: Any) -> None:
    from vtkmodules.vtkRenderingCore import vtkActor2D, vtkImageMapper

    logic.UpdatePipeline()
    mapper = vtkImageMapper()
    mapper.SetColorWindow(255)
    mapper.SetColorLevel(127.5)
    mapper.SetInputConnection(logic.GetImageDataConnection())
    actor = vtkActor2D()
    actor.SetMapper(mapper)
    actor.GetProperty().SetDisplayLocationToBackground()
    view.renderer.AddViewProp(actor)


def add_3d_node(scene: Any, name: str = "1") -> Any:
    """Add a dark 3D view with Slicer's ruler: its ``vtkMRMLViewNode``, with a layout name."""
    import slicer

    node = scene.CreateNodeByClass("vtkMRMLViewNode")
    node.UnRegister(None)
    node.SetSingletonTag(name)
    node.SetLayoutName(name)
    node.SetBoxVisible(False)
    node.SetAxisLabelsVisible(False)
    node.SetBackgroundColor(*palette.to_rgb(palette.BACKGROUND))
    node.SetBackgroundColor2(*palette.to_rgb(palette.BACKGROUND))
    node.SetRenderMode(slicer.vtkMRMLViewNode.Orthographic)
    node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeThick)
    return scene.AddNode(node)
