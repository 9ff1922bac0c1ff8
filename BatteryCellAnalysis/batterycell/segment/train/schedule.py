"""The one curve of the learning rate: up over the first steps, then down as a cosine."""

from __future__ import annotations

import math

_WARM_UP = 0.05
_MOST_WARM_UP = 100
_LAST = 0.01


def learning_rate(step: int, total: int, highest: float) -> float:
    """The learning rate of a step.

    Loshchilov & Hutter 2017, ICLR (cosine), with a linear warm-up; no restarts.

    Args:
        step: From 0.
        total: Steps of the whole training.
        highest: The highest rate.
    """
    warm = min(_MOST_WARM_UP, math.ceil(_WARM_UP * total))
    if step < warm:
        return highest * (step + 1) / (warm + 1)
    done = min(1.0, (step - warm) / max(1, total - warm))
    return highest * (_LAST + (1.0 - _LAST) * 0.5 * (1.0 + math.cos(math.pi * done)))
