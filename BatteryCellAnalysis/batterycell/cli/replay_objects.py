"""Repeat the settings of an earlier run on other label volumes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import Cancelled, UsageError, explain
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe

from .cluster import chosen_cluster
from .objects_call import ObjectsCall, measure_labels
from .objects_options import changed, label_reading

if TYPE_CHECKING:
    from batterycell.cluster import Answer, Cluster

_TASK = "batterycell.cli.replay_objects:labels_task"
Calls = Mapping[str, ObjectsCall]
Answers = Iterator[tuple[int, "Answer"]]


def replay_objects(args: argparse.Namespace, recipe: ObjectsRecipe, progress: Progress) -> dict[str, Any]:
    """Measure label volume after label volume, a folder each; one that cannot be measured is told, the others go on.

    What was measured before from the same files with the same settings is kept.

    Raises:
        UsageError: if something was said that concerns cells alone.
        InputError: if the cluster is gone; what is done is kept.
        Cancelled: if the user asked to stop; what is done is kept.
    """
    from batterycell.lot import name_cells

    _check_words(args)
    recipe = changed(recipe, {"voxel_size_percent": args.voxel_size_uncertainty})
    reading = label_reading(args)
    calls = {cell.name: ObjectsCall(cell.source, recipe, reading, words=args.words) for cell in name_cells(args.cells)}
    try:
        with chosen_cluster(args) as cluster:
            rows = dict(_answers(cluster, calls, args, progress))
    except (Cancelled, KeyboardInterrupt) as stop:
        cancelled = Cancelled()
        cancelled.hint = f"What was measured is kept in {args.out}: the same command goes on there"
        raise cancelled from stop
    return {"folder": str(args.out), "rows": [_row(name, rows[number]) for number, name in enumerate(calls)]}


def labels_task(values: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Measure one label volume, on a worker of a cluster."""
    from batterycell.io import LoadOptions

    recipe, reading = ObjectsRecipe(**values["recipe"]), LoadOptions.from_json(values["reading"])
    call = ObjectsCall(Path(values["labels"]), recipe, reading, words=values["words"])
    return _measured(call, Path(values["folder"]), values["overwrite"], progress)


def describe(result: dict[str, Any]) -> str:
    """One line a label volume."""
    width = max(len(row["labels"]) for row in result["rows"])
    lines = [f"{row['labels']:{width}}  {_words(row)}" for row in result["rows"]]
    return "\n".join([*lines, f"Folder: {result['folder']}"])


def exit_code(result: dict[str, Any]) -> int:
    """3 where a label volume could not be measured."""
    return 3 if any(row["status"] == "failed" for row in result["rows"]) else 0


def _answers(cluster: Cluster | None, calls: Calls, args: argparse.Namespace, progress: Progress) -> Answers:
    """What comes of each volume: the volumes side by side, or the slabs of one after the other where they are few."""
    if cluster is None:
        return _one_by_one(calls, args, progress)
    verbs = {call.recipe.verb for call in calls.values()}
    if verbs == {"instances"} and len(calls) < cluster.workers:
        spread = {name: replace(call, cluster=cluster) for name, call in calls.items()}
        return _one_by_one(spread, args, progress)
    return _side_by_side(cluster, calls, args, progress)


def _one_by_one(calls: Calls, args: argparse.Namespace, progress: Progress) -> Answers:
    from batterycell.cluster import Answer

    for number, (name, call) in enumerate(calls.items()):
        part = progress.part(number / len(calls), (number + 1) / len(calls))
        try:
            answer = Answer(_measured(call, args.out / name, args.overwrite, part))
        except Cancelled:
            raise
        except Exception as error:
            answer = Answer(error=explain(error))
            if answer.error is not None and answer.error.code == "cluster-gone":
                raise
        yield number, answer


def _side_by_side(cluster: Cluster, calls: Calls, args: argparse.Namespace, progress: Progress) -> Answers:
    from batterycell.cluster import Task, run_tasks

    cluster.require_folder(args.out)
    tasks = [
        Task(
            _TASK,
            {
                "labels": str(call.labels),
                "recipe": asdict(call.recipe),
                "reading": call.reading.to_json(),
                "words": list(call.words),
                "folder": str(args.out / name),
                "overwrite": args.overwrite,
            },
            name,
        )
        for name, call in calls.items()
    ]
    return run_tasks(cluster, tasks, progress)


def _measured(call: ObjectsCall, out: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Measure a label volume, or keep what was measured before from the same files with the same settings."""
    from batterycell.lot import kept_summary

    kept = None if overwrite else kept_summary(call.labels, out, call.recipe, call.reading)
    summary = kept or measure_labels(call, out, overwrite, progress)
    status = "kept" if kept else "measured"
    return {"status": status, "message": "", "objects": summary["objects"], "notes": summary["notes"]}


def _row(name: str, answer: Answer) -> dict[str, Any]:
    if answer.error is not None:
        return {"labels": name, "status": "failed", "message": str(answer.error), "objects": None}
    found = dict(answer.value)
    for note in found.pop("notes"):
        print(f"batterycell: {name}: {note}", file=sys.stderr)
    return {"labels": name, **found}


def _check_words(args: argparse.Namespace) -> None:
    given = {"--angles": args.angles, "--tolerances": args.tolerances, "--preview": args.preview - 1}
    given |= {"--edges": args.edges, "--model": args.model, "--dry-run": args.dry_run}
    wrong = [name for name, value in given.items() if value]
    if wrong:
        message = f"{wrong[0]} concerns cells; this is a recipe for label volumes."
        raise UsageError("replay-words", message, "Leave it out.")


def _words(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"failed: {row['message']}"
    return row["status"] if row["objects"] is None else f"{row['status']}: {row['objects']:,} objects"
