"""What workers do of a cell's measurement: single pieces, kept where the measurement finds them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from batterycell.cylindrical import Found, Work, find_pieces
from batterycell.errors import InputError, InternalError
from batterycell.io import LoadOptions, load_kept
from batterycell.io.kept import Keeper
from batterycell.io.mapped import letting_go
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import no_overhang
from batterycell.winding import Windings

Values = dict[str, Any]


@dataclass(frozen=True)
class CellRun:
    """A cell's measurement, of which others do pieces.

    Args:
        image: The image.
        options: How it is read.
        recipe: The settings.
        folder: Where what is done is kept.
        job: What it is kept for, in JSON's types.
    """

    image: Path
    options: LoadOptions
    recipe: AnalyzeRecipe
    folder: Path
    job: Values

    def to_json(self) -> Values:
        """The same in JSON's types."""
        paths = {"image": str(self.image.resolve()), "folder": str(self.folder)}
        return {**paths, "options": self.options.to_json(), "recipe": asdict(self.recipe), "job": self.job}

    @classmethod
    def from_json(cls, values: Values) -> CellRun:
        """What `to_json` gave."""
        options, recipe = LoadOptions.from_json(values["options"]), AnalyzeRecipe(**values["recipe"])
        return cls(Path(values["image"]), options, recipe, Path(values["folder"]), values["job"])


class _Open(NamedTuple):
    """A measurement as a worker holds it: the cell, its pieces by name, and the keeper of these."""

    found: Found
    pieces: dict[str, Work]
    keeper: Keeper


def piece_task(values: Values, progress: Progress) -> None:
    """Do one piece of a cell's measurement and keep it; one that is kept already is not done again.

    Raises:
        InputError: if it cannot be measured.
        OutputError: if it cannot be kept.
    """
    progress.report(0.0, "measuring the cell")
    run, name = _opened(json.dumps(values["cell"]), values["run"]), values["piece"]
    if name not in run.pieces:
        raise InternalError("piece", f"A worker knows no piece {name} of this cell.", "Please report it.")
    with letting_go(run.found.volume.array):
        run.keeper(name, partial(run.pieces[name], progress))


def let_go() -> None:
    """Close the file of the cell: one that is removed takes room as long as somebody holds it."""
    _opened.cache_clear()


@lru_cache(maxsize=1)
def _opened(text: str, run_name: str) -> _Open:
    """The measurement of a run, opened once a worker: its voxels are mapped, its axis and windings were kept before."""
    run = CellRun.from_json(json.loads(text))
    keeper = Keeper(run.folder, run.job, joins=True)
    progress = Progress(keeper=keeper)
    volume = load_kept(run.image, run.options, keeper, progress, shared=True)
    cell: Cell = progress.kept("cell", _missing)
    found = Found(volume, cell, _windings(keeper), no_overhang())
    return _Open(found, find_pieces(found, run.recipe, progress), keeper)


def _windings(keeper: Keeper) -> Windings | InputError:
    """The cell's windings; none were kept where they were not asked for, or cannot be traced."""
    untraced = InputError("windings-not-traced", "The windings were not traced.")
    return keeper("windings", _missing) if "windings" in keeper else untraced


def _missing() -> Any:
    raise InternalError("not-kept", "What the pieces of this cell build on was not kept.", "Please report it.")
