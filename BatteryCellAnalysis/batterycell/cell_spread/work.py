"""What workers do of a cell's measurement: single pieces, kept where the measurement finds them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from batterycell.cylindrical import Found, Work, find_pieces, stage_pieces
from batterycell.errors import InputError, InternalError
from batterycell.export import result_files
from batterycell.export.result_files import Write
from batterycell.io import LoadOptions, load_kept
from batterycell.io.kept import Keeper
from batterycell.io.mapped import letting_go
from batterycell.orient import Cell
from batterycell.pipeline import RESULT
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult
from batterycell.volume import Volume

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
        run.keeper(name, partial(run.pieces[name], replace(progress, keeper=run.keeper)))


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
    found = Found(volume, cell, _found(keeper, "windings"), _found(keeper, "overhang"))
    pieces = stage_pieces(found, run.recipe) | find_pieces(found, run.recipe, progress)
    return _Open(found, pieces | _file_pieces(volume, keeper), keeper)


def _file_pieces(volume: Volume, keeper: Keeper) -> dict[str, Work]:
    """The files of the result that can be written by themselves; none before all is measured."""
    if RESULT not in keeper:
        return {}
    result: AnyResult = replace(keeper(RESULT, _missing), volume=volume)
    return {name: partial(_write, keeper, name, write) for name, write in result_files(result).items()}


def _write(keeper: Keeper, name: str, write: Write, progress: Progress) -> Any:
    return keeper.write_file(name, lambda path: write(path, progress))


def _found(keeper: Keeper, name: str) -> Any:
    """What was found of the cell; it is not kept where it was not asked for, or cannot be found."""
    return keeper(name, _missing) if name in keeper else InputError("not-found", f"There are no {name}.")


def _missing() -> Any:
    raise InternalError("not-kept", "What the pieces of this cell build on was not kept.", "Please report it.")
