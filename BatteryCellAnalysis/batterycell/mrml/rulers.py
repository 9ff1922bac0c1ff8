"""Rulers and angles of a cell as Slicer's own markups, captioned in µm with their uncertainty."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.annotate.edges import Edge, snap_to_edge
from batterycell.annotate.rulers import Ruler, length_um, make_table
from batterycell.errors import InputError
from batterycell.tables import Table

from .cell import attach, attached, volume_node_of
from .names import free_name, name_of, plain, set_name
from .pixels import voxel_edges
from .places import from_world, is_inside, to_world
from .ruler_caption import show_caption, style_ruler
from .ruler_snaps import keep_snaps, snaps_of
from .volumes import volume_from_node

ROLE = "rulers"
_VIEW = "BatteryCell.View"
_LINE, _ANGLE = "vtkMRMLMarkupsLineNode", "vtkMRMLMarkupsAngleNode"
_WORDS = {_LINE: "Ruler", _ANGLE: "Angle"}


def new_ruler(volume_node: Any, is_angle: bool = False, name: str = "", view: str = "") -> Any:
    """Add a ruler (or an angle) of a cell without points yet, for Slicer's place mode to fill.

    Args:
        volume_node: The cell's volume.
        is_angle: Whether it is an angle.
        name: Its name; by default the next of "Ruler 1", "Ruler 2" …
        view: Slice view in which it is drawn, by its name in the layout ("Red").

    Returns:
        The ``vtkMRMLMarkupsLineNode`` or ``vtkMRMLMarkupsAngleNode``.
    """
    node = volume_node.GetScene().AddNewNodeByClass(_ANGLE if is_angle else _LINE)
    set_name(node, free_name(plain(name), _names(volume_node)) if plain(name) else _next_name(volume_node, node))
    style_ruler(node)
    set_view(node, view)
    attach(volume_node, node, ROLE)
    return node


def add_ruler(volume_node: Any, start: ArrayLike, end: ArrayLike, name: str = "", view: str = "") -> Any:
    """Add a ruler between two places, RAS mm as the views show them.

    Returns:
        The ``vtkMRMLMarkupsLineNode``, captioned.

    Raises:
        InputError: if an end lies outside the volume or both lie in one place; nothing is added then.
    """
    return _add(volume_node, np.array([start, end], float), name, view)


def add_angle(volume_node: Any, points: ArrayLike, name: str = "", view: str = "") -> Any:
    """Add an angle at the second of three places, RAS mm as the views show them, shape (3, 3).

    Returns:
        The ``vtkMRMLMarkupsAngleNode``, captioned.

    Raises:
        InputError: as in `add_ruler`.
        ValueError: if there are not three places.
    """
    if np.shape(points) != (3, 3):
        raise ValueError("an angle needs three places")
    return _add(volume_node, points, name, view)


def rulers_of(volume_node: Any) -> list[Any]:
    """The rulers and angles of a cell, also those that are not finished, in the order of the scene."""
    return [node for node in attached(volume_node, ROLE) if node.GetClassName() in _WORDS]


def is_finished(node: Any) -> bool:
    """Whether all points of a ruler or angle are placed."""
    return bool(node.GetNumberOfDefinedControlPoints() == node.GetRequiredNumberOfControlPoints())


def read_ruler(node: Any) -> Ruler:
    """What a ruler or angle of a cell measures; its points may be on their way still.

    Raises:
        InputError: if points or its volume are missing.
    """
    volume_node = volume_node_of(node)
    number = node.GetRequiredNumberOfControlPoints()
    if volume_node is None or node.GetNumberOfControlPoints() < number:
        raise InputError("ruler-unfinished", f"{name_of(node)} has not all its points.", "Place them, or remove it.")
    world = np.array([node.GetNthControlPointPositionWorld(index) for index in range(number)])
    volume = volume_from_node(volume_node)
    own = from_world(volume_node, world)
    ijk = volume.to_ijk(own)
    snaps = snaps_of(node, ijk, length_um(world[:2]))
    return Ruler(name_of(node), ijk, world, voxel_edges(volume_node), snaps, view_of(node))


def refresh_ruler(node: Any) -> None:
    """Write the caption of a ruler or angle again, after a point or the volume has changed."""
    try:
        show_caption(node, read_ruler(node).caption)
    except InputError:
        show_caption(node, "")


def refresh_rulers(volume_node: Any) -> None:
    """Write the captions of all rulers of a cell again."""
    for node in rulers_of(volume_node):
        refresh_ruler(node)


def snap_ruler(node: Any, reach_mm: float | None = None) -> tuple[Edge | None, ...]:
    """Move the ends of a ruler to the grey-value edges next to them, along the ruler.

    Args:
        node: A finished ruler of a cell; an angle stays as it is: its arms point the same wherever they end.
        reach_mm: How far an end may move; see `snap_to_edge`.

    Returns:
        The edge found for the start and for the end; None, and the end stays, where there is none.

    Raises:
        InputError: if the ruler is not finished, or an end lies outside the volume.
    """
    ruler = read_ruler(node)
    if node.GetClassName() != _LINE:
        return ()
    volume_node = volume_node_of(node)
    volume = volume_from_node(volume_node)
    start, end = volume.to_ras(ruler.ijk)
    edges = snap_to_edge(volume, end, start, reach_mm), snap_to_edge(volume, start, end, reach_mm)
    points = np.stack([place if edge is None else edge.ras for edge, place in zip(edges, (start, end), strict=True)])
    _move(node, to_world(volume_node, points))
    found = [None if edge is None else edge.uncertainty_um for edge in edges]
    keep_snaps(node, volume.to_ijk(points), found, length_um(points))
    refresh_ruler(node)
    return edges


def rename_ruler(node: Any, name: str) -> None:
    """Rename a ruler.

    Raises:
        InputError: if the name is empty or another ruler's.
    """
    name, others = plain(name), _names(volume_node_of(node)) - {name_of(node)}
    if not name:
        raise InputError("ruler-name", "A ruler needs a name.", "Type one.")
    if name in others:
        raise InputError("ruler-name", f"There is a ruler “{name}” already.", "Choose another name.")
    set_name(node, name)


def remove_ruler(node: Any) -> None:
    """Remove a ruler from the scene."""
    node.GetScene().RemoveNode(node)


def ruler_table(volume_node: Any) -> Table:
    """The table of the finished rulers and angles of a cell, with ``RULER_COLUMNS``."""
    return make_table([read_ruler(node) for node in rulers_of(volume_node) if is_finished(node)])


def view_of(node: Any) -> str:
    """The slice view in which a ruler was drawn; empty where not known."""
    return node.GetAttribute(_VIEW) or ""


def set_view(node: Any, view: str) -> None:
    """Remember in which slice view a ruler was drawn."""
    node.SetAttribute(_VIEW, view or None)


def _add(volume_node: Any, points: ArrayLike, name: str, view: str) -> Any:
    world = np.asarray(points, float)
    volume = volume_from_node(volume_node)
    if not (np.isfinite(world).all() and is_inside(volume_node, volume.to_ijk(from_world(volume_node, world))).all()):
        raise InputError(
            "ruler-outside", "A point lies outside the volume: nothing was added.", "Place it inside the volume."
        )  # fmt: skip
    if not np.linalg.norm(np.diff(world, axis=0), axis=1).all():
        raise InputError("ruler-short", "Two points lie in one place: nothing was added.", "Place them apart.")
    return put_ruler(volume_node, world, name, view)


def put_ruler(volume_node: Any, world: NDArray[np.float64], name: str = "", view: str = "") -> Any:
    """Add a ruler or an angle, also one outside the volume, of a table from elsewhere."""
    node = new_ruler(volume_node, len(world) == 3, name, view)
    changing = node.StartModify()
    _move(node, world)
    node.EndModify(changing)
    refresh_ruler(node)
    return node


def _move(node: Any, world: NDArray[np.float64]) -> None:
    from vtkmodules.vtkCommonDataModel import vtkVector3d

    changing = node.StartModify()
    for index, point in enumerate(world.tolist()):
        if index < node.GetNumberOfControlPoints():
            node.SetNthControlPointPositionWorld(index, *point)
        else:
            node.AddControlPointWorld(vtkVector3d(*point), "")
    node.EndModify(changing)


def _names(volume_node: Any) -> set[str]:
    return {name_of(node) for node in rulers_of(volume_node)}


def _next_name(volume_node: Any, node: Any) -> str:
    word, taken = _WORDS[node.GetClassName()], _names(volume_node)
    return next(name for number in count(1) if (name := f"{word} {number}") not in taken)
