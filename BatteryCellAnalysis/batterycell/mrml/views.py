"""Slicer's three slice views, turned so that the cell stands upright in them; its coordinates stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.orient import CellFrame

from .volumes import to_vtk_matrix

# Slicer's names of its standard views.
SLICE_VIEWS: dict[str, str] = {"axial": "Red", "sagittal": "Yellow", "coronal": "Green"}
# The layout's name of Slicer's first 3D view.
_CAMERA_OF = "1"
# In widths of what is shown, for the 30° that Slicer's cameras see.
_EYE_DISTANCE = 2.2


def slice_to_ras(frame: CellFrame, orientation: str, center: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrix (4, 4) of a slice view through ``center``: screen right, screen up and the plane's normal.

    Axial shows i to the right and j downwards, as the input's slices do; sagittal and coronal show the cap on top.
    """
    axes = {
        "axial": (frame.toward_i, -frame.toward_j, frame.up),
        "sagittal": (frame.toward_j, frame.up, frame.toward_i),
        "coronal": (frame.toward_i, frame.up, frame.toward_j),
    }[orientation]
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack(axes)
    matrix[:3, 3] = center
    return matrix


def add_slice_view(scene: Any, orientation: str, volume_node: Any) -> tuple[Any, Any]:
    """Add one of Slicer's slice views to a scene without the application, showing a volume.

    Returns:
        The ``vtkMRMLSliceNode`` and the ``vtkMRMLSliceCompositeNode``.
    """
    name = SLICE_VIEWS[orientation]
    view = _add_view_node(scene, "vtkMRMLSliceNode", name)
    view.SetLayoutLabel(name[0])
    view.SetLayoutColor(*palette.to_rgb(palette.VIEW_COLORS[orientation]))
    layers = _add_view_node(scene, "vtkMRMLSliceCompositeNode", name)
    layers.SetBackgroundVolumeID(volume_node.GetID())
    return view, layers


def aim_slice_view(view: Any, matrix: NDArray[np.float64], size_mm: tuple[float, float]) -> None:
    """Turn a slice view to a plane and zoom it so that width and height ``size_mm`` fit in."""
    width, height, _ = view.GetDimensions()
    pixel = max(size_mm[0] / width, size_mm[1] / height)
    view.GetSliceToRAS().DeepCopy(to_vtk_matrix(matrix))
    view.SetFieldOfView(width * pixel, height * pixel, 1.0)
    view.UpdateMatrices()


def show_upright(scene: Any, volume_node: Any, frame: CellFrame, center: NDArray[np.float64], size_mm: float) -> None:
    """Make a scene open in Slicer with the cell upright in its slice views and its 3D view, ``size_mm`` wide."""
    for orientation in SLICE_VIEWS:
        view, _ = add_slice_view(scene, orientation, volume_node)
        aim_slice_view(view, slice_to_ras(frame, orientation, center), (size_mm, size_mm))
    _aim_camera(_add_view_node(scene, "vtkMRMLCameraNode", _CAMERA_OF), frame, center, size_mm)


def _aim_camera(camera: Any, frame: CellFrame, center: NDArray[np.float64], size_mm: float) -> None:
    """Look from the side and a little from above, angle 0° on the right as in the coronal view."""
    toward_eye = 0.6 * frame.up - np.cross(frame.up, frame.toward_i)
    camera.SetFocalPoint(*center)
    camera.SetPosition(*(center + _EYE_DISTANCE * size_mm * toward_eye))
    camera.SetViewUp(*frame.up)


def _add_view_node(scene: Any, kind: str, name: str) -> Any:
    node = scene.CreateNodeByClass(kind)
    node.UnRegister(None)
    node.SetSingletonTag(name)
    node.SetLayoutName(name)
    node.SetName(name)
    return scene.AddNode(node)
