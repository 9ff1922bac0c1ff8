"""Which prediction belongs to which truth."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    name: str
    prediction: Path
    truth: Path
    image: Path | None = None


def find_pairs(prediction: Path, truth: Path, images: Path | None = None) -> list[Pair]:
    """Two files as one pair, or the files of two folders that share a name.

    Args:
        prediction: A file or a folder. Predictions without a truth are left out.
        truth: Likewise. Every truth needs its prediction, or a mean over images would leave out those that failed.
        images: The images, for pictures; those that are absent are left out.

    Raises:
        InputError: if there is nothing, or if a prediction is missing.
        UsageError: if one is a file and the other a folder.
    """
    for path in (prediction, truth, *([images] if images else [])):
        if not path.exists():
            raise InputError("not-found", f"{path} does not exist.", "Check the path.")
    if prediction.is_dir() != truth.is_dir():
        raise UsageError("file-folder", "One is a file, the other a folder.", "Give two files, or two folders.")
    if not prediction.is_dir():
        image = images if images and images.is_file() else None
        return [Pair(image_name(truth) or truth.stem, prediction, truth, image)]
    return _folder_pairs(find_files(prediction), prediction, find_files(truth), truth, images)


def _folder_pairs(
    predictions: dict[str, Path], prediction: Path, truths: dict[str, Path], truth: Path, images: Path | None
) -> list[Pair]:
    if not truths:
        raise InputError("no-labels", f"There are no labels in {truth}.", "Give the folder that holds them.")
    missing = [path for name, path in truths.items() if name not in predictions]
    if missing:
        message = f"{missing[0]} has no prediction of the same name in {prediction}"
        more = f", like {len(missing) - 1} others" if len(missing) > 1 else ""
        raise InputError("partner-missing", f"{message}{more}.", "Segment every image of which there is a truth.")
    found = find_files(images) if images and images.is_dir() else {}
    return [Pair(name, predictions[name], path, found.get(name)) for name, path in truths.items()]
