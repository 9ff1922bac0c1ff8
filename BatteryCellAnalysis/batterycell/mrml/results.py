"""A measured cell as nodes of a scene, and back: what is saved with the scene is all there is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult, CellResult, judge_cell

from .batch import in_one_go
from .cell import attach, attached, cell_of, set_cell, volume_of
from .geometry import note_geometry
from .markups import add_ends
from .settle import settle
from .stages import add_stages, remove_stages, stage_nodes, stages_of, state_of_stages
from .standing import standing_of
from .tables import add_table, table_from_node
from .tolerances import set_tolerances, tolerances_of

_RECIPE = "BatteryCell.Recipe"
_TABLE = "overhang"
_ENDS = ("cathode-ends", "anode-ends")


def add_result(volume_node: Any, result: AnyResult) -> Any:
    """Show a result, its tables and its points, in place of an older one of the same volume.

    Returns:
        The ``vtkMRMLTableNode`` of the overhang; None for a pouch cell, whose tables are those of its stages.
    """
    scene = volume_node.GetScene()
    with in_one_go(scene):
        remove_result(volume_node)
        table = _add_overhang(volume_node, result) if isinstance(result, CellResult) else None
    overhang = result.overhang if isinstance(result, CellResult) else None
    verdict = judge_cell(result.stages, overhang, result.tolerances)
    add_stages(volume_node, [*result.stages, verdict.to_stage()])
    set_tolerances(volume_node, result.tolerances)
    for node in [table] if table else [stage_nodes(volume_node, stage.name)["quantities"] for stage in result.stages]:
        node.SetAttribute(_RECIPE, json.dumps(asdict(result.recipe)))
    return table


def _add_overhang(volume_node: Any, result: CellResult) -> Any:
    scene, name = volume_node.GetScene(), volume_node.GetName()
    set_cell(volume_node, result.cell)
    table = add_table(scene, result.overhang, f"{name} overhang")
    note_geometry(table, volume_node)
    attach(volume_node, table, _TABLE)
    for role, node in zip(_ENDS, add_ends(scene, result.overhang, name), strict=True):
        attach(volume_node, node, role)
    return table


def result_of(volume_node: Any) -> CellResult | None:
    """The result that `add_result` put into the scene; None where there is none, and for pouch cells."""
    table, cell = overhang_node(volume_node), cell_of(volume_node)
    if table is None or cell is None:
        return None
    settle(volume_node)
    return CellResult(
        volume_of(volume_node),
        cell,
        table_from_node(table),
        recipe_of(volume_node),
        standing_of(volume_node),
        stages_of(volume_node),
        tolerances_of(volume_node),
    )


def recipe_of(volume_node: Any) -> AnalyzeRecipe:
    """The settings a cell was measured with, or would be."""
    notes = (node.GetAttribute(_RECIPE) for node in attached(volume_node))
    return AnalyzeRecipe(**json.loads(next(filter(None, notes), "{}")))


def is_measured(volume_node: Any) -> bool:
    """Whether anything was measured in a volume."""
    return overhang_node(volume_node) is not None or bool(state_of_stages(volume_node)[0])


def overhang_node(volume_node: Any) -> Any:
    """The table node of a volume's overhang; None where it was not measured."""
    return next(iter(attached(volume_node, _TABLE)), None)


def remove_result(volume_node: Any) -> None:
    """Remove the tables and the points of a volume."""
    remove_stages(volume_node)
    for role in (_TABLE, *_ENDS):
        for node in attached(volume_node, role):
            volume_node.GetScene().RemoveNode(node)
