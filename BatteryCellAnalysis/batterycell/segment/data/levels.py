"""The grey range of a whole image, which training, preview and application share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment.image import Levels
from batterycell.volume import Volume

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Robust against dead pixels and glare; the range of most normalisations in the field.
_PERCENTILES = (1.0, 99.0)
_SAMPLES = 1_000_000


def measure_levels(volume: Volume) -> Levels:
    """The 1st and the 99th percentile of an image's grey values.

    Args:
        volume: One channel of an image, the whole of it.

    Returns:
        The levels. Where nearly all pixels are alike, they span all grey values; of a constant image, one grey value.

    Raises:
        InputError: if a pixel is no number (NaN or infinite).
    """
    check_finite(volume)
    values = _subsample(volume.array)
    low, high = (float(value) for value in np.percentile(values, _PERCENTILES))
    if low == high:
        low, high = float(volume.array.min()), float(volume.array.max())
    return Levels(low, high if high > low else low + 1.0)


def measure_quantiles(volume: Volume, levels: Levels) -> tuple[float, ...]:
    """Grey values, after levels, at the quantiles 0.05, 0.25, 0.5, 0.75 and 0.95 of the whole image."""
    values = levels.apply(_subsample(volume.array))
    return tuple(np.quantile(values.astype(np.float64), QUANTILES).tolist())


def check_finite(volume: Volume) -> None:
    """Refuse pixels that are no number.

    Raises:
        InputError: if there are any, or no pixels at all.
    """
    if volume.array.size == 0:
        raise InputError("image-empty", f"The image {volume.name} has no pixels.", "Export it again.")
    if volume.array.dtype.kind != "f":
        return
    bad = sum(image.size - int(np.isfinite(image).sum()) for image in volume.array)
    if bad:
        message = f"The image {volume.name} holds {bad} pixels that are no number (NaN or infinite)."
        raise InputError("not-finite", message, "Replace them, e.g. by the grey value of pores, and load it again.")


def _subsample(array: NDArray[Any]) -> NDArray[np.float64]:
    """About a million values from all over an array, always the same ones."""
    step = max(1, array.size // _SAMPLES)
    # A step that shares a factor with the width would meet the same columns in every row.
    while math.gcd(step, array.shape[-1] * array.shape[-2]) > 1:
        step += 1
    places = np.unravel_index(np.arange(0, array.size, step), array.shape)
    return np.asarray(array[places], np.float64)
