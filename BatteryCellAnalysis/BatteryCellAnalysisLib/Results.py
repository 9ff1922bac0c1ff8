"""A cell's results as nodes of the scene, and back: what is saved with the scene is all there is."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from batterycell.mrml import add_ends, add_table, add_upright_transform, table_from_node, volume_from_node
from batterycell.orient import Cell
from batterycell.provenance import input_files
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult, cell_from_json, cell_to_json
from batterycell.volume import Volume

SOURCE = "BatteryCell.VoxelSizeSource"
INPUT = "BatteryCell.Input"
_CELL = "BatteryCell.Cell"
_RECIPE = "BatteryCell.Recipe"
_RESULTS = ("overhangTable", "cathodeEnds", "anodeEnds")


def volumeOf(node: Any) -> Volume:
    """The volume of a node, with where its voxel size came from."""
    volume = volume_from_node(node)
    return replace(volume, voxel_size_source=node.GetAttribute(SOURCE) or volume.voxel_size_source)


def filesOf(node: Any) -> list[Path]:
    """The files that a volume node was loaded from, as far as they still are where they were."""
    storage = node.GetStorageNode()
    path = Path(node.GetAttribute(INPUT) or (storage.GetFullNameFromFileName() if storage else "") or "")
    return input_files(path) if path.name and path.exists() else []


def followVolume(parameters: Any) -> None:
    """Let the parameter node point to the results of the chosen volume."""
    volume = parameters.volume
    for name in _RESULTS:
        node = volume.GetNodeReference(_role(name)) if volume else None
        if parameters.getValue(name) is not node:
            parameters.setValue(name, node)
    upright = volume.GetParentTransformNode() if volume else None
    upright = upright if upright and upright.GetAttribute(_CELL) else None
    if parameters.upright is not upright:
        parameters.upright = upright


def setUpright(volume: Any, cell: Cell) -> Any:
    """Put a volume and its results under a new Upright transform, which is returned."""
    transform = add_upright_transform(volume.GetScene(), cell.frame, f"{volume.GetName()} upright")
    transform.SetAttribute(_CELL, _cellText(cell))
    for node in (volume, *_ends(volume)):
        node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def goBack(volume: Any) -> None:
    """Take a volume and its results out of the Upright transform and remove it."""
    transform = volume.GetParentTransformNode()
    for node in (volume, *_ends(volume)):
        node.SetAndObserveTransformNodeID(None)
    volume.GetScene().RemoveNode(transform)


def uprightCell(transform: Any) -> Cell:
    """The cell that an Upright transform sets upright."""
    return cell_from_json(json.loads(transform.GetAttribute(_CELL)))


def addResult(volume: Any, result: CellResult) -> None:
    """Show a result: its table and its points, in place of an older one of the same volume."""
    removeResult(volume)
    scene, name = volume.GetScene(), volume.GetName()
    table = add_table(scene, result.overhang, f"{name} overhang")
    table.SetAttribute(_CELL, _cellText(result.cell))
    table.SetAttribute(_RECIPE, json.dumps(asdict(result.recipe)))
    for role, node in zip(_RESULTS, (table, *add_ends(scene, result.overhang, name)), strict=True):
        volume.SetNodeReferenceID(_role(role), node.GetID())
    for node in _ends(volume):
        node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())


def resultOf(volume: Any) -> CellResult:
    """The result that `addResult` put into the scene."""
    table = volume.GetNodeReference(_role("overhangTable"))
    cell = cell_from_json(json.loads(table.GetAttribute(_CELL)))
    recipe = AnalyzeRecipe(**json.loads(table.GetAttribute(_RECIPE)))
    return CellResult(volumeOf(volume), cell, table_from_node(table), recipe)


def removeResult(volume: Any) -> None:
    """Remove the table and the points of a volume."""
    for name in _RESULTS:
        node = volume.GetNodeReference(_role(name))
        volume.RemoveNodeReferenceIDs(_role(name))
        if node:
            volume.GetScene().RemoveNode(node)


def _ends(volume: Any) -> list[Any]:
    nodes = (volume.GetNodeReference(_role(name)) for name in _RESULTS[1:])
    return [node for node in nodes if node]


def _role(name: str) -> str:
    return f"BatteryCell.{name}"


def _cellText(cell: Cell) -> str:
    return json.dumps(cell_to_json(cell))
