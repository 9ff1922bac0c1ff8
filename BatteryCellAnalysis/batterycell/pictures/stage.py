"""A scratch scene ready for drawing: its views as the scene's stand, or sensible ones where it has none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.mrml.names import name_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.views import SLICE_VIEWS, add_slice_view, aim_slice_view

from . import planes
from .off_screen import VIEW_WIDTH_PX, OffScreenView
from .slicer_views import add_3d_node, draw_slice, open_3d

# A little from the right and from above, as one looks at a cell on a table.
_TOWARD_EYE, _UP = np.array([0.35, 1.0, 0.6]), np.array([0.0, 0.0, 1.0])


class Stage:
    """Draws the views of a scratch scene.

    Args:
        scratch: Of `batterycell.mrml.scratch.scratch_scene`.
        volume_node: Of either scene, shown where a view shows no volume; the first volume if absent.
    """

    def __init__(self, scratch: Any, volume_node: Any = None) -> None:
        self.scene = scratch
        named = scratch.GetNodeByID(volume_node.GetID()) if volume_node is not None else None
        self.volume = named or scratch.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def bounds(self) -> list[float]:
        """Least and greatest R, A and S of the volume in the world in mm; a centimetre about 0 without a volume."""
        bounds = [-10.0, 10.0] * 3
        if self.volume is not None and self.volume.GetImageData() is not None:
            self.volume.GetRASBounds(bounds)
        return bounds

    def slice_view(self, name: str) -> tuple[Any, Any]:
        """The slice view of a layout name and its layers: as the scene's, or fitted to the volume."""
        node, layers = (self._view(f"vtkMRMLSlice{kind}", name) for kind in ("Node", "CompositeNode"))
        if self.has_slice_view(name):
            return node, layers
        axes = planes.PRESETS[_orientation(name)] if node is None else planes.axes_of(matrix_of(node))
        node, layers = add_slice_view(self.scene, _orientation(name), self.needed_volume())
        aim_slice_view(node, *planes.fitted(axes, self.bounds()))
        return node, layers

    def has_slice_view(self, name: str) -> bool:
        """Whether the scene has a slice view of a layout name that shows something."""
        node, layers = (self._view(f"vtkMRMLSlice{kind}", name) for kind in ("Node", "CompositeNode"))
        return node is not None and layers is not None and bool(self.shown_name(layers))

    def draw_slice(self, node: Any, layers: Any, size: tuple[int, int]) -> tuple[NDArray[np.uint8], float]:
        """What a slice view shows, all of it inside a picture of another shape; and the size of a pixel in mm."""
        import slicer

        self._grow_marks(size[0])
        node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeNone)
        node.SetLayoutGrid(1, 1)
        width_mm, height_mm, _ = node.GetFieldOfView()
        node.SetDimensions(*size, 1)
        aim_slice_view(node, matrix_of(node), (width_mm, height_mm))
        return draw_slice(self.scene, node, layers, size), node.GetFieldOfView()[0] / size[0]

    def view_3d(self, name: str) -> Any:
        """The 3D view of a layout name: as the scene's, or a new dark one."""
        node = self._view("vtkMRMLViewNode", name)
        if node is not None:
            return node
        node = add_3d_node(self.scene, name)
        if self._view("vtkMRMLCameraNode", name) is not None:
            # A camera is aimed by its distance, unless its view says otherwise.
            node.SetRenderMode(node.Perspective)
        return node

    def draw_3d(self, node: Any, size: tuple[int, int]) -> tuple[NDArray[np.uint8], float]:
        """What a 3D view shows, and the size of a pixel in mm where its camera looks at."""
        import slicer

        self._grow_marks(size[0])
        node.SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeNone)
        # Adaptive is coarse in a picture that is drawn once; the highest takes minutes without a graphics card.
        node.SetVolumeRenderingQuality(node.Normal)
        aimed = self._view("vtkMRMLCameraNode", node.GetLayoutName()) is not None
        view = open_3d(self.scene, node, size)
        if not aimed:
            self._aim(view, size)
        view.renderer.ResetCameraClippingRange()
        image = view.picture()
        return image, _pixel_mm(view.renderer.GetActiveCamera(), size)

    def shows_3d(self) -> bool:
        """Whether anything but points can be seen in 3D: a rendered volume, a model, segments."""
        kinds = ("vtkMRMLVolumeRenderingDisplayNode", "vtkMRMLModelDisplayNode", "vtkMRMLSegmentationDisplayNode")
        shown = [node for node in nodes_of(self.scene) if any(node.IsA(kind) for kind in kinds)]
        return any(node.GetVisibility() and node.GetDisplayableNode() for node in shown)

    def is_3d(self, name: str) -> bool:
        """Whether a layout name is that of a 3D view; numbers are Slicer's names of these."""
        return name.isdigit() or self._view("vtkMRMLViewNode", name) is not None

    def shown_name(self, layers: Any) -> str:
        """Name of the volume at the bottom of a slice view."""
        ids = (layers.GetBackgroundVolumeID(), layers.GetForegroundVolumeID(), layers.GetLabelVolumeID())
        volumes = [self.scene.GetNodeByID(name) for name in ids if name]
        return next((name_of(volume) for volume in volumes if volume is not None), "")

    def needed_volume(self) -> Any:
        """The volume to show.

        Raises:
            InputError: if the scene holds none.
        """
        if self.volume is None:
            raise InputError("volume-missing", "The scene holds no volume.", "Load a cell first.")
        return self.volume

    def _view(self, kind: str, name: str) -> Any:
        nodes = (node for node in nodes_of(self.scene) if node.IsA(kind))
        return next((node for node in nodes if node.GetLayoutName() == name), None)

    def _grow_marks(self, width: int) -> None:
        """Let points and lines grow with the picture: Slicer measures them by the screen, not by the view."""
        for node in nodes_of(self.scene):
            if node.IsA("vtkMRMLMarkupsDisplayNode"):
                node.SetGlyphScale(node.GetGlyphScale() * width / VIEW_WIDTH_PX)

    def _aim(self, view: OffScreenView, size: tuple[int, int]) -> None:
        limits = np.array(self.bounds()).reshape(3, 2)
        camera, middle = view.renderer.GetActiveCamera(), limits.mean(axis=1)
        toward_eye = _TOWARD_EYE / np.linalg.norm(_TOWARD_EYE)
        camera.SetFocalPoint(*middle)
        camera.SetPosition(*(middle + 4 * np.linalg.norm(np.ptp(limits, axis=1)) * toward_eye))
        camera.SetViewUp(*_UP)
        view.renderer.ResetCamera(self.bounds())


def matrix_of(node: Any) -> NDArray[np.float64]:
    """Slice to RAS of a slice view, shape (4, 4)."""
    matrix = node.GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def color_of(node: Any) -> str:
    """The colour of a view's bar, ``"#RRGGBB"``."""
    return "#" + "".join(f"{round(255 * part):02X}" for part in node.GetLayoutColor())


def _orientation(name: str) -> str:
    for orientation, view in SLICE_VIEWS.items():
        if view == name:
            return orientation
    raise InputError(
        "view-unknown", f"The scene has no view {name} that shows a volume.", f"Views: {', '.join(SLICE_VIEWS)}, 3D."
    )


def _pixel_mm(camera: Any, size: tuple[int, int]) -> float:
    if camera.GetParallelProjection():
        return float(2 * camera.GetParallelScale() / size[1])
    return float(2 * camera.GetDistance() * np.tan(np.radians(camera.GetViewAngle() / 2)) / size[1])
