"""What belongs to one cell: its volume, what was found in it, and every node attached to it.

Every node of a cell lives in the volume's own RAS, under the volume's transform: it follows when the cell is turned,
put back or hardened. The attached node refers to the volume, not the volume to the node, so that undo, which restores
nodes but not volumes, restores the belonging as well.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.orient import Cell, is_rigid, move_cell
from batterycell.result import cell_from_json, cell_to_json
from batterycell.volume import Volume

from .geometry import geometry_text, mapped
from .nodes import nodes_of
from .volumes import matrix_of, volume_from_node

VOXEL_SIZE_SOURCE = "BatteryCell.VoxelSizeSource"
INPUT = "BatteryCell.Input"
# The role of the transform that turns a cell.
ORIENTATION = "orientation"
# The role of the unrolled cell, which lies in a space of its own and does not turn with the cell.
UNROLLED = "unrolled"
CELL = "BatteryCell.Cell"
# The geometry of the volume when its cell was found.
CELL_HOLDS_FOR = "BatteryCell.CellGeometry"
_ROLE = "BatteryCell.Role"
_HIDDEN = "BatteryCell.Hidden"
_VOLUME = "BatteryCell.Volume"


def volume_of(volume_node: Any) -> Volume:
    """The volume of a node, with where its voxel size came from.

    Raises:
        InputError: if the node holds no grey values, or its axes are not at right angles.
    """
    volume = volume_from_node(volume_node)
    if volume.is_sheared:
        message = f"The axes of the volume {volume.name} are not at right angles."
        raise InputError("sheared", message, "Resample it to a rectangular grid first (module Resample Scalar Volume).")
    source = volume_node.GetAttribute(VOXEL_SIZE_SOURCE) or volume.voxel_size_source
    return replace(volume, voxel_size_source=source)


def input_path(volume_node: Any) -> Path | None:
    """The file or folder a volume node was loaded from, where it still is there."""
    storage = volume_node.GetStorageNode()
    path = Path(volume_node.GetAttribute(INPUT) or (storage.GetFullNameFromFileName() if storage else "") or "")
    return path if path.name and path.exists() else None


def set_cell(volume_node: Any, cell: Cell | None) -> None:
    """Keep with a volume where its cell stands, in the volume's own RAS; None forgets it."""
    changing = volume_node.StartModify()
    volume_node.SetAttribute(CELL, None if cell is None else json.dumps(cell_to_json(cell)))
    volume_node.SetAttribute(CELL_HOLDS_FOR, None if cell is None else geometry_text(volume_node))
    volume_node.EndModify(changing)


def cell_of(volume_node: Any) -> Cell | None:
    """Where the cell of a volume stands, in the volume's own RAS, also after the volume was moved (hardened).

    Returns:
        The cell; None while it is not known, or since the voxel size was changed.
    """
    cell, now = _kept_cell(volume_node), geometry_text(volume_node)
    before = volume_node.GetAttribute(CELL_HOLDS_FOR) or now
    if cell is None or before == now:
        return cell
    matrix = mapped(before, now)
    return move_cell(cell, matrix, matrix_of(volume_node)) if is_rigid(matrix) else None


def _kept_cell(volume_node: Any) -> Cell | None:
    """The cell as it was noted; None where there is no note, or one that another program spoiled."""
    try:
        return cell_from_json(json.loads(volume_node.GetAttribute(CELL) or "null"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def attach(volume_node: Any, node: Any, role: str) -> None:
    """Let a node belong to the cell of a volume: it follows the volume's transform, and undo knows it.

    Args:
        volume_node: The cell's volume.
        node: A node of the same scene, in the volume's own RAS.
        role: What it is to the cell, e.g. "roi", "defects", "rulers".
    """
    if node.GetScene() is not volume_node.GetScene() or node is volume_node or not role:
        raise ValueError("a node of the volume's scene, other than the volume, and a role are needed")
    node.SetAttribute(_ROLE, role)
    node.SetNodeReferenceID(_VOLUME, volume_node.GetID())
    # Undo would copy every voxel of a volume, and of segments.
    node.SetUndoEnabled(not (node.IsA("vtkMRMLVolumeNode") or node.IsA("vtkMRMLSegmentationNode")))
    _follow(volume_node, node)


def detach(node: Any) -> None:
    """Let a node belong to no cell; it stays where it is."""
    node.RemoveAttribute(_ROLE)
    node.RemoveNodeReferenceIDs(_VOLUME)


def attached(volume_node: Any, role: str | None = None) -> list[Any]:
    """The nodes that belong to the cell of a volume, of one role or of all, in the order of the scene."""
    # The role first: most nodes of a scene have none, and a reference takes longer to follow.
    some = [node for node in nodes_of(volume_node.GetScene()) if (role_of(node) == role if role else role_of(node))]
    return [node for node in some if volume_node_of(node) is volume_node]


def role_of(node: Any) -> str:
    """What a node is to its cell; empty where it belongs to none."""
    return node.GetAttribute(_ROLE) or ""


def volume_node_of(node: Any) -> Any:
    """The volume of the cell to which a node belongs; None where it belongs to none."""
    return node.GetNodeReference(_VOLUME)


def show_marks_of(scene: Any, volume_node: Any) -> None:
    """Show the points, lines and boxes of one cell, and hide those of others; what a person hid stays hidden.

    Args:
        scene: The scene.
        volume_node: The cell's volume; with None, or once it was removed, its marks are hidden like any other's.
    """
    for node in nodes_of(scene, "vtkMRMLMarkupsNode"):
        if role_of(node) and node.GetDisplayNode():
            _show_or_hide(node, volume_node is not None and volume_node_of(node) is volume_node)


def _show_or_hide(node: Any, is_chosen: bool) -> None:
    display = node.GetDisplayNode()
    if is_chosen and node.GetAttribute(_HIDDEN):
        node.RemoveAttribute(_HIDDEN)
        display.SetVisibility(True)
    elif not is_chosen and display.GetVisibility():
        node.SetAttribute(_HIDDEN, "with its cell")
        display.SetVisibility(False)


def put_under(volume_node: Any, transform_node: Any) -> None:
    """Put a volume and everything attached to it under a transform; None takes them out."""
    volume_node.SetAndObserveTransformNodeID(transform_node.GetID() if transform_node else None)
    for node in attached(volume_node):
        _follow(volume_node, node)


def follows(node: Any) -> bool:
    """Whether a node of a cell has a place in the cell, and so turns with it."""
    turns = node.IsA("vtkMRMLTransformableNode") and not node.IsA("vtkMRMLTransformNode")
    return bool(turns and role_of(node) != UNROLLED)


def _follow(volume_node: Any, node: Any) -> None:
    if follows(node):
        node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())
