"""For tests of cuts: a cell as rendering, segments or model, looked at from above, and which of its angles are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell import palette
from batterycell.clip import Box
from batterycell.mrml.rendering import show_rendering
from batterycell.orient import CellFrame
from batterycell.pictures.slicer_views import add_3d_node, open_3d

RADIUS_MM = 3.0
HEIGHT_MM = 2.0
_SCALE_MM = 4.0
KINDS = ("rendering", "segments", "model")


def add_cell(node: Any, frame: CellFrame, kind: str) -> Any:
    """Show a cell in one of three ways: its volume, or a cylinder in its place."""
    if kind == "rendering":
        return show_rendering(node, "natural")
    return add_cylinder(node, frame, kind)


def add_cylinder(node: Any, frame: CellFrame, kind: str = "model") -> Any:
    """A cylinder in the place of a cell, under the volume's transform: "segments" or "model"; its display node."""
    scene = node.GetScene()
    if kind == "segments":
        added = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segments")
        added.CreateDefaultDisplayNodes()
        added.AddSegmentFromClosedSurfaceRepresentation(cylinder(frame), "Cell", [0.9, 0.6, 0.1])
    else:
        added = scene.AddNewNodeByClass("vtkMRMLModelNode", "Model")
        added.CreateDefaultDisplayNodes()
        added.SetAndObservePolyData(cylinder(frame))
    added.SetAndObserveTransformNodeID(node.GetTransformNodeID())
    return added.GetDisplayNode()


def cylinder(frame: CellFrame) -> Any:
    """A full cylinder about a cell's axis, as a fine mesh: Slicer clips triangle by triangle."""
    from vtkmodules.vtkCommonTransforms import vtkTransform
    from vtkmodules.vtkFiltersCore import vtkTriangleFilter
    from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter
    from vtkmodules.vtkFiltersModeling import vtkAdaptiveSubdivisionFilter
    from vtkmodules.vtkFiltersSources import vtkCylinderSource

    source, triangles, fine = vtkCylinderSource(), vtkTriangleFilter(), vtkAdaptiveSubdivisionFilter()
    source.SetRadius(RADIUS_MM)
    source.SetHeight(HEIGHT_MM)
    source.SetResolution(72)
    fine.SetMaximumEdgeLength(0.3)
    transform, stand = vtkTransform(), vtkTransformPolyDataFilter()
    transform.SetMatrix(frame.upright_to_ras.ravel().tolist())
    transform.RotateX(90)  # the source's axis is y
    stand.SetTransform(transform)
    for one, other in ((source, triangles), (triangles, fine), (fine, stand)):
        other.SetInputConnection(one.GetOutputPort())
    stand.Update()
    return stand.GetOutput()


def from_above(node: Any, frame: CellFrame, size: int = 240) -> np.ndarray:
    """The scene's 3D view of a cell along its axis from its top, angle 0° on the right, as the cell's angles count."""
    return picture(node, frame, frame.up, frame.toward_j, size)


def from_the_side(node: Any, frame: CellFrame, size: int = 240) -> np.ndarray:
    """The scene's 3D view of a cell across its axis, its top above."""
    return picture(node, frame, frame.toward_j, frame.up, size)


def from_the_corner(node: Any, frame: CellFrame, size: int = 240) -> np.ndarray:
    """The colours of the scene's 3D view of a cell from above the middle of its first quarter."""
    return draw(node, frame, frame.toward_i + frame.toward_j + frame.up, frame.up, size)


def picture(node: Any, frame: CellFrame, toward_eye: np.ndarray, up: np.ndarray, size: int) -> np.ndarray:
    """A parallel view in which the picture's height is eight millimetres; True where anything is drawn."""
    background = np.round(255 * np.array(palette.to_rgb(palette.BACKGROUND)))
    return np.abs(draw(node, frame, toward_eye, up, size) - background).sum(axis=2) > 24


def draw(node: Any, frame: CellFrame, toward_eye: np.ndarray, up: np.ndarray, size: int) -> np.ndarray:
    """The colours of such a view, shape (size, size, 3), 0 to 255."""
    scene = node.GetScene()
    view_node = add_3d_node(scene)
    view_node.SetRulerType(view_node.RulerTypeNone)
    view = open_3d(scene, view_node, (size, size))
    camera = scene.GetFirstNodeByClass("vtkMRMLCameraNode")
    eye, above = (world(node, frame.origin + 40 * way / np.linalg.norm(way)) for way in (toward_eye, up))
    camera.SetFocalPoint(*world(node, frame.origin))
    camera.SetPosition(*eye)
    camera.SetViewUp(*(above - world(node, frame.origin)))
    camera.SetParallelProjection(True)
    camera.SetParallelScale(_SCALE_MM)
    view.renderer.ResetCameraClippingRange()
    return view.picture().astype(float)


def world(node: Any, ras: np.ndarray) -> np.ndarray:
    """A point of a volume's own RAS in the world."""
    result = [0.0, 0.0, 0.0]
    node.TransformPointToWorld(ras.tolist(), result)
    return np.array(result)


def seen(drawn: np.ndarray, frame: CellFrame, angle_deg: float) -> float:
    """Share of what is drawn of a sector of 10° about an angle, in a view from above."""
    size = len(drawn)
    y, x = (size / 2 - 0.5 - np.mgrid[:size, :size]) * (2 * _SCALE_MM / size)
    # The right of the picture is where up × eye points.
    right = np.cross(frame.toward_j, frame.up)
    angles = np.degrees(np.arctan2(y, -x * float(np.sign(right @ frame.toward_i))))
    radius = np.hypot(x, y)
    off = np.abs((angles - angle_deg + 180) % 360 - 180)
    return float(drawn[(off < 5) & (radius > 0.3 * RADIUS_MM) & (radius < 0.9 * RADIUS_MM)].mean())


def seen_heights(drawn: np.ndarray) -> tuple[float, float]:
    """Lowest and highest height in mm at which anything is drawn on the axis, in a view from the side."""
    size = len(drawn)
    rows = np.flatnonzero(drawn[:, size // 2 - 2 : size // 2 + 2].any(axis=1) & (np.arange(size) < 0.8 * size))
    heights = (size / 2 - 0.5 - rows) * (2 * _SCALE_MM / size)
    return float(heights.min()), float(heights.max())


def box_numbers(box: Box) -> np.ndarray:
    """A box as one row of numbers."""
    return np.concatenate([box.center, box.axes.ravel(), box.size])
