"""An evaluation as tables: one row an image and class, the mean rows, the confusion matrix, the short form to print."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.output import replace_file
from batterycell.tables import Column, Table, write_csv

from .evaluation import Evaluation
from .interval import METHOD, NEIGHBOURS
from .scores import Measure, Scores, known_mean

MEAN = "mean"
ALL = "all"
NO_CLASS = "none"
SCORES_FILE, CONFUSION_FILE, SUMMARY_FILE = "dice.csv", "confusion.csv", "evaluation.json"
SCORE_COLUMNS = (
    Column("image", "Image", "", 'The image; "mean" for the mean over images.'),
    Column("class", "Class", "", 'The class; "mean" for the mean over classes.'),
    Column("dice", "Dice", "", "2 TP / (truth + predicted); empty where the class is in neither."),
    Column("iou", "IoU", "", "TP / (truth + predicted − TP), the intersection over the union."),
    Column("precision", "Precision", "", "TP / predicted; empty where the class was never predicted."),
    Column("recall", "Recall", "", "TP / truth; empty where the class is not in the truth."),
    Column("tolerant_dice", "Tolerant Dice", "", "Dice of voxels that agree within the tolerance; empty without one."),
    Column("dice_low", "Dice from", "", "Lower end of the 95 % interval of the mean Dice, of Student's t over images."),
    Column("dice_high", "Dice to", "", "Upper end of the 95 % interval of the mean Dice."),
    Column("images", "Images", "", "Number of images with a Dice in the mean."),
    Column("truth_voxels", "Truth", "", "Voxels of the class in the truth."),
    Column("predicted_voxels", "Predicted", "", "Voxels predicted as the class where the truth is known."),
    Column("note", "Note", "", "Why there is no number, or zero."),
)
SCORE_DTYPES: dict[str, type] = {
    **dict.fromkeys(("image", "class", "note"), str),
    **dict.fromkeys(("images", "truth_voxels", "predicted_voxels"), int),
}
CONFUSION_COLUMNS = (
    Column("image", "Image", "", 'The image; "all" for all together.'),
    Column("truth", "Truth", "", "The class in the truth."),
    Column("predicted", "Predicted", "", 'The class that was predicted; "none" where there is no prediction.'),
    Column("voxels", "Voxels", "", "Number of such voxels."),
    Column("share", "Share", "", "Their share of the voxels of the class in the truth; empty where it has none."),
)
_MOST_NOTES = 100
CONFUSION_DTYPES: dict[str, type] = {**dict.fromkeys(("image", "truth", "predicted"), str), "voxels": int}
_MEASURES: tuple[Measure, ...] = ("dice", "iou", "precision", "recall", "tolerant_dice")


def score_table(evaluation: Evaluation) -> Table:
    """One row an image and class and one an image's mean, then the means over images, with `SCORE_COLUMNS`."""
    rows = [*_image_rows(evaluation), *_mean_rows(evaluation)]
    data = {column.name: [row[column.name] for row in rows] for column in SCORE_COLUMNS}
    return Table(
        SCORE_COLUMNS, {name: np.array(values, SCORE_DTYPES.get(name, float)) for name, values in data.items()}
    )


def confusion_table(evaluation: Evaluation) -> Table:
    """One row an image, class of the truth and class of the prediction, with `CONFUSION_COLUMNS`; then all images."""
    names = [one.name for one in evaluation.classes]
    matrices = {**{image.name: image.matrix for image in evaluation.images}, ALL: evaluation.matrix}
    rows = [
        (image, truth, predicted, int(matrix[i, j]), shares(matrix)[i, j])
        for image, matrix in matrices.items()
        for i, truth in enumerate(names)
        for j, predicted in enumerate([*names, NO_CLASS])
    ]
    columns = zip(CONFUSION_COLUMNS, zip(*rows, strict=True), strict=True)
    return Table(CONFUSION_COLUMNS, {column.name: np.array(values) for column, values in columns})


def shares(matrix: Any) -> Scores:
    """A confusion matrix as shares of each row; NaN in rows without voxels."""
    whole = np.broadcast_to(matrix.sum(1, keepdims=True), matrix.shape)
    return np.asarray(np.divide(matrix, whole, out=np.full(matrix.shape, np.nan), where=whole > 0))


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


def _image_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    rows = []
    for image in evaluation.images:
        scores = {measure: image.score(measure) for measure in _MEASURES}
        notes, truth, predicted = image.notes(), image.truth.tolist(), image.predicted.tolist()
        for n, one in enumerate(evaluation.classes):
            values = {measure: scores[measure][n] for measure in _MEASURES}
            rows.append(_row(image.name, one.name, values, (truth[n], predicted[n]), note=notes[n]))
        values = {measure: known_mean(scores[measure]) for measure in _MEASURES}
        rows.append(_row(image.name, MEAN, values, (sum(truth), sum(predicted))))
    return rows


def _mean_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    means = {measure: [*evaluation.means(measure), evaluation.mean(measure)] for measure in _MEASURES}
    names = [*(one.name for one in evaluation.classes), MEAN]
    matrix = evaluation.matrix
    truth, predicted = matrix.sum(1).tolist(), matrix.sum(0)[:-1].tolist()
    voxels = [*zip(truth, predicted, strict=True), (sum(truth), sum(predicted))]
    rows = []
    for n, name in enumerate(names):
        dice = means["dice"][n]
        row = _row(MEAN, name, {measure: means[measure][n].mean for measure in _MEASURES}, voxels[n])
        rows.append({**row, "dice_low": dice.low, "dice_high": dice.high, "images": dice.count})
    return rows


def _row(
    image: str, name: str, values: dict[Measure, float], voxels: tuple[int, int], note: str = ""
) -> dict[str, Any]:
    return {
        "image": image,
        "class": name,
        **{str(measure): value for measure, value in values.items()},
        "dice_low": math.nan,
        "dice_high": math.nan,
        "images": int(math.isfinite(values["dice"])),
        "truth_voxels": voxels[0],
        "predicted_voxels": voxels[1],
        "note": note,
    }


def _text(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }
