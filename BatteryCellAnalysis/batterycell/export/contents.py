"""What a scene holds of one cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from batterycell.errors import InputError
from batterycell.measured import Stage
from batterycell.mrml.cell import attached, cell_of, volume_node_of, volume_of
from batterycell.mrml.defects import defects_table
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.results import recipe_of, result_of
from batterycell.mrml.rulers import ruler_table
from batterycell.mrml.stages import stages_of
from batterycell.mrml.standing import standing_of
from batterycell.mrml.tolerances import tolerances_of
from batterycell.orient import Cell
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult, Standing, judge_cell
from batterycell.summary import summarize, summarize_stages, summarize_volume
from batterycell.tables import Table
from batterycell.tolerance import Tolerances, Verdict
from batterycell.volume import Volume


@dataclass(frozen=True)
class Contents:
    """What was found in one cell, by the program and by people.

    Args:
        volume: Its grey values.
        cell: Where it stands; None while that is not known.
        result: Its measured overhang; None where it was not measured, and for pouch cells.
        defects: Its marked defects; None where there are none.
        rulers: Its rulers and angles; None where there are none.
        standing: How it was turned in Slicer.
        stages: What every stage found.
        recipe: The settings it was measured with, or would be.
        tolerances: What it is judged by.
    """

    volume: Volume
    cell: Cell | None = None
    result: CellResult | None = None
    defects: Table | None = None
    rulers: Table | None = None
    standing: Standing = field(default_factory=Standing)
    stages: tuple[Stage, ...] = ()
    recipe: AnalyzeRecipe = field(default_factory=AnalyzeRecipe)
    tolerances: Tolerances | None = None

    @property
    def verdict(self) -> Verdict | None:
        """Whether the cell keeps to its tolerances; None where nothing was measured."""
        if self.result is None and not self.stages:
            return None
        return judge_cell(self.stages, self.overhang, self.tolerances)

    @property
    def judged_stages(self) -> tuple[Stage, ...]:
        """What every stage found, and the verdict on it."""
        return (*self.stages, self.verdict.to_stage()) if self.verdict else self.stages

    @property
    def overhang(self) -> Table | None:
        """The overhang table, where it was measured."""
        return self.result.overhang if self.result else None


def contents_of(volume_node: Any) -> Contents:
    """Everything that was found in the cell of a volume node.

    Raises:
        InputError: if the node holds no grey values.
    """
    volume = volume_of(volume_node)
    defects, rulers = defects_table(volume_node), ruler_table(volume_node)
    result = result_of(volume_node)
    return Contents(
        volume=volume,
        cell=cell_of(volume_node),
        result=result,
        defects=defects if len(defects) else None,
        rulers=rulers if len(rulers) else None,
        standing=standing_of(volume_node),
        stages=result.stages if result else stages_of(volume_node),
        recipe=recipe_of(volume_node),
        tolerances=tolerances_of(volume_node),
    )


def find_volume(scene: Any, name: str | None = None) -> Any:
    """The volume of a scene that holds the cell: the named one, else the only one, else the only one with findings.

    Raises:
        InputError: if there is none, or no telling which.
    """
    found = [node for node in nodes_of(scene) if _is_cell(node)]
    if name is not None:
        found = [node for node in found if name in (node.GetName(), node.GetID())]
    cells = [node for node in found if attached(node) or cell_of(node)] if len(found) > 1 else found
    if len(cells) == 1:
        return cells[0]
    every = [node.GetName() for node in nodes_of(scene) if _is_cell(node)]
    if not every:
        raise InputError("volume-missing", "The scene holds no volume of a cell.", "Save it with the cell's volume.")
    names = ", ".join(every)
    which = f" named {name}" if name is not None else ""
    raise InputError(
        "volume-unclear", f"The scene holds {len(found)} volumes{which}; there are {names}.", "Name one with --volume."
    )


def _is_cell(node: Any) -> bool:
    """Whether a node may hold a cell: not labels, nor what was made of a cell, such as the cell unrolled."""
    kinds = node.IsA("vtkMRMLScalarVolumeNode") and not node.IsA("vtkMRMLLabelMapVolumeNode")
    return bool(kinds and node.GetImageData() is not None and volume_node_of(node) is None)


def summary_of(found: Contents) -> dict[str, Any]:
    """What was found, in JSON's types: of the cell, its overhang, defects and rulers as far as there are any."""
    result = found.result
    summary = summarize(result) if result else summarize_volume(found.volume, found.cell, found.standing)
    if found.verdict:
        summary |= {**summarize_stages(found.stages), "verdict": found.verdict.to_json()}
    if found.defects is not None:
        summary["defects"] = {"n": len(found.defects), "classes": _counts(found.defects, "class")}
    if found.rulers is not None:
        summary["rulers"] = {"n": len(found.rulers)}
    return summary


def _counts(table: Table, column: str) -> dict[str, int]:
    return dict(Counter(table[column].tolist()))
