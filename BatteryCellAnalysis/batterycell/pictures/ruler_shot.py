"""A ruler or an angle zoomed on its own: the plane that holds it, nearest pixels, its length in the caption."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.annotate.rulers import angle_deg, length_um
from batterycell.errors import InputError
from batterycell.file_names import file_stem
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.names import name_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.quiet import quiet_vtk
from batterycell.mrml.rulers import read_ruler, view_of
from batterycell.mrml.scratch import scratch_scene
from batterycell.mrml.views import SLICE_VIEWS, aim_slice_view

from . import planes
from .dressing import add_scale_bar, bar_height, dress
from .shots import Shot
from .stage import Stage, matrix_of

# A ruler fills this share of the picture, whatever is the narrower for it.
_SHARE = 0.5
_FEWEST_VOXELS = 8
# Points in percent of the view, the line as a share of a point: to be seen, and to hide no edge.
_GLYPH_PERCENT, _LINE_SHARE = 1.6, 0.25
# Where several planes hold a ruler, the one in which windings are seen from the side.
_PREFERRED = ("coronal", "sagittal", "axial")


def ruler_shot(scene: Any, ruler: Any, size: tuple[int, int], volume_node: Any = None) -> Shot:
    """A ruler in the plane that holds it, all other markups hidden; the scene is left untouched.

    The plane is that of the slice view in which the ruler was drawn, turned as little as needed; where that is not
    known, of the scene's axial, sagittal and coronal views the one that has to turn least.

    Args:
        scene: Any scene, with or without an application.
        ruler: Its ``vtkMRMLMarkupsLineNode`` or ``vtkMRMLMarkupsAngleNode``.
        size: Width and height of the picture in pixels.
        volume_node: Shown under a ruler that belongs to no cell; the scene's first volume if absent.

    Raises:
        InputError: if the ruler has not all its points, or the scene holds no volume.
    """
    points, view_size = ruler_points(ruler), (size[0], size[1] - bar_height(size[0]))
    with quiet_vtk(), scratch_scene(scene) as scratch:
        stage = Stage(scratch, volume_node_of(ruler) or volume_node)
        node, layers = _aimed_view(stage, points, view_of(ruler), view_size)
        _show_alone(scratch, ruler.GetID())
        image, pixel_mm = stage.draw_slice(node, layers, view_size)
        where = f"{planes.words(matrix_of(node))} · {stage.shown_name(layers)}"
    name, caption = name_of(ruler), f"{_measured(ruler, points)} · {where}"
    picture = dress(add_scale_bar(image, pixel_mm), name, caption, palette.OVERHANG)
    return Shot(_stem(name, points), f"{name}: {caption}", picture)


def ruler_points(ruler: Any) -> NDArray[np.float64]:
    """The points of a ruler or an angle as the views show them, RAS mm, shape (2 or 3, 3).

    Raises:
        InputError: if some are not placed.
    """
    count = ruler.GetRequiredNumberOfControlPoints()
    if ruler.GetNumberOfDefinedControlPoints() < count:
        raise InputError("ruler-unfinished", f"{ruler.GetName()} has not all its ends.", "Place them, or delete it.")
    return np.array([ruler.GetNthControlPointPositionWorld(index) for index in range(count)])


def _measured(ruler: Any, points: NDArray[np.float64]) -> str:
    """What a ruler measures, for people; with its uncertainty where it belongs to a cell."""
    if volume_node_of(ruler) is not None:
        return read_ruler(ruler).caption
    return f"{angle_deg(points):.1f}°" if len(points) == 3 else f"{length_um(points):.0f} µm"


def _stem(name: str, points: NDArray[np.float64]) -> str:
    if len(points) == 3:
        return file_stem("angle", name, f"{angle_deg(points):.0f}deg")
    return file_stem("ruler", name, f"{length_um(points):.0f}um")


def _aimed_view(stage: Stage, points: NDArray[np.float64], drawn_in: str, size: tuple[int, int]) -> tuple[Any, Any]:
    """A slice view of the scene turned to the ruler, with the volume in nearest pixels and nothing over it."""
    drawn_in = SLICE_VIEWS.get(drawn_in, drawn_in)
    names = [drawn_in] if stage.has_slice_view(drawn_in) else [SLICE_VIEWS[name] for name in _PREFERRED]
    views = [stage.slice_view(name) for name in names]
    matrix = planes.through(points, [planes.axes_of(matrix_of(node)) for node, _ in views])
    node, layers = views[0]
    layers.SetBackgroundVolumeID(stage.needed_volume().GetID())
    for clear in (layers.SetForegroundVolumeID, layers.SetLabelVolumeID):
        clear(None)
    stage.volume.GetDisplayNode().SetInterpolate(False)
    node.SetXYZOrigin(0, 0, 0)
    node.SetDimensions(*size, 1)
    aim_slice_view(node, matrix, _reach(points, matrix, stage.volume))
    return node, layers


def _reach(points: NDArray[np.float64], matrix: NDArray[np.float64], volume: Any) -> tuple[float, float]:
    """Width and height in mm that a picture must show: twice the ruler, and some voxels at least."""
    across = np.ptp((points - matrix[:3, 3]) @ matrix[:3, :3], axis=0)
    least = _FEWEST_VOXELS * max(volume.GetSpacing())
    return max(float(across[0]) / _SHARE, least), max(float(across[1]) / _SHARE, least)


def _show_alone(scratch: Any, ruler_id: str) -> None:
    for node in nodes_of(scratch):
        if node.IsA("vtkMRMLMarkupsDisplayNode"):
            owner = node.GetDisplayableNode()
            node.SetVisibility(owner is not None and owner.GetID() == ruler_id)
            node.SetUseGlyphScale(True)
            node.SetGlyphScale(_GLYPH_PERCENT)
            node.SetLineThickness(_LINE_SHARE)
