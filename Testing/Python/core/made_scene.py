"""A scene with a cell, marks and rulers in it, for tests of everything that draws or exports scenes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from batterycell import mrml
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE
from batterycell.mrml.defects import add_defect
from batterycell.mrml.rulers import add_angle, add_ruler
from made_result import made_result

GAP = 'Lübeck, "tab" & gap'


@contextmanager
def made_scene(upright: bool = True, measured: bool = False, marked: bool = True) -> Iterator[tuple[Any, Any]]:
    """Yield a scene with the cell of `made_result`, and its volume node."""
    result, scene = made_result(), mrml.new_scene()
    try:
        node = mrml.add_volume(scene, result.volume, "made cell")
        node.SetAttribute(VOXEL_SIZE_SOURCE, result.volume.voxel_size_source)
        if upright:
            mrml.set_upright(node, result.cell)
        if measured:
            mrml.add_result(node, result)
        if marked:
            mark(node)
        yield scene, node
    finally:
        mrml.close_scene(scene)


def mark(node: Any) -> None:
    """Two defects, a ruler of 700 µm in the coronal plane, one along it, and an angle of 90°."""
    add_defect(node, "tear", _shown(node, (30, 40, 10)), "major", 'torn, "edge"; ü')
    add_defect(node, "particle", _shown(node, (50, 40, 20)), "minor")
    add_ruler(node, _shown(node, (60, 40, 10)), _shown(node, (60, 40, 17)), GAP)
    add_ruler(node, _shown(node, (20, 30, 15)), _shown(node, (28, 36, 15)), "radial")
    add_angle(node, [_shown(node, place) for place in ((60, 40, 10), (60, 40, 17), (65, 40, 17))], "fold")


def _shown(node: Any, ijk: tuple[float, float, float]) -> Any:
    """RAS mm as the views show it of a voxel."""
    from batterycell.mrml.places import to_world

    return to_world(node, mrml.volume_of(node).to_ras(ijk))
