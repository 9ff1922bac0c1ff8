"""The same road for many movies: a folder each, and one table of all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import batterycell
from batterycell.errors import Cancelled, explain
from batterycell.lot.cells import LotCell
from batterycell.output import check_free, replace_file
from batterycell.progress import Progress
from batterycell.provenance import sha256
from batterycell.tables import Column, Table, write_csv

from .call import MovieCall
from .members import kept_recipe
from .road import write_movie

MOVIES_FILE = "movies.csv"
_BEFORE = (
    Column("movie", "Movie", "", "Name of the movie's folder."),
    Column("status", "Status", "", "measured; kept: measured before, from the same files and settings; failed."),
)
_AFTER = (
    Column("folder", "Folder", "", "The movie's result folder, beside this table."),
    Column("input", "Input", "", "What was measured."),
    Column("message", "Message", "", "Why a movie could not be measured; else empty."),
)
Ask = Callable[[Path], MovieCall]
Rows = list[dict[str, Any]]


def write_movies(movies: Sequence[LotCell], out: Path, ask: Ask, overwrite: bool, progress: Progress) -> Table:
    """Go the road for movie after movie; the table in ``out`` is complete after each, also where a run is killed.

    A movie that cannot be measured becomes a row that says why; the others go on. What was measured before from the
    same files with the same settings is kept.

    Args:
        movies: Sources and names.
        out: Folder of all; made where it is not there.
        ask: What is asked of a source.
        overwrite: Whether what was measured before is measured again.
        progress: Told how far it is; asked whether to stop.

    Returns:
        One row a movie: its name and status, every quantity and its uncertainty, folder, input and message.
    """
    rows: Rows = []
    for number, movie in enumerate(movies):
        part = progress.part(number / len(movies), (number + 1) / len(movies))
        named = f"{movie.name} ({number + 1} of {len(movies)})"
        rows.append(_row(movie, out, ask, overwrite, _named(part, named)))
        out.mkdir(parents=True, exist_ok=True)
        replace_file(out / MOVIES_FILE, partial(write_csv, movies_table(rows)))
    return movies_table(rows)


def movies_table(rows: Rows) -> Table:
    """Rows as a table, with two columns for every quantity that any movie has."""
    units = {name: one["units"] for row in rows for name, one in row["quantities"].items()}
    numbers = [column for name, unit in units.items() for column in _columns(name, unit)]
    data: dict[str, Any] = {c.name: np.array([row[c.name] for row in rows], str) for c in (*_BEFORE, *_AFTER)}
    for name in units:
        found = [row["quantities"].get(name, {}) for row in rows]
        data[name] = np.array([one.get("value") for one in found], float)
        data[f"u_{name}"] = np.array([one.get("uncertainty") for one in found], float)
    return Table((*_BEFORE, *numbers, *_AFTER), data)


def _columns(name: str, units: str) -> tuple[Column, Column]:
    text = "As quantities.csv of the movie's folder says it."
    return Column(name, name, units, text), Column(f"u_{name}", f"± {name}", units, "Half width of its 95 % interval.")


def _row(movie: LotCell, out: Path, ask: Ask, overwrite: bool, progress: Progress) -> dict[str, Any]:
    folder = out / movie.name
    row = {"movie": movie.name, "folder": movie.name, "input": str(movie.source), "message": "", "quantities": {}}
    try:
        call = ask(movie.source)
        kept = None if overwrite else kept_movie(call, folder)
        if kept is not None:
            return {**row, "status": "kept", "quantities": kept["quantities"]}
        check_free(folder, overwrite)
        summary = _write(call, folder, overwrite, progress)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one movie must not stop a night's work
        return {**row, "status": "failed", "folder": "", "message": str(explain(error))}
    return {**row, "status": "measured", "quantities": summary["quantities"]}


def _write(call: MovieCall, folder: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Write one folder; a search for a law goes on where an earlier one was interrupted."""
    if call.step != "invert":
        return write_movie(call, folder, overwrite, progress)
    keep = folder.resolve().with_name(f"{folder.name}.run")
    summary = write_movie(replace(call, keep=keep), folder, overwrite, progress)
    shutil.rmtree(keep, ignore_errors=True)
    return summary


def kept_movie(call: MovieCall, folder: Path) -> dict[str, Any] | None:
    """The summary of a result folder if it was made from the same files, with the same settings and program."""
    try:
        said = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        asked = replace(call, recipe=kept_recipe(call.recipe, call.inputs))
        same = (
            said["batterycell_version"] == batterycell.__version__
            and said["recipe"] == json.loads(json.dumps(asdict(asked.recipe)))
            and said["reading"] == json.loads(json.dumps(call.said))
            and [one["sha256"] for one in said["inputs"]] == [sha256(path) for path in call.sources.files]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return summary if same else None


def _named(progress: Progress, name: str) -> Progress:
    """A progress whose messages begin with the movie's name."""
    return Progress(lambda fraction, message: progress.report(fraction, f"{name}: {message}"), progress.is_cancelled)
