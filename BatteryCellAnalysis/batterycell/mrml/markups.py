"""Ends of cathode and anode as points, and overhangs as rulers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.orient import CellFrame
from batterycell.result import negative, readable
from batterycell.tables import Table

from .folders import put_into_folder
from .points import end_points, overhang_lines, row_name

# Of the view, in percent: small enough for a whole cell, and it does not grow over the sheets when one zooms in.
_GLYPH_PERCENT = 0.8
# More would hide the cell, and make views slow to turn.
_MOST_ROWS = 6000


def add_ends(scene: Any, overhang: Table, name: str = "") -> tuple[Any, Any]:
    """Add the found ends as two locked point lists, labels off.

    A cathode that has an anode on both faces has two rows and one end: it becomes one point. Of many angles every n-th
    is shown, so that there are not more than some thousand points.

    Args:
        scene: The scene.
        overhang: The overhang table.
        name: Put before the names "Cathode ends" and "Anode ends".

    Returns:
        The ``vtkMRMLMarkupsFiducialNode`` of the cathodes and of the anodes.
    """
    some = _at_some_angles(overhang)
    cathodes = _add_points(scene, some, "cathode", f"{name} Cathode ends".strip())
    anodes = _add_points(scene, some, "anode", f"{name} Anode ends".strip())
    return cathodes, anodes


def add_alarms(scene: Any, overhang: Table) -> Any:
    """Mark the cathode's end at every negative overhang, also where the anode's end cannot be read.

    Returns:
        The new ``vtkMRMLMarkupsFiducialNode``; None where no overhang is negative.
    """
    rows = overhang.where(negative(overhang))
    if not len(rows):
        return None
    node = _add_points(scene, rows, "cathode", "Negative overhangs")
    _style(node, palette.ALARM)
    # Larger than the cathode's own point in the same place.
    node.GetDisplayNode().SetGlyphScale(2 * _GLYPH_PERCENT)
    return node


def add_rulers(
    scene: Any, overhang: Table, frame: CellFrame, angles_deg: Sequence[float], max_count: int = 80
) -> list[Any]:
    """Add a line for the overhangs at the given angles, captioned in µm, in a folder "Overhang rulers".

    Lines are slow to draw: beyond ``max_count`` they are thinned out evenly, negative overhangs last.

    Returns:
        The new ``vtkMRMLMarkupsLineNode``s, from the cathode's level to the anode's end, along the cell's axis.
    """
    chosen = overhang.where(_ruler_rows(overhang, angles_deg, max_count))
    nodes = [_add_ruler(scene, chosen, row, line) for row, line in enumerate(overhang_lines(chosen, frame))]
    put_into_folder(scene, nodes, "Overhang rulers")
    return nodes


def _at_some_angles(overhang: Table) -> Table:
    angles = np.unique(overhang["angle_deg"])
    rows = int((overhang["flag"] != "outside-volume").sum())
    return overhang.where(np.isin(overhang["angle_deg"], angles[:: max(1, -(-rows // _MOST_ROWS))]))


def _add_points(scene: Any, overhang: Table, part: str, name: str) -> Any:
    points = end_points(overhang, part)
    rows = np.flatnonzero(np.isfinite(points).all(axis=1))
    rows = rows[np.sort(np.unique(points[rows], axis=0, return_index=True)[1])] if len(rows) else rows
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    changing = node.StartModify()
    node.SetControlPointPositionsWorld(_vtk_points(points[rows]))
    for index, row in enumerate(rows.tolist()):
        node.SetNthControlPointLabel(index, row_name(overhang, row))
    _style(node, palette.CATHODE if part == "cathode" else palette.ANODE)
    node.EndModify(changing)
    return node


def _ruler_rows(overhang: Table, angles_deg: Sequence[float], max_count: int) -> NDArray[np.bool_]:
    rows = np.flatnonzero(readable(overhang) & np.isin(overhang["angle_deg"], angles_deg))
    spread = np.argsort(np.random.default_rng(0).permutation(len(rows)))
    kept = rows[np.lexsort([spread, ~negative(overhang)[rows]])[:max_count]]
    return np.isin(np.arange(len(overhang)), kept)


def _add_ruler(scene: Any, overhang: Table, row: int, line: NDArray[np.float64]) -> Any:
    # Names become file names in a bundle: plain letters only.
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", row_name(overhang, row).replace("°", " deg"))
    changing = node.StartModify()
    node.SetControlPointPositionsWorld(_vtk_points(line))
    value = overhang["overhang_um"][row]
    node.SetNthControlPointLabel(0, "")
    node.SetNthControlPointLabel(1, f"{value:.0f} µm")
    # The caption is the overhang along the sheet; the line's own length, along the axis, would contradict it.
    node.GetMeasurement("length").SetEnabled(False)
    _style(node, palette.ALARM if value < 0 else palette.OVERHANG)
    node.GetDisplayNode().SetPropertiesLabelVisibility(False)
    node.GetDisplayNode().SetPointLabelsVisibility(True)
    node.EndModify(changing)
    return node


def _style(node: Any, color: str) -> None:
    node.SetLocked(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(*palette.to_rgb(color))
    display.SetSelectedColor(*palette.to_rgb(color))
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(_GLYPH_PERCENT)
    display.SetPointLabelsVisibility(False)
    display.SetTextScale(2.0)


def _vtk_points(points: NDArray[np.float64]) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints

    result = vtkPoints()
    result.SetData(numpy_to_vtk(np.ascontiguousarray(points, np.float64), deep=True))
    return result
