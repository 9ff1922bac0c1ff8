"""How long work will still take, from how long its first part took."""

import time
from collections.abc import Callable

from BatteryCellAnalysisLib.I18n import _

SECONDS_BEFORE_A_GUESS = 2.0


class TimeLeft:
    """Time left, assuming that the rest goes as fast as what is done.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()

    def seconds(self, fraction: float) -> float | None:
        """Seconds left when ``fraction`` (0..1) is done; None while it is too early to tell, and at the end."""
        elapsed = self._clock() - self._start
        if not 0 < fraction < 1 or elapsed < SECONDS_BEFORE_A_GUESS:
            return None
        return elapsed * (1 - fraction) / fraction


def describeTimeLeft(seconds: float | None) -> str:
    """Time left in words, empty while unknown."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("{seconds} s left").format(seconds=max(1, round(seconds)))
    return _("{minutes} min {seconds} s left").format(minutes=int(seconds) // 60, seconds=int(seconds) % 60)
