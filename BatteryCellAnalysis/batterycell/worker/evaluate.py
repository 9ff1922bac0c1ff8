"""Evaluate labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.report.evaluation_folder import evaluate_to_folder
from batterycell.segment.classes import SegmentClass, check_classes
from batterycell.segment.data.class_files import StatedClasses
from batterycell.segment.evaluate import (
    EvaluateSettings,
    Pair,
    Reading,
    dice_grid,
    evaluate_pairs,
    write_tables,
)
from batterycell.segment.evaluate.summary import SUMMARY_FILE, grid_table
from batterycell.segment.evaluate.tables import (
    CONFUSION_COLUMNS,
    CONFUSION_DTYPES,
    CONFUSION_FILE,
    SCORE_COLUMNS,
    SCORE_DTYPES,
    SCORES_FILE,
)
from batterycell.tables import Table, read_csv

from .jobs import RESULT_FOLDER, write_json

GRID_FILE = "grid.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Evaluate.

    Settings: ``pairs``, a list of ``{"name", "prediction", "truth", "image", "by_slice"}``, files, the last two
    optional; all others optional: ``classes``, a list of ``{"name", "color"}`` of the values 1, 2 …; ``full``;
    ``tolerance_px``; ``command``; ``report``, False for the tables alone, which need no packages to draw with. The
    folder ``result`` holds what ``batterycell evaluate`` writes.
    """
    settings = job["settings"]
    pairs, how = _pairs(settings), _settings(settings)
    if settings.get("report", True):
        evaluation = evaluate_to_folder(pairs, how, out, settings.get("command", ""), progress)
    else:
        evaluation = evaluate_pairs(pairs, how, progress)
        write_tables(evaluation, out)
    write_json(out / GRID_FILE, {"rows": dice_grid(evaluation)})


def read_scores(folder: Path) -> Table:
    """The scores of a finished job: one row an image and class, and means, with `SCORE_COLUMNS`."""
    return read_csv(folder / RESULT_FOLDER / SCORES_FILE, SCORE_COLUMNS, SCORE_DTYPES)


def read_confusion(folder: Path) -> Table:
    """The confusion matrices of a finished job, with `CONFUSION_COLUMNS`."""
    return read_csv(folder / RESULT_FOLDER / CONFUSION_FILE, CONFUSION_COLUMNS, CONFUSION_DTYPES)


def read_grid(folder: Path) -> list[list[str]]:
    """The short table of a finished job: images as rows, classes as columns, heads and means included."""
    values = json.loads((folder / RESULT_FOLDER / GRID_FILE).read_text(encoding="utf-8"))
    return [list(map(str, row)) for row in values["rows"]]


def read_dice_table(folder: Path) -> Table:
    """The short table of a finished job as a table, e.g. for a table node."""
    return grid_table(read_grid(folder))


def read_summary(folder: Path) -> dict[str, Any]:
    """What a finished job found, as of `segment.evaluate.summary`."""
    values: dict[str, Any] = json.loads((folder / RESULT_FOLDER / SUMMARY_FILE).read_text(encoding="utf-8"))
    return values


def _pairs(settings: dict[str, Any]) -> list[Pair]:
    return [
        Pair(
            one["name"],
            Path(one["prediction"]),
            Path(one["truth"]),
            Path(one["image"]) if one.get("image") else None,
            bool(one.get("by_slice")),
        )
        for one in settings["pairs"]
    ]


def _settings(settings: dict[str, Any]) -> EvaluateSettings:
    named = [SegmentClass(one["name"], one["color"]) for one in settings.get("classes") or []]
    classes = StatedClasses(check_classes(named), None) if named else None
    return EvaluateSettings(Reading(classes, bool(settings.get("full"))), float(settings.get("tolerance_px") or 0.0))
