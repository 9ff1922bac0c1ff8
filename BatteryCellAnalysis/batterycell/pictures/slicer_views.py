"""Slicer's own views, drawn without a screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.mrml.scene import application_logic
from batterycell.mrml.views import add_slice_view, aim_slice_view

_SLICE_MANAGERS = ("vtkMRMLMarkupsDisplayableManager", "vtkMRMLRulerDisplayableManager")
_3D_MANAGERS = (
    "vtkMRMLVolumeRenderingDisplayableManager",
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
)


class OffScreenView:
    """One view of a scene made by `new_scene`: a window, Slicer's displayable managers and a view node."""

    def __init__(self, scene: Any, size: tuple[int, int]) -> None:
        from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkRenderWindowInteractor

        self.scene = scene
        self.application = application_logic(scene)
        self.renderer = vtkRenderer()
        self.window: Any = vtkRenderWindow()
        self.window.SetOffScreenRendering(True)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size)
        self.window.AddRenderer(self.renderer)
        self._interactor = vtkRenderWindowInteractor()
        self._interactor.SetRenderWindow(self.window)

    def connect(self, factory: Any, managers: tuple[str, ...], node: Any) -> None:
        """Let Slicer's displayable managers fill the window from the scene, as the view node says."""
        import slicer

        # The factory is the process's own: inside the application it must serve the application again afterwards.
        before = factory.GetMRMLApplicationLogic()
        factory.SetMRMLApplicationLogic(self.application)
        for name in managers:
            if not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        self._group = slicer.vtkMRMLDisplayableManagerGroup()
        self._group.Initialize(factory, self.renderer)
        factory.SetMRMLApplicationLogic(before)
        self._group.SetMRMLDisplayableNode(node)

    def picture(self) -> NDArray[np.uint8]:
        """Draw, and return what was drawn, shape (rows, columns, 3)."""
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

        self.window.Render()
        columns, rows = self.window.GetSize()
        pixels = vtkUnsignedCharArray()
        self.window.GetRGBACharPixelData(0, 0, columns - 1, rows - 1, 0, pixels)
        return np.asarray(vtk_to_numpy(pixels).reshape(rows, columns, 4)[::-1, :, :3].copy())


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

    view = OffScreenView(scene, VIEW_SIZE)
    _add_overlay(view)
    node, layers = add_slice_view(scene, orientation, volume_node)
    node.SetDimensions(*VIEW_SIZE, 1)
    node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeThick)
    logic = _slice_logic(view, node, layers)
    view.connect(slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance(), _SLICE_MANAGERS, node)
    aim_slice_view(node, matrix, size_mm)
    _show_slice(view, logic)
    return view.picture()


def view_3d(scene: Any) -> tuple[OffScreenView, Any]:
    """A 3D view of the scene, dark, with Slicer's ruler, and its camera node."""
    import slicer

    from .panels import VIEW_SIZE

    view = OffScreenView(scene, VIEW_SIZE)
    node = _add_3d_node(scene)
    logic = slicer.vtkMRMLViewLogic()
    logic.SetMRMLApplicationLogic(view.application)
    view.application.GetViewLogics().AddItem(logic)
    logic.SetMRMLScene(scene)
    view.connect(slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance(), _3D_MANAGERS, node)
    return view, scene.GetFirstNodeByClass("vtkMRMLCameraNode")


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


def _add_3d_node(scene: Any) -> Any:
    import slicer

    node = scene.CreateNodeByClass("vtkMRMLViewNode")
    node.UnRegister(None)
    node.SetSingletonTag("1")
    node.SetLayoutName("1")
    node.SetBoxVisible(False)
    node.SetAxisLabelsVisible(False)
    node.SetBackgroundColor(*palette.to_rgb(palette.BACKGROUND))
    node.SetBackgroundColor2(*palette.to_rgb(palette.BACKGROUND))
    node.SetRenderMode(slicer.vtkMRMLViewNode.Orthographic)
    node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeThick)
    return scene.AddNode(node)
