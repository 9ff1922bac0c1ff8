"""The page of an evaluation: the Dice table, what was taken for what, and where predictions are worst."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.file_names import file_stem
from batterycell.pictures.label_overlay import compare_labels
from batterycell.pictures.save import save_rgb
from batterycell.segment.evaluate import Evaluation, WorstSlice
from batterycell.segment.evaluate.interval import METHOD, Interval
from batterycell.segment.evaluate.scores import Measure
from batterycell.segment.evaluate.summary import notes
from batterycell.segment.evaluate.tables import NO_CLASS, shares

from .page import data_url, page_colors, template

_MOST_IMAGES, _MOST_FILES = 400, 400
_GOOD, _POOR = 0.95, 0.85
_MEASURES: dict[Measure, str] = {"iou": "IoU", "precision": "Precision", "recall": "Recall"}


@dataclass(frozen=True)
class Cell:
    """A cell of a table of the page.

    Args:
        text: What stands in it.
        look: A class of the style sheet, or "".
        shade: Opacity 0 to 1 of the colour behind it.
    """

    text: str
    look: str = ""
    shade: float = 0.0


def write_evaluation_report(
    evaluation: Evaluation, worst: Sequence[WorstSlice], provenance: dict[str, Any], folder: Path
) -> None:
    """Write ``report.html``, and a picture of each of the worst slices.

    Args:
        evaluation: What was counted.
        worst: Slices to be shown; may be empty.
        provenance: Of `batterycell.provenance.describe_files`.
        folder: Where to.
    """
    page = template("evaluation.html.jinja").render(
        provenance=provenance,
        colors=page_colors(),
        verdict=verdict(evaluation),
        classes=evaluation.classes,
        images=[(image.name, cells) for image, cells in _rows(evaluation)],
        count=len(evaluation.images),
        means=[_score(one.mean) for one in _with_mean(evaluation, "dice")],
        intervals=[_interval(one) for one in _with_mean(evaluation, "dice")],
        measures=_measures(evaluation),
        confusion=_confusion(evaluation),
        notes=notes(evaluation),
        method=METHOD,
        tolerance=evaluation.settings.tolerance_px,
        worst=[_picture(number, one, folder) for number, one in enumerate(worst, start=1)],
        files=provenance["inputs"][:_MOST_FILES],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def verdict(evaluation: Evaluation) -> dict[str, str]:
    """The finding in one sentence; ``kind`` is "clear", "unclear" or "alarm" by the worst class of any image."""
    scores, mean = evaluation.scores("dice"), evaluation.mean("dice")
    if not np.isfinite(scores).any():
        return {"kind": "unclear", "text": "Nothing could be compared: no labels are known in both."}
    image, n = np.unravel_index(np.nanargmin(scores), scores.shape)
    least = float(scores[image, n])
    kind = "alarm" if least < _POOR else "clear" if least >= _GOOD else "unclear"
    interval = f" (95 % interval {_interval(mean)})" if math.isfinite(mean.low) else ""
    where = f"{evaluation.classes[int(n)].name} on {evaluation.images[int(image)].name}"
    many = f"{len(evaluation.images)} image{'s' if len(evaluation.images) != 1 else ''}"
    text = f"Mean Dice {_number(mean.mean)}{interval} over {many}; lowest {_number(least)}: {where}."
    return {"kind": kind, "text": text}


def _rows(evaluation: Evaluation) -> list[tuple[Any, list[Cell]]]:
    scores, means = evaluation.scores("dice"), evaluation.image_means("dice")
    rows = zip(evaluation.images[:_MOST_IMAGES], scores, means, strict=False)
    return [(image, [_score(value) for value in [*row, mean]]) for image, row, mean in rows]


def _with_mean(evaluation: Evaluation, measure: Measure) -> list[Interval]:
    return [*evaluation.means(measure), evaluation.mean(measure)]


def _measures(evaluation: Evaluation) -> list[tuple[str, list[str]]]:
    """The mean over images of each measure, of each class and of all."""
    names = dict(_MEASURES)
    if evaluation.settings.tolerance_px > 0:
        names["tolerant_dice"] = f"Dice within {evaluation.settings.tolerance_px:g} pixels"
    return [(title, [_number(one.mean) for one in _with_mean(evaluation, name)]) for name, title in names.items()]


def _confusion(evaluation: Evaluation) -> dict[str, Any]:
    """The matrix of all images, as shares of each row; the last column only where something was not predicted."""
    matrix, names = evaluation.matrix, [one.name for one in evaluation.classes]
    heads = [*names, NO_CLASS] if matrix[:, -1].any() else names
    rows = [[_share(share) for share in row[: len(heads)]] for row in shares(matrix).tolist()]
    return {"heads": heads, "rows": list(zip(names, rows, strict=True))}


def _share(share: float) -> Cell:
    if not math.isfinite(share):
        return Cell("–", "none")
    return Cell(f"{100 * share:.1f} %", "", round(share, 3))


def _picture(number: int, worst: WorstSlice, folder: Path) -> tuple[str, str]:
    path = folder / f"worst_{number}_{file_stem(worst.name)}.png"
    save_rgb(compare_labels(worst), path)
    place = "" if worst.slice is None else f", slice {worst.slice + 1}"
    return data_url(
        path
    ), f"{worst.name}{place}, mean Dice {_number(worst.dice)}: image, truth, prediction, and in red what is wrong."


def _score(value: float) -> Cell:
    if not math.isfinite(value):
        return Cell("–", "none")
    return Cell(_number(value), "negative" if value < _POOR else "poor" if value < _GOOD else "")


def _interval(one: Interval) -> str:
    return f"{_number(one.low)} to {_number(one.high)}" if math.isfinite(one.low) else "–"


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"
