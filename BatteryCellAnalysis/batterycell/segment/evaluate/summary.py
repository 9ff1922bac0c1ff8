"""An evaluation in short: the table to print, what a reader must know, and the files of it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.file_names import file_stem, untaken
from batterycell.output import replace_file
from batterycell.tables import Column, Table, write_csv

from .evaluation import Evaluation
from .interval import METHOD, NEIGHBOURS
from .scores import Measure
from .tables import CONFUSION_FILE, MEAN, SCORES_FILE, confusion_table, score_table

SUMMARY_FILE = "evaluation.json"
_MOST_NOTES = 100
_NONE = "–"


def dice_grid(evaluation: Evaluation, measure: Measure = "dice") -> list[list[str]]:
    """The short form: images as rows, classes as columns, their means; a head row, and the 95 % interval below."""
    names = [one.name for one in evaluation.classes]
    per_image = zip(evaluation.images, evaluation.scores(measure), evaluation.image_means(measure), strict=True)
    means = [*evaluation.means(measure), evaluation.mean(measure)]
    rows = [["image", *names, MEAN], *([image.name, *map(_text, [*row, mean])] for image, row, mean in per_image)]
    rows.append([MEAN, *(_text(one.mean) for one in means)])
    if len(evaluation.images) > 1:
        rows.append(["95 % from", *(_text(one.low) for one in means)])
        rows.append(["95 % to", *(_text(one.high) for one in means)])
    return rows


def grid_table(rows: list[list[str]]) -> Table:
    """The short form as a table, e.g. for a table node: a row an image, then the mean and its interval.

    Args:
        rows: Of `dice_grid`.
    """
    columns = [Column("image", "Image", "", "The image; last the mean over images and the ends of its 95 % interval.")]
    for name in rows[0][1:]:
        taken = {column.name for column in columns}
        slug = untaken(file_stem(name).lower().replace("-", "_").replace(".", "_"), taken)
        columns.append(Column(slug, name, "", f"Dice, {name}; empty where there is nothing to compare."))
    numbers = np.array([[math.nan if text == _NONE else float(text) for text in row[1:]] for row in rows[1:]])
    data = {column.name: numbers[:, n] for n, column in enumerate(columns[1:])}
    return Table(tuple(columns), {"image": np.array([row[0] for row in rows[1:]]), **data})


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """What an evaluation found, in JSON's types."""
    means = dict(zip((one.name for one in evaluation.classes), evaluation.means("dice"), strict=True))
    return {
        "images": len(evaluation.images),
        "classes": [one.name for one in evaluation.classes],
        "tolerance_px": evaluation.settings.tolerance_px,
        "dice": {name: _known(vars(one)) for name, one in means.items()},
        "mean_dice": _known(vars(evaluation.mean("dice"))),
        "mean_tolerant_dice": _known(vars(evaluation.mean("tolerant_dice"))),
        "notes": notes(evaluation),
        "interval": f"{METHOD} {NEIGHBOURS}" if evaluation.are_neighbours else METHOD,
    }


def notes(evaluation: Evaluation) -> list[str]:
    """What a reader must know: classes without a number, or with zero, and images that are neighbours."""
    found = [
        f"{one.name} on {image.name}: {note}."
        for image in evaluation.images
        for one, note in zip(evaluation.classes, image.notes(), strict=True)
        if note
    ]
    return [*([NEIGHBOURS] if evaluation.are_neighbours else []), *found[:_MOST_NOTES]]


def write_tables(evaluation: Evaluation, folder: Path) -> None:
    """Write ``dice.csv``, ``confusion.csv`` and ``evaluation.json``."""
    replace_file(folder / SCORES_FILE, lambda path: write_csv(score_table(evaluation), path))
    replace_file(folder / CONFUSION_FILE, lambda path: write_csv(confusion_table(evaluation), path))
    replace_file(folder / SUMMARY_FILE, lambda path: _write_summary(evaluation, path))


def _write_summary(evaluation: Evaluation, path: Path) -> None:
    path.write_text(json.dumps(summary(evaluation), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _text(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else _NONE


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }
