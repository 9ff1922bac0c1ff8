"""The same road for many movies: a folder each, and one table of all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import batterycell
from batterycell.cluster import Answer, Cluster, Task, run_tasks
from batterycell.errors import Cancelled, explain
from batterycell.output import check_free, replace_file
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files, sha256
from batterycell.tables import Column, Table, write_csv

from .call import MovieCall
from .members import kept_recipe
from .road import write_movie
from .written import movie_call, write_call

MOVIES_FILE, REPORT_FILE = "movies.csv", "movies.html"
_TASK = "batterycell.movies.lot:movie_task"
_BEFORE = (
    Column("movie", "Movie", "", "Name of the movie's folder."),
    Column("status", "Status", "", "measured; kept: measured before, from the same files and settings; failed."),
)
_AFTER = (
    Column("folder", "Folder", "", "The movie's result folder, beside this table."),
    Column("input", "Input", "", "What was measured."),
    Column("message", "Message", "", "Why a movie could not be measured; else empty."),
)
Rows = list[dict[str, Any]]
Answers = Iterator[tuple[int, Answer]]


def write_movies(
    calls: Mapping[str, MovieCall], out: Path, overwrite: bool, progress: Progress, cluster: Cluster | None = None
) -> Table:
    """Go the road of call after call; the table in ``out`` is complete after each, also where a run is killed.

    What cannot be measured becomes a row that says why; the others go on. What was measured before from the same files
    with the same settings is kept. The page of all follows at the end.

    Args:
        calls: What is asked, by the name of its folder.
        out: Folder of all; made where it is not there.
        overwrite: Whether what was measured before is measured again.
        progress: Told how far it is; asked whether to stop.
        cluster: Workers to spread them over; they have the movies and ``out`` at the same place.

    Returns:
        One row a call: its name and status, every quantity and its uncertainty, folder, input and message.

    Raises:
        InputError: if the workers do not see the folder, or the cluster is gone; what is done is kept.
        Cancelled: if the user asked to stop; what is done is kept.
    """
    out.mkdir(parents=True, exist_ok=True)
    names, rows = list(calls), dict[int, dict[str, Any]]()
    answers = _spread(cluster, calls, out, overwrite, progress) if cluster else _here(calls, out, overwrite, progress)
    for number, answer in answers:
        rows[number] = _row(names[number], calls[names[number]], answer)
        table = movies_table([rows[place] for place in sorted(rows)])
        replace_file(out / MOVIES_FILE, partial(write_csv, table))
    _write_page(table, calls, out)
    return table


def measure_or_keep(call: MovieCall, folder: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Go the road of a call, or keep what is there from the same files and settings; status and quantities."""
    kept = None if overwrite else kept_movie(call, folder)
    if kept is not None:
        return {"status": "kept", "quantities": kept["quantities"]}
    check_free(folder, overwrite)
    return {"status": "measured", "quantities": _write(call, folder, overwrite, progress)["quantities"]}


def movie_task(values: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """`measure_or_keep` on a worker of a cluster."""
    return measure_or_keep(movie_call(values["call"]), Path(values["folder"]), values["overwrite"], progress)


def _here(calls: Mapping[str, MovieCall], out: Path, overwrite: bool, progress: Progress) -> Answers:
    for number, (name, call) in enumerate(calls.items()):
        part = _named(
            progress.part(number / len(calls), (number + 1) / len(calls)), f"{name} ({number + 1} of {len(calls)})"
        )
        try:
            answer = Answer(measure_or_keep(call, out / name, overwrite, part))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one movie must not stop a night's work
            answer = Answer(error=explain(error))
        yield number, answer


def _spread(
    cluster: Cluster, calls: Mapping[str, MovieCall], out: Path, overwrite: bool, progress: Progress
) -> Answers:
    cluster.require_folder(out)
    tasks = [
        Task(_TASK, {"call": write_call(call), "folder": str(out / name), "overwrite": overwrite}, name)
        for name, call in calls.items()
    ]
    return run_tasks(cluster, tasks, progress)


def _row(name: str, call: MovieCall, answer: Answer) -> dict[str, Any]:
    row = {"movie": name, "folder": name, "input": "; ".join(map(str, call.inputs)), "message": "", "quantities": {}}
    if answer.error is not None:
        return {**row, "status": "failed", "folder": "", "message": str(answer.error)}
    return {**row, **answer.value}


def _write_page(table: Table, calls: Mapping[str, MovieCall], out: Path) -> None:
    from batterycell.report.movies import write_movies_report

    first = next(iter(calls.values()))
    provenance = describe_files(asdict(first.recipe), Sources((), first.command))
    replace_file(out / REPORT_FILE, lambda path: write_movies_report(table, provenance, out, path))


def movies_table(rows: Rows) -> Table:
    """Rows as a table, with two columns for every quantity that any movie has."""
    units = {name: one["units"] for row in rows for name, one in row["quantities"].items()}
    numbers = [column for name, unit in units.items() for column in _columns(name, unit)]
    data: dict[str, Any] = {c.name: np.array([row[c.name] for row in rows], str) for c in (*_BEFORE, *_AFTER)}
    for name in units:
        found = [row["quantities"].get(name, {}) for row in rows]
        data[name] = _values(name, [one.get("value") for one in found])
        data[f"u_{name}"] = np.array([one.get("uncertainty") for one in found], float)
    return Table((*_BEFORE, *numbers, *_AFTER), data)


def _values(name: str, values: list[float | None]) -> Any:
    """Counts as whole numbers, where all are known."""
    whole = name.endswith("_count") and None not in values
    return np.array(values, int if whole else float)


def _columns(name: str, units: str) -> tuple[Column, Column]:
    text = "As quantities.csv of the movie's folder says it."
    return Column(name, name, units, text), Column(f"u_{name}", f"± {name}", units, "Half width of its 95 % interval.")


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
