"""The cell in four views, as Slicer shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.lessened import small_enough
from batterycell.mrml.markups import add_ends
from batterycell.mrml.quiet import quiet_vtk
from batterycell.mrml.scene import close_scene, new_scene
from batterycell.mrml.views import SLICE_VIEWS
from batterycell.mrml.volumes import add_volume
from batterycell.orient import CellFrame
from batterycell.result import no_overhang
from batterycell.tables import Table
from batterycell.volume import Volume

from .gl import missing_gl
from .panels import Panel, join_panels
from .plain import plain_panels
from .slicer_views import slice_picture
from .subject import Subject
from .volume_rendering import cut_open_picture


def overview(volume: Volume, frame: CellFrame, overhang: Table, can_radius_mm: float) -> NDArray[np.uint8]:
    """Axial, sagittal, coronal and 3D view of the upright cell with the found ends drawn in.

    Drawn by Slicer's own views off screen; where no GL library works (`missing_gl`), the same views plainly.

    Args:
        volume: Grey values.
        frame: Where the cell stands.
        overhang: The overhang table.
        can_radius_mm: Outer radius of the can.

    Returns:
        RGB picture, shape (1200, 1600, 3).
    """
    # Slicer's views would fetch all of a large volume at once, for a picture that shows no more.
    subject = Subject(small_enough(volume)[0], frame, overhang, can_radius_mm)
    panels = plain_panels(subject) if missing_gl() else slicer_panels(subject)
    return join_panels(panels, legend=len(overhang) > 0)


def volume_overview(volume: Volume) -> NDArray[np.uint8]:
    """The `overview` of a volume along its own axes, for cells that have no axis, such as pouch cells."""
    last = np.array(volume.array.shape[::-1]) - 1
    frame = CellFrame.from_axis(volume.to_ras(last / 2), volume.ijk_to_ras[:3, 2], volume.ijk_to_ras)
    radius = float((volume.spacing_mm * (last + 1))[:2].max()) / 2
    return overview(volume, frame, no_overhang(), radius)


def slicer_panels(subject: Subject) -> list[Panel]:
    """The four views drawn by Slicer."""
    scene = new_scene()
    try:
        with quiet_vtk():
            return _draw(scene, subject)
    finally:
        close_scene(scene)


def _draw(scene: Any, subject: Subject) -> list[Panel]:
    node = add_volume(scene, subject.volume, subject.volume.name)
    for points in add_ends(scene, subject.some_rows):
        points.GetDisplayNode().SetVisibility3D(False)
    for points in add_ends(scene, subject.cut_rows, "Cut"):
        points.GetDisplayNode().SetVisibility2D(False)
        points.GetDisplayNode().SetGlyphScale(1.1)
    panels = [
        Panel(name, slice_picture(scene, node, name, subject.plane(name), subject.extent(name)), subject.caption(name))
        for name in SLICE_VIEWS
    ]
    return [*panels, Panel("3D", cut_open_picture(scene, subject), subject.caption("3D"))]
