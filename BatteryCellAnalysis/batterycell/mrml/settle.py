"""Keep together what belongs together when somebody else moved it: another module, or the user, by Slicer's own means.

Slicer's Transforms module can harden, remove or add a transform of the volume alone. Tables and nodes attached to the
volume must then follow, or they would lie beside the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import is_rigid

from .cell import attached, follows, role_of
from .geometry import HOLDS_FOR, SCANNED, UNDER, apply_matrix, geometry_text, mapped, note_geometry
from .tables import number_columns, set_columns
from .volumes import matrix_of

# The roles of the tables of a stage: its quantities, and its tables and maps.
STAGE_HEAD, STAGE_PART = "stage", "stage-part"
_PARTS = ("cathode", "anode")
_IJK, _RAS = ("_i", "_j", "_k"), ("r_mm", "a_mm", "s_mm")


def settle(volume_node: Any) -> None:
    """Let everything attached to a volume follow it, wherever it went; does nothing where all is in place."""
    scene = volume_node.GetScene()
    if scene is None or scene.IsBatchProcessing() or scene.IsClosing() or scene.IsImporting():
        return
    changing = volume_node.StartModify()
    now, before = geometry_text(volume_node), volume_node.GetAttribute(HOLDS_FOR)
    if not volume_node.GetAttribute(SCANNED):
        volume_node.SetAttribute(SCANNED, now)
    every = attached(volume_node)
    for node in filter(follows, every):
        _gather(volume_node, node, mapped(before, now) if before and before != now else None)
    for table in every:
        if role_of(table) == "overhang":
            _place_rows(volume_node, table)
        elif role_of(table) in (STAGE_HEAD, STAGE_PART):
            _move_rows(volume_node, table)
    note_geometry(volume_node, volume_node)
    volume_node.SetAttribute(UNDER, volume_node.GetTransformNodeID())
    volume_node.EndModify(changing)


def ras_columns(voxels: Mapping[str, NDArray[Any]], ijk_to_ras: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """The RAS columns of an overhang table from its voxel columns, in a volume's present geometry (4, 4)."""
    columns: dict[str, NDArray[Any]] = {}
    for part in _PARTS:
        ijk = np.column_stack([voxels[f"{part}_{axis}"] for axis in "ijk"])
        ras = ijk @ ijk_to_ras[:3, :3].T + ijk_to_ras[:3, 3]
        columns |= {f"{part}_{axis}_mm": values for axis, values in zip("ras", ras.T, strict=True)}
    return columns


def moved_columns(places: Mapping[str, NDArray[Any]], matrix: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """The RAS columns of a table, ``r_mm``, ``a_mm``, ``s_mm`` with or without a prefix, moved by a matrix (4, 4)."""
    prefixes = [name.removesuffix("r_mm") for name in places if name.endswith("r_mm")]
    columns: dict[str, NDArray[Any]] = {}
    for names in ([f"{prefix}{axis}_mm" for axis in "ras"] for prefix in prefixes):
        if set(names) <= set(places):
            ras = np.column_stack([places[name] for name in names]) @ matrix[:3, :3].T + matrix[:3, 3]
            columns |= dict(zip(names, ras.T, strict=True))
    return columns


def _gather(volume_node: Any, node: Any, was_moved: NDArray[np.float64] | None) -> None:
    """Bring a node under the volume's transform, and along with its voxels where they were moved without it."""
    under = volume_node.GetTransformNodeID()
    # What left a transform together with the volume was hardened together with it.
    is_left = node.GetTransformNodeID() != under or volume_node.GetAttribute(UNDER) == under
    if was_moved is not None and is_left:
        apply_matrix(node, was_moved)
    if node.GetTransformNodeID() != under:
        node.SetAndObserveTransformNodeID(under)


def _place_rows(volume_node: Any, table: Any) -> None:
    before, now = table.GetAttribute(HOLDS_FOR), geometry_text(volume_node)
    if before and before != now:
        set_columns(table, ras_columns(number_columns(table, _IJK), matrix_of(volume_node)))
    if before != now:
        note_geometry(table, volume_node)


def _move_rows(volume_node: Any, table: Any) -> None:
    """Move the places in a stage's table with its cell; a changed voxel size is no move: the stage no longer holds."""
    before, now = table.GetAttribute(HOLDS_FOR), geometry_text(volume_node)
    if before and before != now and is_rigid(mapped(before, now)):
        set_columns(table, moved_columns(number_columns(table, _RAS), mapped(before, now)))
        note_geometry(table, volume_node)
