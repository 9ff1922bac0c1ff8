"""From probabilities to what people look at: the likeliest class, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def decide(probabilities: Any, xp: Any = np) -> Any:
    """The likeliest class of each voxel, n + 1 for class n; the first of several equal ones. uint8.

    Args:
        probabilities: Classes first; an array of numpy or torch.
        xp: The module that it is of.
    """
    # Several times as fast as argmax along the first axis.
    first, labels = probabilities[0], xp.ones_like(probabilities[0], dtype=xp.uint8)
    for number, one in enumerate(probabilities[1:], 2):
        labels[one > first] = number
        first = xp.maximum(first, one)
    return labels


def doubt(probabilities: Any, xp: Any = np) -> Any:
    """Percent, 0 to 100: one minus the lead of the likeliest class over the next. Whole numbers in float32.

    Args:
        probabilities: Classes first; an array of numpy or torch.
        xp: The module that it is of.
    """
    first, second = probabilities[0], xp.zeros_like(probabilities[0])
    for one in probabilities[1:]:
        second = xp.maximum(second, xp.minimum(first, one))
        first = xp.maximum(first, one)
    return xp.round(100 * xp.clip(1 - (first - second), 0, 1))


# By what they are called in results.
JUDGES: dict[str, Callable[..., Any]] = {"labels": decide, "uncertainty": doubt}
