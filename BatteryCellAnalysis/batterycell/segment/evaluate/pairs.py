"""Which prediction belongs to which truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from batterycell.errors import InputError, UsageError
from batterycell.segment.data.folders import find_files, image_name


@dataclass(frozen=True)
class Pair:
    """Two files of one image.

    Args:
        name: The image's name.
        prediction: What a model, or a person, said.
        truth: What it is measured by.
        image: The image itself, for pictures; None where it is not at hand.
        by_slice: Whether each slice counts as an image of its own.
        slice_names: Names of the slices; empty for their numbers.
    """

    name: str
    prediction: Path
    truth: Path
    image: Path | None = None
    by_slice: bool = False
    slice_names: tuple[str, ...] = ()


def find_pairs(prediction: Path, truth: Path, images: Path | None = None, by_slice: bool = False) -> list[Pair]:
    """Two files as one pair, the files of two folders that share a name, or a file and a folder of its slices.

    Args:
        prediction: A file or a folder. Predictions without a truth are left out.
        truth: Likewise. Every truth needs its prediction, or a mean over images would leave out those that failed. A
            folder of pictures can be the truth of one file, whose slices they are: then each counts as an image.
        images: The images, for pictures; those that are absent are left out.
        by_slice: Whether each slice of a volume counts as an image of its own.

    Raises:
        InputError: if there is nothing, or if a prediction is missing.
        UsageError: if the truth is a file, and the prediction a folder.
    """
    for path in (prediction, truth, *([images] if images else [])):
        if not path.exists():
            raise InputError("not-found", f"{path} does not exist.", "Check the path.")
    if not truth.is_dir():
        if prediction.is_dir():
            hint = "Give two files, two folders, or a file and the folder of its slices."
            raise UsageError("file-folder", "The truth is a file, the prediction a folder.", hint)
        image = images if images and images.is_file() else None
        return [Pair(image_name(truth) or truth.stem, prediction, truth, image, by_slice)]
    stack = _only_file(prediction, truth)
    if stack is not None:
        return [_stack_pair(stack, truth, images)]
    return [replace(pair, by_slice=by_slice) for pair in _folder_pairs(prediction, truth, images)]


def _only_file(prediction: Path, truth: Path) -> Path | None:
    """The prediction of which the truth's pictures are the slices: a file, or the only one of a folder."""
    if prediction.is_file():
        return prediction
    predictions, truths = find_files(prediction), find_files(truth)
    is_stack = len(predictions) == 1 and len(truths) > 1 and not set(predictions) & set(truths)
    return next(iter(predictions.values())) if is_stack else None


def _stack_pair(prediction: Path, truth: Path, images: Path | None) -> Pair:
    name = image_name(prediction) or prediction.stem
    return Pair(name, prediction, truth, images, True, tuple(find_files(truth)))


def _folder_pairs(prediction: Path, truth: Path, images: Path | None) -> list[Pair]:
    predictions, truths = find_files(prediction), find_files(truth)
    if not truths:
        raise InputError("no-labels", f"There are no labels in {truth}.", "Give the folder that holds them.")
    missing = [path for name, path in truths.items() if name not in predictions]
    if missing:
        message = f"{missing[0]} has no prediction of the same name in {prediction}"
        more = f", like {len(missing) - 1} others" if len(missing) > 1 else ""
        hint = "Segment every image of which there is a truth, or name the one file of which they are the slices."
        raise InputError("partner-missing", f"{message}{more}.", hint)
    found = find_files(images) if images and images.is_dir() else {}
    return [Pair(name, predictions[name], path, found.get(name)) for name, path in truths.items()]
