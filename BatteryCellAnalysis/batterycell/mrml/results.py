"""A measured cell as nodes of a scene, and back: what is saved with the scene is all there is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult

from .batch import in_one_go
from .cell import attach, attached, cell_of, set_cell, volume_of
from .geometry import note_geometry
from .markups import add_ends
from .settle import settle
from .standing import standing_of
from .tables import add_table, table_from_node

_RECIPE = "BatteryCell.Recipe"
_TABLE = "overhang"
_ENDS = ("cathode-ends", "anode-ends")


def add_result(volume_node: Any, result: CellResult) -> Any:
    """Show a result, its table and its points, in place of an older one of the same volume.

    Returns:
        The ``vtkMRMLTableNode``.
    """
    scene, name = volume_node.GetScene(), volume_node.GetName()
    with in_one_go(scene):
        remove_result(volume_node)
        set_cell(volume_node, result.cell)
        table = add_table(scene, result.overhang, f"{name} overhang")
        table.SetAttribute(_RECIPE, json.dumps(asdict(result.recipe)))
        note_geometry(table, volume_node)
        attach(volume_node, table, _TABLE)
        for role, node in zip(_ENDS, add_ends(scene, result.overhang, name), strict=True):
            attach(volume_node, node, role)
    return table


def result_of(volume_node: Any) -> CellResult | None:
    """The result that `add_result` put into the scene; None where there is none."""
    table, cell = overhang_node(volume_node), cell_of(volume_node)
    if table is None or cell is None:
        return None
    settle(volume_node)
    recipe = AnalyzeRecipe(**json.loads(table.GetAttribute(_RECIPE)))
    return CellResult(volume_of(volume_node), cell, table_from_node(table), recipe, standing_of(volume_node))


def overhang_node(volume_node: Any) -> Any:
    """The table node of a volume's overhang; None where it was not measured."""
    return next(iter(attached(volume_node, _TABLE)), None)


def remove_result(volume_node: Any) -> None:
    """Remove the table and the points of a volume."""
    for role in (_TABLE, *_ENDS):
        for node in attached(volume_node, role):
            volume_node.GetScene().RemoveNode(node)
