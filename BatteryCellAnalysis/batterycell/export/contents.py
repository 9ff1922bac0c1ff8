"""What a scene holds of one cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from batterycell.mrml.cell import attached, cell_of, volume_of
from batterycell.mrml.defects import defects_table
from batterycell.mrml.results import result_of
from batterycell.orient import Cell
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult
from batterycell.summary import summarize, summarize_volume
from batterycell.tables import Table
from batterycell.volume import Volume

RULERS = "rulers"


@dataclass(frozen=True)
class Contents:
    """What was found in one cell, by the program and by people.

    Args:
        volume: Its grey values.
        cell: Where it stands; None while that is not known.
        result: Its measured overhang; None where it was not measured.
        defects: Its marked defects; None where there are none.
        rulers: Its rulers and angles; None where there are none.
        ruler_nodes: The markups of the rulers and angles.
    """

    volume: Volume
    cell: Cell | None = None
    result: CellResult | None = None
    defects: Table | None = None
    rulers: Table | None = None
    ruler_nodes: list[Any] = field(default_factory=list)

    @property
    def overhang(self) -> Table | None:
        """The overhang table, where it was measured."""
        return self.result.overhang if self.result else None

    @property
    def recipe(self) -> AnalyzeRecipe:
        """The settings it was measured with, or would be."""
        return self.result.recipe if self.result else AnalyzeRecipe()


def contents_of(volume_node: Any) -> Contents:
    """Everything that was found in the cell of a volume node.

    Raises:
        InputError: if the node holds no grey values.
    """
    volume = volume_of(volume_node)
    defects, rulers = defects_table(volume_node), _ruler_table(volume_node)
    return Contents(
        volume=volume,
        cell=cell_of(volume_node),
        result=result_of(volume_node),
        defects=defects if len(defects) else None,
        rulers=rulers if rulers is not None and len(rulers) else None,
        ruler_nodes=attached(volume_node, RULERS),
    )


def summary_of(found: Contents) -> dict[str, Any]:
    """What was found, in JSON's types: of the cell, its overhang, defects and rulers as far as there are any."""
    result = found.result
    summary = summarize(result) if result else summarize_volume(found.volume, found.cell)
    if found.defects is not None:
        summary["defects"] = {"n": len(found.defects), "classes": _counts(found.defects, "class")}
    if found.rulers is not None:
        summary["rulers"] = {"n": len(found.rulers)}
    return summary


def _counts(table: Table, column: str) -> dict[str, int]:
    return dict(Counter(table[column].tolist()))


def _ruler_table(volume_node: Any) -> Table | None:
    try:
        from batterycell.mrml.rulers import ruler_table
    except ImportError:
        return None
    return ruler_table(volume_node)


def ruler_value(node: Any) -> str:
    """What a ruler measures, with its uncertainty, for people."""
    return ""
