"""Grey values inside instances: least, mean, largest and standard deviation, of any number of images."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.file_names import untaken
from batterycell.slabs import SlabSource
from batterycell.tables import Column

from .context import Context, Measure, MeasureSlab
from .moments import AXES, Voxels

_WHAT = {
    "min": "Least grey value",
    "mean": "Mean grey value",
    "max": "Largest grey value",
    "sd": "Standard deviation of the grey values",
}


class Intensities:
    """Grey values of one image inside each instance.

    Sums are taken of the values less a whole number near the mean of the middle slice, so that the standard deviation
    does not suffer from values far from 0, and the same in slabs of any depth.
    """

    def __init__(self, context: Context, image: str, word: str) -> None:
        self._voxels, self._image, self._word = context.share(Voxels), image, word
        self._sum, self._squares = np.zeros((2, context.count + 1))
        self._least, self._most = np.full(context.count + 1, np.inf), np.full(context.count + 1, -np.inf)
        self._offset = _usual(context.companions.images[image])

    def add(self, slab: MeasureSlab) -> None:
        """Take in some slices."""
        runs, grey = slab.runs, slab.images[self._image][slab.slab.array != 0]
        if not len(runs):
            return
        first = np.cumsum(runs.length) - runs.length
        np.minimum.at(self._least, runs.label, np.minimum.reduceat(grey, first).astype(float))
        np.maximum.at(self._most, runs.label, np.maximum.reduceat(grey, first).astype(float))
        above = grey.astype(float)
        above -= self._offset
        runs.add_to(self._sum, np.add.reduceat(above, first))
        above *= above
        runs.add_to(self._squares, np.add.reduceat(above, first))

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns ``<word>_min``, ``_mean``, ``_max``, ``_sd``."""
        voxels = np.where(self._voxels.counts > 0, self._voxels.counts, np.nan)
        mean = self._sum[1:] / voxels
        variance = np.maximum(self._squares[1:] / voxels - mean**2, 0)
        some = np.isfinite(voxels)
        values = {
            "min": np.where(some, self._least[1:], np.nan),
            "mean": mean + self._offset,
            "max": np.where(some, self._most[1:], np.nan),
            "sd": np.sqrt(variance),
        }
        return {f"{self._word}_{what}": values[what] for what in _WHAT}


class AllIntensities:
    """Grey values of every image there is."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._each = [Intensities(context, *pair) for pair in _words(context.companions.images).items()]

    def add(self, slab: MeasureSlab) -> None:
        """Take in some slices."""
        for one in self._each:
            one.add(slab)

    def result(self) -> dict[str, NDArray[Any]]:
        """Four columns an image."""
        return {name: values for one in self._each for name, values in one.result().items()}


def _usual(image: SlabSource) -> float:
    """A whole number near the image's usual grey values."""
    middle = image.shape[0] // 2
    grey = image.read(middle, middle + 1) if image.voxels else np.zeros(1)
    mean = float(np.mean(grey, dtype=float))
    return float(np.round(mean)) if np.isfinite(mean) else 0.0


def _words(images: Iterable[str]) -> dict[str, str]:
    """Images' names as parts of columns' names: small letters, digits and ``_``, no two alike."""
    words: dict[str, str] = {}
    for image in images:
        plain = re.sub(r"\W+", "_", image.lower()).strip("_") or "image"
        words[image] = untaken(plain, {*words.values(), *AXES})  # i_min is where the bounding box begins
    return words


def _columns(context: Context) -> tuple[Column, ...]:
    return tuple(
        Column(f"{word}_{what}", f"{title}, {image}", "", f"{title} of {image} inside the object.")
        for image, word in _words(context.companions.images).items()
        for what, title in _WHAT.items()
    )


MEASURES = (
    Measure(
        "intensity",
        "Grey values",
        _columns,
        "Least, mean, largest value and standard deviation √(Σ(g - mean)²/N) of each image over the object's voxels.",
        "Definition; the standard deviation is the population's, as in scikit-image.",
        AllIntensities,
    ),
)
