"""What a person can ask of a running training, beside cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _no() -> bool:
    """Default answer: nobody asks."""
    return False


@dataclass(frozen=True)
class Controls:
    """Questions that a training asks before every step.

    Args:
        is_paused: Whether to wait.
        wants_stop: Whether to end, keeping the best weights so far.
    """

    is_paused: Callable[[], bool] = _no
    wants_stop: Callable[[], bool] = _no
