"""Where predictions are worst: the slices that a person should look at first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io import LoadOptions
from batterycell.segment.classes import UNKNOWN, SegmentClass
from batterycell.segment.data.images import read_any

from .evaluation import Evaluation
from .keys import find_common_key
from .labels import Compared, read_pair
from .pairs import Pair
from .scores import ImageScores

_ANY_SIZE = LoadOptions(needs_voxel_size=False)


@dataclass(frozen=True)
class WorstSlice:
    """The slice of an image with the most wrong pixels.

    Args:
        name: The image's name.
        slice: Its number, from 0; None where the image has one only, or where the name tells.
        dice: Mean Dice of the image.
        grey: Shape (rows, columns).
        truth: Labels, of the same shape.
        prediction: Likewise.
        classes: The classes.
    """

    name: str
    slice: int | None
    dice: float
    grey: NDArray[np.float32]
    truth: NDArray[np.uint8]
    prediction: NDArray[np.uint8]
    classes: tuple[SegmentClass, ...]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Where the truth is known and the prediction another, shape (rows, columns)."""
        return find_wrong(self.truth, self.prediction)


def find_wrong(truth: NDArray[np.uint8], prediction: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the truth is known and the prediction another."""
    return np.asarray((truth != UNKNOWN) & (truth != prediction))


def worst_slices(evaluation: Evaluation, pairs: Sequence[Pair], count: int = 3) -> list[WorstSlice]:
    """The worst slice of each of the worst images of which the image itself is at hand.

    Args:
        evaluation: Of these pairs.
        pairs: With their images.
        count: At most so many.
    """
    dice = zip(evaluation.images, evaluation.image_means("dice").tolist(), strict=True)
    by_name = {pair.name: pair for pair in pairs if pair.image is not None}
    shown = [(image, value) for image, value in dice if image.source in by_name and math.isfinite(value)]
    chosen = sorted(shown, key=lambda one: one[1])[:count]
    if not chosen:
        return []
    reading, found = evaluation.settings.reading, []
    key = evaluation.key or find_common_key(pairs, reading)
    for image, value in chosen:
        pair = by_name[image.source]
        found.append(_worst(pair, image, read_pair(pair, key, reading.full), value))
    return found


def _worst(pair: Pair, image: ImageScores, compared: Compared, dice: float) -> WorstSlice:
    k, shown = image.slice, None
    if k is None:
        k = int(np.count_nonzero(find_wrong(compared.truth, compared.prediction), axis=(1, 2)).argmax())
        shown = k if len(compared.truth) > 1 else None
    labels = (compared.truth[k], compared.prediction[k])
    return WorstSlice(image.name, shown, dice, _grey(pair, k, compared), *labels, compared.classes)


def _grey(pair: Pair, k: int, compared: Compared) -> NDArray[np.float32]:
    if pair.image is None:
        raise ValueError("a pair without its image has no picture")
    array = read_any(pair.image, _ANY_SIZE).array
    if array.shape != compared.truth.shape:
        message = f"{pair.image} and {pair.truth} differ in size."
        raise InputError("sizes-differ", message, "Give the images that the labels are of, or leave --images out.")
    return np.asarray(array[k], np.float32)
