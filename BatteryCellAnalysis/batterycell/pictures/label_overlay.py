"""Labels over grey values: image, truth, prediction and where they differ, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.segment.classes import SegmentClass
from batterycell.segment.evaluate import WorstSlice

_OPACITY = 0.5
_WRONG_OPACITY = 0.85
_GAP_PX = 8
_SMALLEST_PX, _LARGEST_PX = 240, 800

Rgb = NDArray[np.uint8]


def compare_labels(worst: WorstSlice) -> Rgb:
    """Four panels beside each other: the image, the truth, the prediction, and what is wrong.

    Returns:
        Shape (rows, columns, 3).
    """
    grey = _resized(grey_picture(worst.grey))
    labels = [_resized(labels) for labels in (worst.truth, worst.prediction)]
    wrong = _resized(worst.wrong.astype(np.uint8)).astype(bool)
    panels = [grey, *(blend(grey, one, worst.classes) for one in labels), _marked(grey, wrong)]
    gap = np.full((len(grey), _GAP_PX, 3), 255, np.uint8)
    return np.concatenate([part for panel in panels for part in (panel, gap)][:-1], axis=1)


def grey_picture(array: NDArray[Any]) -> Rgb:
    """Grey values from their 1st to their 99th percentile as a picture, shape (rows, columns, 3)."""
    known = array[np.isfinite(array)]
    low, high = np.percentile(known, (1, 99)) if known.size else (0.0, 1.0)
    scaled = np.nan_to_num((array - low) / max(float(high - low), 1e-12))
    picture = np.asarray(np.clip(scaled, 0.0, 1.0) * 255.0, np.uint8)
    return np.repeat(picture[..., None], 3, axis=2)


def blend(picture: Rgb, labels: NDArray[np.uint8], classes: Sequence[SegmentClass]) -> Rgb:
    """A picture with the classes' colours over it; unknown pixels stay grey."""
    colors = np.array([(0, 0, 0), *(_bytes(one.color) for one in classes)], np.float32)
    opacity = np.where(labels > 0, _OPACITY, 0.0).astype(np.float32)[..., None]
    return np.asarray(picture * (1 - opacity) + colors[labels] * opacity, np.uint8)


def _marked(picture: Rgb, wrong: NDArray[np.bool_]) -> Rgb:
    opacity = np.where(wrong, _WRONG_OPACITY, 0.0)[..., None]
    return np.asarray(picture * (1 - opacity) + np.array(_bytes(palette.ALARM)) * opacity, np.uint8)


def _resized(array: NDArray[Any]) -> NDArray[Any]:
    """Small pictures enlarged and large ones reduced by whole pixels, so that labels stay labels."""
    longest = max(array.shape[:2])
    if longest > _LARGEST_PX:
        step = -(-longest // _LARGEST_PX)
        return array[::step, ::step]
    times = max(1, _SMALLEST_PX // longest)
    return array.repeat(times, 0).repeat(times, 1)


def _bytes(color: str) -> tuple[float, ...]:
    return tuple(255.0 * part for part in palette.to_rgb(color))
