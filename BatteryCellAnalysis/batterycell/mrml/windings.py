"""The traced windings of a cell, kept with its volume, and in which winding points lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.annotate.winding_numbers import winding_numbers
from batterycell.errors import InputError
from batterycell.orient import move_frame
from batterycell.winding import Windings

from .cell import cell_of
from .geometry import geometry_text, mapped
from .results import overhang_node
from .tables import table_from_node

_WINDINGS = "BatteryCell.Windings"
# The geometry of the volume when its windings were traced.
_HOLDS_FOR = "BatteryCell.WindingsGeometry"


def set_windings(volume_node: Any, windings: Windings | None) -> None:
    """Keep with a volume where its windings run, in the volume's own RAS; None forgets them."""
    volume_node.SetAttribute(_HOLDS_FOR, geometry_text(volume_node) if windings else None)
    volume_node.SetAttribute(_WINDINGS, windings.to_json() if windings else None)


def windings_of(volume_node: Any) -> Windings | None:
    """The windings of `set_windings`, also after the volume was moved (hardened).

    Returns:
        None where none were traced, or for a cell that lay elsewhere in the voxels.
    """
    text, cell = volume_node.GetAttribute(_WINDINGS), cell_of(volume_node)
    if not text or cell is None:
        return None
    try:
        windings = Windings.from_json(text)
    except InputError:
        return None
    now = geometry_text(volume_node)
    frame = move_frame(windings.frame, mapped(volume_node.GetAttribute(_HOLDS_FOR) or now, now))
    places = zip(vars(frame).values(), vars(cell.frame).values(), strict=True)
    is_same = all(np.allclose(mine, its, atol=1e-6) for mine, its in places)
    return replace(windings, frame=cell.frame) if is_same else None


def winding_at(volume_node: Any, ras: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cathode turn nearest to points, 1 is the outermost.

    Args:
        volume_node: The volume.
        ras: Points in the volume's own RAS mm, shape (n, 3).

    Returns:
        Shape (n,); from the traced windings, else from the measured ends; NaN where neither tells.
    """
    cell, windings, table = cell_of(volume_node), windings_of(volume_node), overhang_node(volume_node)
    if windings is not None:
        return windings.winding_at(ras).winding
    if cell is not None and table is not None:
        return winding_numbers(table_from_node(table), cell.frame, ras)
    return np.full(len(ras), np.nan)
