"""What is missing before a training can start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from batterycell.errors import InputError
from batterycell.segment.samples import Dataset, Sample
from batterycell.segment.settings import TrainSettings

from .split import split_mixed

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something that stands in the way of a training, or of a good one.

    Args:
        code: Stable machine name.
        message: One sentence: what, and where.
        hint: One sentence: what to do about it.
        severity: Whether the training cannot start, or only goes worse.
    """

    code: str
    message: str
    hint: str
    severity: Severity = "error"


def find_problems(dataset: Dataset, settings: TrainSettings) -> list[Problem]:
    """What is missing for a training; mixed samples are judged as they will be divided.

    Args:
        dataset: What would be learned from.
        settings: How.

    Returns:
        Errors first, then warnings.
    """
    broken = list(_broken_samples(dataset))
    if broken:
        return broken
    divided = split_mixed(dataset, settings.validation_part, settings.seed)
    found = [*_missing_roles(divided), *_missing_classes(divided), *_odd_frames(dataset, settings)]
    return sorted(found, key=lambda problem: problem.severity != "error")


def require_trainable(dataset: Dataset, settings: TrainSettings) -> list[Problem]:
    """Refuse what cannot be trained.

    Returns:
        The warnings.

    Raises:
        InputError: the first error of `find_problems`.
    """
    problems = find_problems(dataset, settings)
    for problem in problems:
        if problem.severity == "error":
            raise InputError(problem.code, problem.message, problem.hint)
    return problems


def _broken_samples(dataset: Dataset) -> Iterator[Problem]:
    """Samples that no other question can be asked of."""
    for sample in dataset.samples:
        if len(sample.image) != len(dataset.channel_names):
            counts = f"{len(sample.image)} channels, not {len(dataset.channel_names)}"
            hint = "Give all images of a project the same channels."
            yield Problem("channels-count", f"The image {sample.source} has {counts}.", hint)
        if sample.image.dtype.kind == "f" and not np.isfinite(sample.image).all():
            message = f"The frame {_place(sample)} holds pixels that are no number (NaN or infinite)."
            yield Problem("not-finite", message, "Replace them in the image, e.g. by the grey value of pores.")
        if sample.labels.max(initial=0) > len(dataset.classes):
            message = f"The label {sample.labels.max()} in the frame {_place(sample)} is none of the classes."
            yield Problem("label-unknown", message, f"There are {len(dataset.classes)} classes; add the missing one.")


def _missing_roles(dataset: Dataset) -> Iterator[Problem]:
    if not _has_labels(dataset.of_role("training")):
        message = "Nothing is labelled in any training frame."
        yield Problem("training-missing", message, "Paint some pixels of each class in a training or mixed frame.")
    elif not _has_labels(dataset.of_role("validation")):
        message = "Nothing is labelled that could validate the training."
        hint = "Make a labelled frame a validation frame, or a larger one a mixed frame."
        yield Problem("validation-missing", message, hint)


def _missing_classes(dataset: Dataset) -> Iterator[Problem]:
    training, validation = (_painted(dataset, dataset.of_role(role)) for role in ("training", "validation"))
    for name, trains, validates in zip((one.name for one in dataset.classes), training, validation, strict=True):
        if validates and not trains:
            message = f"The class {name} is painted in validation frames only."
            yield Problem("class-validation-only", message, "Paint some of it in a training frame.")
        elif not trains:
            message = f"The class {name} is painted nowhere."
            yield Problem("class-unpainted", message, "Paint some of it in a training frame, or remove the class.")
        elif not validates and any(validation):
            message = f"The class {name} is painted in training frames only."
            hint = "Paint some of it in a validation frame, else nobody knows how well it is found."
            yield Problem("class-training-only", message, hint, "warning")


def _odd_frames(dataset: Dataset, settings: TrainSettings) -> Iterator[Problem]:
    for sample in dataset.samples:
        if sample.role != "monitoring" and not sample.labels.any():
            message = f"Nothing is painted in the frame {_place(sample)}."
            yield Problem("frame-empty", message, "Paint in it, make it a monitoring frame, or remove it.", "warning")
        elif sample.role in ("training", "mixed"):
            yield from _too_small(sample, settings)
            yield from _without_neighbours(sample)


def _too_small(sample: Sample, settings: TrainSettings) -> Iterator[Problem]:
    shape = sample.labels.shape if settings.dimension == "3d" else sample.labels.shape[1:]
    if settings.dimension == "3d" and shape[0] == 1:
        message = f"The frame {_place(sample)} is one slice thick: too thin for a 3D network."
        yield Problem("frame-flat", message, "Draw a box, or train in 2D or 2.5D.")
    elif settings.patch is not None and min(shape) < settings.patch:
        sides = " × ".join(map(str, shape))
        message = f"The frame {_place(sample)} ({sides} pixels) is smaller than the patch of {settings.patch}."
        yield Problem("frame-small", message, "Draw a larger frame, or choose a smaller patch.", "warning")


def _without_neighbours(sample: Sample) -> Iterator[Problem]:
    if sample.margin and np.array_equal(sample.image[:, 0], sample.image[:, -1]):
        message = f"The image {sample.source} has no slices beside the frame {sample.name}."
        yield Problem("slices-missing", message, "Train in 2D: 2.5D would see one slice several times.", "warning")


def _has_labels(samples: Iterable[Sample]) -> bool:
    return any(bool(sample.labels.any()) for sample in samples)


def _painted(dataset: Dataset, samples: tuple[Sample, ...]) -> list[bool]:
    """Whether each class is painted in any of the samples."""
    values = {int(value) for sample in samples for value in np.unique(sample.labels)}
    return [n + 1 in values for n in range(len(dataset.classes))]


def _place(sample: Sample) -> str:
    return sample.name if sample.name == sample.source else f"{sample.name} of {sample.source}"
