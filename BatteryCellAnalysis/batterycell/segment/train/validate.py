"""How good the running mean of the weights is on whole frames, and what it sees in the monitored ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.file_names import file_stem, untaken
from batterycell.output import replace_file
from batterycell.progress import Progress
from batterycell.segment.apply.predict import Windows, predict_probabilities
from batterycell.segment.samples import Sample

from .learner import Learner
from .patches import seen_by

PREVIEW_FOLDER = "previews"


def measure_dice(learner: Learner, samples: Sequence[Sample], progress: Progress) -> NDArray[np.float64]:
    """The Dice of each class over all labelled pixels of the samples together, (classes,); NaN for unpainted ones."""
    classes = learner.spec.classes
    totals = np.zeros((3, classes))
    for sample in samples:
        totals += _overlaps(predict_labels(learner, sample, progress), sample.labels, classes)
    shared, predicted, painted = totals
    dice = 2.0 * shared / np.maximum(predicted + painted, 1.0)
    return np.where(painted > 0, dice, np.nan)


def predict_labels(learner: Learner, sample: Sample, progress: Progress) -> NDArray[np.uint8]:
    """The labels that the running mean of the weights gives a sample, (slices, rows, columns)."""
    how = Windows(context=learner.spec.margin, mixed_precision=learner.mixed)
    image, quiet = seen_by(sample, learner.spec), Progress(is_cancelled=progress.is_cancelled)
    found = predict_probabilities(learner.average, image, learner.spec, learner.device.name, how, quiet)
    return np.asarray(found.argmax(0) + 1, np.uint8)


def write_previews(learner: Learner, samples: Sequence[Sample], run: Path, progress: Progress) -> None:
    """Write ``previews/<frame>.npy`` of each sample, each at once."""
    (run / PREVIEW_FOLDER).mkdir(exist_ok=True)
    for sample, name in zip(samples, preview_names([one.name for one in samples]), strict=True):
        labels = predict_labels(learner, sample, progress)
        replace_file(run / PREVIEW_FOLDER / name, lambda path, labels=labels: np.save(path, labels))  # type: ignore[misc]


def preview_names(frames: Sequence[str]) -> list[str]:
    """The file name of each frame's preview, by the names of the monitored frames in order."""
    names: list[str] = []
    for frame in frames:
        names.append(untaken(file_stem(frame), {name.lower() for name in names}))
    return [f"{name}.npy" for name in names]


def _overlaps(predicted: NDArray[np.uint8], labels: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """Pixels shared, predicted and painted of each class, (3, classes), among those that were labelled."""
    known = labels > 0
    ours, true = predicted[known] - 1, labels[known] - 1
    rows = (true[ours == true], ours, true)
    return np.array([np.bincount(row, minlength=classes)[:classes] for row in rows], float)
