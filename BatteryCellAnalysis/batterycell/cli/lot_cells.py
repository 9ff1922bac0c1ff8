"""One cell of a lot, measured here or on a worker of a cluster."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

from .road import measure_file

if TYPE_CHECKING:
    from batterycell.cluster import Task
    from batterycell.io import LoadOptions
    from batterycell.lot import LotCell

MEASURE = "batterycell.cli.lot_cells:measure_task"


@dataclass(frozen=True)
class CellsCall:
    """How the cells of a lot are measured.

    Args:
        recipe: The settings.
        options: How the images are read.
        words: The words of the command line.
        overwrite: Whether what was measured before is measured again.
        tolerances: File of the limits; None for none.
    """

    recipe: AnalyzeRecipe
    options: LoadOptions
    words: list[str]
    overwrite: bool
    tolerances: Path | None

    def task(self, cell: LotCell, out: Path) -> Task:
        """The task that measures a cell of a lot."""
        from batterycell.cluster import Task

        values = {
            "recipe": asdict(self.recipe),
            "options": self.options.to_json(),
            "words": self.words,
            "overwrite": self.overwrite,
            "tolerances": str(self.tolerances) if self.tolerances else None,
            "source": str(cell.source),
            "folder": str(out / cell.name),
        }
        return Task(MEASURE, values, cell.name)

    def measure(self, source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
        """Measure a cell, or keep what was measured before from the same files with the same settings."""
        from batterycell.lot import kept_summary
        from batterycell.tolerance import read_tolerances

        kept = None if self.overwrite else kept_summary(source, folder, self.recipe, self.options)
        if kept is not None:
            return {**kept, "status": "kept"}
        asked = (self.options, self.words, self.overwrite)
        tolerances = read_tolerances(self.tolerances) if self.tolerances else None
        return measure_file(source, folder, self.recipe, asked, progress, tolerances)


def measure_task(values: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Measure the cell of a task; its summary."""
    from batterycell.io import LoadOptions

    call = CellsCall(
        AnalyzeRecipe(**values["recipe"]),
        LoadOptions.from_json(values["options"]),
        values["words"],
        values["overwrite"],
        Path(values["tolerances"]) if values["tolerances"] else None,
    )
    return call.measure(Path(values["source"]), Path(values["folder"]), progress)
