"""Repeat the settings of an earlier run on other label volumes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from batterycell.errors import Cancelled, UsageError, explain
from batterycell.output import check_free
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe

from .objects_call import ObjectsCall, write_labels_result
from .objects_options import changed, label_reading


def replay_objects(args: argparse.Namespace, recipe: ObjectsRecipe, progress: Progress) -> dict[str, Any]:
    """Measure label volume after label volume, a folder each; one that cannot be measured is told, the others go on.

    Raises:
        UsageError: if something was said that concerns cells alone.
    """
    from batterycell.lot import name_cells

    _check_words(args)
    recipe = changed(recipe, {"voxel_size_percent": args.voxel_size_uncertainty})
    rows: list[dict[str, Any]] = []
    cells = name_cells(args.cells)
    for number, cell in enumerate(cells):
        call = ObjectsCall(cell.source, recipe, label_reading(args), words=args.words)
        part = progress.part(number / len(cells), (number + 1) / len(cells))
        rows.append({"labels": cell.name, **_measured(call, args.out / cell.name, args.overwrite, part)})
    return {"folder": str(args.out), "rows": rows}


def describe(result: dict[str, Any]) -> str:
    """One line a label volume."""
    width = max(len(row["labels"]) for row in result["rows"])
    lines = [f"{row['labels']:{width}}  {_words(row)}" for row in result["rows"]]
    return "\n".join([*lines, f"Folder: {result['folder']}"])


def exit_code(result: dict[str, Any]) -> int:
    """3 where a label volume could not be measured."""
    return 3 if any(row["status"] == "failed" for row in result["rows"]) else 0


def _measured(call: ObjectsCall, out: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    check_free(out, overwrite)
    try:
        summary = write_labels_result(call, out, overwrite, progress)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one sample must not stop a night's work
        return {"status": "failed", "message": str(explain(error)), "objects": None}
    return {"status": "measured", "message": "", "objects": summary["objects"]}


def _check_words(args: argparse.Namespace) -> None:
    given = {"--angles": args.angles, "--tolerances": args.tolerances, "--preview": args.preview - 1}
    given |= {"--edges": args.edges, "--model": args.model, "--cluster": args.cluster, "--dry-run": args.dry_run}
    wrong = [name for name, value in given.items() if value]
    if wrong:
        message = f"{wrong[0]} concerns cells; this is a recipe for label volumes."
        raise UsageError("replay-words", message, "Leave it out.")


def _words(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"failed: {row['message']}"
    return "measured" if row["objects"] is None else f"measured: {row['objects']:,} objects"
