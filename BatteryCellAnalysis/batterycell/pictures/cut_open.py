"""A cell cut open in 3D, in the colours of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.clip import Box, Cut, fit_box
from batterycell.mrml.clipping import cut_open
from batterycell.mrml.cut_camera import FROM_ABOVE, look_into
from batterycell.mrml.cut_roi import put_box
from batterycell.mrml.quiet import quiet_vtk
from batterycell.mrml.rendering import LookName, show_rendering
from batterycell.mrml.scene import close_scene, new_scene
from batterycell.mrml.volumes import add_volume
from batterycell.orient import Cell
from batterycell.volume import Volume

from .slicer_views import add_3d_node, open_3d

_MARGIN = 1.04


def cut_open_view(
    volume: Volume, cell: Cell | None, cut: Cut, look: LookName = "parts", size: tuple[int, int] = (1600, 1200)
) -> NDArray[np.uint8]:
    """A cell cut open, seen from above and from the open side, drawn from every voxel by Slicer's volume rendering.

    Needs a GL library (`missing_gl`); without a GPU it takes some seconds a megapixel.

    Args:
        volume: Grey values.
        cell: Where the cell stands; without one, the volume's own axes are up and aside.
        cut: How it is cut.
        look: In which colours.
        size: Width and height in pixels.

    Returns:
        RGB picture, shape (height, width, 3), with a scale bar.
    """
    scene = new_scene()
    try:
        with quiet_vtk():
            node = add_volume(scene, volume, volume.name)
            display = show_rendering(node, look, full=True)
            cut_open(node, cut)
            if cut.removes_inside:
                _leave_out_surroundings(display, fit_box(volume, cell).box)
            view = open_3d(scene, add_3d_node(scene), size)
            camera = scene.GetFirstNodeByClass("vtkMRMLCameraNode")
            look_into(camera, node, cell)
            camera.SetParallelProjection(True)
            camera.SetParallelScale(_half_height(volume, cell, size))
            view.renderer.ResetCameraClippingRange()
            return view.picture()
    finally:
        close_scene(scene)


def _leave_out_surroundings(display: Any, box: Box) -> None:
    """Show nothing outside a box: streaks and holders there would only disturb."""
    roi = display.GetScene().AddNewNodeByClass("vtkMRMLMarkupsROINode")
    put_box(roi, box)
    roi.CreateDefaultDisplayNodes()
    roi.SetDisplayVisibility(False)
    display.SetAndObserveROINodeID(roi.GetID())
    display.SetCroppingEnabled(True)


def _half_height(volume: Volume, cell: Cell | None, size: tuple[int, int]) -> float:
    """Half of what fits into the picture's height, in mm, for a cylinder seen as `look_into` aims."""
    wide, deep, high = (float(length) / 2 for length in fit_box(volume, cell).box.size)
    across, along = max(wide, deep), float(np.hypot(1.0, FROM_ABOVE))
    return _MARGIN * max((across * FROM_ABOVE + high) / along, across * size[1] / size[0])
