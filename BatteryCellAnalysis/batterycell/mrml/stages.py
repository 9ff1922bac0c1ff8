"""What the stages of a measurement found, as tables of a scene, and back.

Every stage has a table of its quantities, the head; each of its tables and maps is a table of its own. A map lies there
in long form, one row a place, so that it can be plotted, sorted and exported in Slicer like any other table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from batterycell.measured import Map, Stage, map_from_table, map_table, quantities_from_table, quantity_table
from batterycell.orient import is_rigid
from batterycell.recipe import STAGES
from batterycell.tables import Table

from .batch import in_one_go
from .cell import attach, attached
from .folders import put_into_folder
from .geometry import HOLDS_FOR, geometry_text, mapped, note_geometry
from .settle import STAGE_HEAD, STAGE_PART, settle
from .tables import add_table, table_from_node

# Shown in the scene, but made anew from the tolerances wherever it is needed.
VERDICT = "verdict"
# On a head: name, title and notes of its stage; on a part: its stage, its name, and the rows of a map.
_STAGE = "BatteryCell.Stage"
_PART = "BatteryCell.StagePart"


def add_stages(volume_node: Any, stages: Iterable[Stage]) -> None:
    """Keep stages with a cell, in place of older ones of the same names.

    Args:
        volume_node: The cell's volume.
        stages: What was found, places in the volume's own RAS.
    """
    stages = tuple(stages)
    with in_one_go(volume_node.GetScene()):
        remove_stages(volume_node, [stage.name for stage in stages])
        nodes = [node for stage in stages for node in _add(volume_node, stage)]
    put_into_folder(volume_node.GetScene(), nodes, f"{volume_node.GetName()} measurements")


def stages_of(volume_node: Any, names: Iterable[str] | None = None) -> tuple[Stage, ...]:
    """The stages of `add_stages` in the order of the road, places in the volume's present RAS.

    Args:
        volume_node: The cell's volume.
        names: Those asked for; all where None.

    Returns:
        Without those that were measured before the voxel size was changed, and without the verdict, which is no
        measurement.
    """
    settle(volume_node)
    now, parts = geometry_text(volume_node), attached(volume_node, STAGE_PART)
    heads = [node for node in _heads(volume_node, names) if _name(node) != VERDICT and _holds(node, now)]
    stages = [_stage(head, [part for part in parts if _belongs(part, head)]) for head in heads]
    return tuple(sorted(stages, key=lambda stage: _place(stage.name)))


def state_of_stages(
    volume_node: Any, names: Iterable[str] | None = None
) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """What tells whether the stages of these names, or any, changed: the nodes' IDs, and whether they moved."""
    heads = _heads(volume_node, names)
    return tuple(node.GetID() for node in heads), tuple(node.GetAttribute(HOLDS_FOR) for node in heads)


def stage_nodes(volume_node: Any, name: str) -> dict[str, Any]:
    """The table nodes of a stage: its quantities under "quantities", its tables and maps under their names."""
    heads = [node for node in attached(volume_node, STAGE_HEAD) if _name(node) == name]
    parts = [node for node in attached(volume_node, STAGE_PART) if heads and _belongs(node, heads[0])]
    return {"quantities": heads[0], **{_meta(part, _PART)["name"]: part for part in parts}} if heads else {}


def remove_stages(volume_node: Any, names: Iterable[str] | None = None) -> None:
    """Remove the stages of these names, all of them without names."""
    for head in _heads(volume_node, names):
        for part in attached(volume_node, STAGE_PART):
            if _belongs(part, head):
                volume_node.GetScene().RemoveNode(part)
        volume_node.GetScene().RemoveNode(head)


def _add(volume_node: Any, stage: Stage) -> list[Any]:
    head = _add_table(volume_node, quantity_table([stage]), stage.title, STAGE_HEAD)
    head.SetAttribute(_STAGE, json.dumps({"name": stage.name, "title": stage.title, "notes": stage.notes}))
    tables = [(name, table, None) for name, table in stage.tables.items()]
    maps = [(one.name, map_table(one), len(one.rows.values)) for one in stage.maps]
    return [head, *(_add_part(volume_node, stage, *part) for part in [*tables, *maps])]


def _add_part(volume_node: Any, stage: Stage, name: str, table: Table, rows: int | None) -> Any:
    node = _add_table(volume_node, table, f"{stage.title} {name.replace('_', ' ')}", STAGE_PART)
    node.SetAttribute(_PART, json.dumps({"stage": stage.name, "name": name, "rows": rows}))
    return node


def _add_table(volume_node: Any, table: Table, title: str, role: str) -> Any:
    node = add_table(volume_node.GetScene(), table, f"{volume_node.GetName()} {title[:1].lower()}{title[1:]}")
    note_geometry(node, volume_node)
    attach(volume_node, node, role)
    return node


def _stage(head: Any, parts: list[Any]) -> Stage:
    meta, tables, maps = _meta(head, _STAGE), {}, list[Map]()
    for part in parts:
        about, table = _meta(part, _PART), table_from_node(part)
        if about["rows"] is None:
            tables[about["name"]] = table
        else:
            maps.append(map_from_table(table, about["rows"]))
    quantities = quantities_from_table(table_from_node(head))
    return Stage(meta["name"], meta["title"], quantities, tables, tuple(maps), tuple(meta["notes"]))


def _heads(volume_node: Any, names: Iterable[str] | None) -> list[Any]:
    return [node for node in attached(volume_node, STAGE_HEAD) if names is None or _name(node) in names]


def _holds(node: Any, now: str) -> bool:
    return is_rigid(mapped(node.GetAttribute(HOLDS_FOR) or now, now))


def _belongs(part: Any, head: Any) -> bool:
    return bool(_meta(part, _PART)["stage"] == _name(head))


def _name(head: Any) -> str:
    return str(_meta(head, _STAGE)["name"])


def _meta(node: Any, attribute: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(node.GetAttribute(attribute) or "{}")
    return values


def _place(name: str) -> int:
    return STAGES.index(name) if name in STAGES else len(STAGES)
