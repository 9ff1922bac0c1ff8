"""Slicer's views turned to planes of a cell: the half-plane in green, across the winding in yellow."""

from contextlib import suppress
from typing import Any

import slicer
from batterycell.errors import InputError
from batterycell.mrml import volume_of
from batterycell.mrml.places import from_world
from batterycell.mrml.slice_planes import (
    angle_of,
    follow_cell,
    forget_plane,
    half_plane_angle,
    is_in_view,
    show_half_plane,
    show_oblique,
    shows_oblique,
)
from batterycell.orient import Cell
from batterycell.reslice import plane_across_winding

from .SliceViews import resetViews, resetWhenLaidOut, showFourUp

_HALF_PLANE_VIEW, _OBLIQUE_VIEW = "Green", "Yellow"
_NORMAL = {"Red": "Axial", "Yellow": "Sagittal", "Green": "Coronal"}
# Of the can's radius: about ten windings across the view.
_OBLIQUE_WIDTH = 0.5
# Wider than this, of the can's radius, no sheets are seen: the oblique view zooms in.
_TOO_WIDE = 1.2


def showHalfPlane(volume: Any, cell: Cell, angle: float) -> None:
    """Show the half-plane of a cell at an angle."""
    show_half_plane(_visibleNode(_HALF_PLANE_VIEW), volume, cell, angle)


def shownAngle() -> float | None:
    """The angle of the half-plane that is shown; None where none is."""
    node = _sliceNode(_HALF_PLANE_VIEW)
    return None if node is None else half_plane_angle(node)


def followCell(volume: Any, cell: Cell) -> None:
    """Turn the half-plane, where one is shown, along with the cell."""
    node = _sliceNode(_HALF_PLANE_VIEW)
    if node is not None:
        follow_cell(node, volume, cell)


def followPlace(volume: Any, cell: Cell, world: tuple[float, float, float]) -> None:
    """Turn the half-plane and the view across the winding, where they are shown, to hold a place in the cell.

    Args:
        volume: The cell's volume node.
        cell: Where the cell stands.
        world: RAS mm as the views show it.
    """
    half, oblique = _sliceNode(_HALF_PLANE_VIEW), _sliceNode(_OBLIQUE_VIEW)
    if half is not None and half_plane_angle(half) is not None:
        show_half_plane(half, volume, cell, angle_of(volume, cell, half, world))
    if oblique is not None and shows_oblique(oblique) and not is_in_view(oblique, world):
        with suppress(InputError):  # beside the volume there is no winding to cut
            show_oblique(oblique, volume, _across(volume, cell, world))


def showOblique(volume: Any, cell: Cell, world: tuple[float, float, float]) -> None:
    """Show the plane across the winding at a place, RAS mm as the views show it.

    Raises:
        InputError: if the place does not lie in the volume.
    """
    plane = _across(volume, cell, world)
    node = _visibleNode(_OBLIQUE_VIEW)
    if not shows_oblique(node):
        showIntersections(True)
    radius = cell.can.outer_radius_mm
    isTooWide = node.GetFieldOfView()[0] > _TOO_WIDE * radius
    show_oblique(node, volume, plane, _OBLIQUE_WIDTH * radius if isTooWide else None)


def fitViews(volume: Any, cell: Cell | None) -> None:
    """Fit the cell's slice views to their new sizes; those turned across a winding keep their zoom."""
    for name in _NORMAL:
        node = _sliceNode(name)
        angle = half_plane_angle(node)
        if angle is not None and cell is not None:
            show_half_plane(node, volume, cell, angle, fit=True)
        elif not shows_oblique(node):
            offset = node.GetSliceOffset()
            slicer.app.layoutManager().sliceWidget(name).fitSliceToBackground()
            node.SetSliceOffset(offset)


def showNormalViews() -> None:
    """Show axial, sagittal and coronal slices again, in Slicer's four views."""
    for name, orientation in _NORMAL.items():
        node = _sliceNode(name)
        if node is not None:
            forget_plane(node)
            node.SetOrientation(orientation)
    showIntersections(False)
    if showFourUp():
        resetWhenLaidOut()
    resetViews()


def showIntersections(isShown: bool) -> None:
    """Show in every slice view where the others run."""
    logics = slicer.app.layoutManager().mrmlSliceLogics()
    for index in range(logics.GetNumberOfItems()):
        display = logics.GetItemAsObject(index).GetSliceDisplayNode()
        if display is not None:
            display.SetIntersectingSlicesVisibility(isShown)


def _across(volume: Any, cell: Cell, world: tuple[float, float, float]) -> Any:
    return plane_across_winding(volume_of(volume), cell, from_world(volume, world))


def _visibleNode(name: str) -> Any:
    """The slice node of a view that can be seen."""
    node = _sliceNode(name)
    if node is None or not node.IsMappedInLayout():
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        node = _sliceNode(name)
    return node


def _sliceNode(name: str) -> Any:
    widget = slicer.app.layoutManager().sliceWidget(name)
    return None if widget is None else widget.mrmlSliceNode()
