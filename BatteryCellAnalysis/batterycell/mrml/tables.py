"""Tables in and out of a scene, with their titles, units and descriptions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table

from .names import set_name

# Slicer's reader of tables loses what stands before a quotation mark; its full-width twin looks the same.
_QUOTE, _TWIN = '"', "＂"


def add_table(scene: Any, table: Table, name: str) -> Any:
    """Add a table to a scene.

    Returns:
        The new ``vtkMRMLTableNode``, locked, its columns with title, unit label and description.
    """
    node = scene.AddNewNodeByClass("vtkMRMLTableNode")
    set_name(node, name)
    changing = node.StartModify()
    for column in table.columns:
        node.AddColumn(_to_vtk(column.name, table[column.name]))
        node.SetColumnTitle(column.name, column.title)
        node.SetColumnUnitLabel(column.name, column.units)
        node.SetColumnDescription(column.name, column.description)
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)
    node.EndModify(changing)
    return node


def set_columns(node: Any, columns: dict[str, NDArray[Any]]) -> None:
    """Write new values into columns that a ``vtkMRMLTableNode`` has already."""
    changing = node.StartModify()
    for name, values in columns.items():
        node.GetTable().GetColumnByName(name).DeepCopy(_to_vtk(name, values))
    node.GetTable().Modified()
    node.EndModify(changing)


def number_columns(node: Any, ends: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """The columns of a ``vtkMRMLTableNode`` whose names have these ends; its texts, which are slow, are not read."""
    names = (node.GetColumnName(index) for index in range(node.GetNumberOfColumns()))
    return {name: _from_vtk(node.GetTable().GetColumnByName(name)) for name in names if name.endswith(ends)}


def table_from_node(node: Any) -> Table:
    """The table of a ``vtkMRMLTableNode``, e.g. of a scene that was saved and loaded again."""
    names = [node.GetColumnName(index) for index in range(node.GetNumberOfColumns())]
    columns = tuple(
        Column(name, node.GetColumnTitle(name), node.GetColumnUnitLabel(name), node.GetColumnDescription(name))
        for name in names
    )
    return Table(columns, {name: _from_vtk(node.GetTable().GetColumnByName(name)) for name in names})


def _to_vtk(name: str, values: NDArray[Any]) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = _strings(values) if values.dtype.kind not in "iuf" else numpy_to_vtk(_number(values), deep=True)
    array.SetName(name)
    return array


def _number(values: NDArray[Any]) -> NDArray[Any]:
    # Slicer's table files know no 64-bit integers.
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int32)


def _strings(values: NDArray[Any]) -> Any:
    from vtkmodules.vtkCommonCore import vtkStringArray

    array = vtkStringArray()
    array.SetNumberOfValues(len(values))
    texts = values.tolist()
    # Columns of words hold few different ones.
    stored = {text: stored_text(text) for text in set(texts)}
    for index, text in enumerate(texts):
        array.SetValue(index, stored[text])
    return array


def stored_text(value: Any) -> str:
    """A value as a text that a table's file can hold."""
    return str(value).replace(_QUOTE, _TWIN)


def _from_vtk(array: Any) -> NDArray[Any]:
    if array.IsA("vtkStringArray"):
        texts = (array.GetValue(index) for index in range(array.GetNumberOfValues()))
        return np.array([text.replace(_TWIN, _QUOTE) for text in texts], dtype=str)
    from vtkmodules.util.numpy_support import vtk_to_numpy

    values = np.asarray(vtk_to_numpy(array))
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
