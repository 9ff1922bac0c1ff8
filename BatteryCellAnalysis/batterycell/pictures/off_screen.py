"""A window that nobody sees, filled by Slicer's displayable managers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.scene import application_logic

# The width of a view on a usual screen; captions have VTK's own resolution there.
VIEW_WIDTH_PX = 800
_DPI = 72


class OffScreenView:
    """One view of a scene made by `new_scene`: a window, Slicer's displayable managers and a view node.

    Args:
        scene: The scene.
        size: Width and height in pixels.
    """

    def __init__(self, scene: Any, size: tuple[int, int]) -> None:
        from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkRenderWindowInteractor

        self.scene = scene
        self.application = application_logic(scene)
        self.renderer = vtkRenderer()
        self.window: Any = vtkRenderWindow()
        self.window.SetOffScreenRendering(True)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size)
        # Captions grow with the picture.
        self.window.SetDPI(round(_DPI * size[0] / VIEW_WIDTH_PX))
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
