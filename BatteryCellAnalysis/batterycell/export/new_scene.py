"""A scene of a measured cell, as analysing it makes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from batterycell import mrml
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE
from batterycell.pictures.subject import Subject
from batterycell.result import AnyResult, CellResult

from .cell_pictures import picture_angles


@contextmanager
def scene_of(result: AnyResult) -> Iterator[tuple[Any, Any]]:
    """Yield a scene of a measured cell, as of `make_scene`, and its volume's node; it is closed at the end."""
    scene = mrml.new_scene()
    try:
        yield scene, make_scene(scene, result)
    finally:
        mrml.close_scene(scene)


def make_scene(scene: Any, result: AnyResult) -> Any:
    """Put a measured cell into an empty scene that opens where the windings end, as the overview does.

    Returns:
        The ``vtkMRMLScalarVolumeNode``; everything else is attached to it.
    """
    node = mrml.add_volume(scene, result.volume, result.volume.name)
    node.SetAttribute(VOXEL_SIZE_SOURCE, result.volume.voxel_size_source)
    if isinstance(result, CellResult):
        _show(scene, node, result)
    mrml.add_result(node, result)
    if isinstance(result, CellResult):
        _mark(scene, node, result)
    return node


def _show(scene: Any, node: Any, result: CellResult) -> None:
    frame = result.cell.frame
    shown = Subject(result.volume, frame, result.overhang, result.cell.can.outer_radius_mm)
    mrml.show_upright(scene, node, frame, shown.plane("axial")[:3, 3], 2 * shown.radius)


def _mark(scene: Any, node: Any, result: CellResult) -> None:
    frame = result.cell.frame
    alarms = mrml.add_alarms(scene, result.overhang)
    rulers = mrml.add_rulers(scene, result.overhang, frame, picture_angles(result))
    for marks, role in (([alarms] if alarms else [], "alarms"), (rulers, "overhang-rulers")):
        for mark in marks:
            mrml.attach(node, mark, role)
    mrml.add_upright_transform(scene, frame)
