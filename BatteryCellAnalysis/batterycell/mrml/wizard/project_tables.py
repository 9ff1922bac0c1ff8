"""Tables of a project in the scene, each in one node that is refreshed in place: curves, rounds, evaluation."""

from __future__ import annotations

from typing import Any

from batterycell.mrml.names import set_name
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.tables import add_table, set_columns, table_from_node
from batterycell.tables import Table

EVALUATION = "evaluation"
_KIND = "BatteryCell.Project"


def put_table(scene: Any, kind: str, table: Table, name: str) -> Any:
    """Show a table of the project, in place of the one of its kind before.

    Args:
        scene: The scene.
        kind: What it is to the project, such as `EVALUATION`.
        table: The table.
        name: The node's name.

    Returns:
        The ``vtkMRMLTableNode``; the same one as long as the columns stay the same.
    """
    node = project_node_of(scene, kind)
    if node is not None and _column_names(node) == [column.name for column in table.columns]:
        set_columns(node, table.data)
        return node
    new = add_table(scene, table, name)
    if node is not None:
        scene.RemoveNode(node)
        set_name(new, name)
    mark(new, kind)
    return new


def project_table(scene: Any, kind: str) -> Table | None:
    """A table that `put_table` put into the scene; None where there is none."""
    node = project_node_of(scene, kind)
    return None if node is None else table_from_node(node)


def project_node_of(scene: Any, kind: str) -> Any:
    """The project's node of a kind; None where there is none."""
    return next((node for node in nodes_of(scene) if node.GetAttribute(_KIND) == kind), None)


def mark(node: Any, kind: str) -> None:
    """Let a node be the project's one of a kind."""
    node.SetAttribute(_KIND, kind)


def _column_names(node: Any) -> list[str]:
    return [node.GetColumnName(index) for index in range(node.GetNumberOfColumns())]
