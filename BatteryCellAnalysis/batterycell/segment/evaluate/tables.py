"""An evaluation as tables: one row an image and class, the mean rows, the confusion matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from batterycell.tables import Column, Table

from .evaluation import Evaluation
from .scores import Measure, Scores, known_mean

MEAN = "mean"
ALL = "all"
NO_CLASS = "none"
SCORES_FILE, CONFUSION_FILE = "dice.csv", "confusion.csv"
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
