"""Progress of long work: how far it is, and whether it was asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .errors import Cancelled


def _ignore(fraction: float, message: str) -> None:
    """Default listener: nobody is watching."""


def _never() -> bool:
    """Default cancel question: nobody can ask to stop."""
    return False


@dataclass(frozen=True)
class Progress:
    """Reports a fraction in 0..1 to a listener and raises when work was cancelled.

    Args:
        listener: Called with the overall fraction and a short message in the field's words.
        is_cancelled: Asked at every report.
        start: Overall fraction at which this part begins.
        end: Overall fraction at which this part ends.
    """

    listener: Callable[[float, str], None] = _ignore
    is_cancelled: Callable[[], bool] = _never
    start: float = 0.0
    end: float = 1.0

    def report(self, fraction: float, message: str = "") -> None:
        """Tell how far this part is.

        Raises:
            Cancelled: if the user asked to stop.
        """
        if self.is_cancelled():
            raise Cancelled
        self.listener(self.start + fraction * (self.end - self.start), message)

    def part(self, start: float, end: float) -> Progress:
        """A progress for the piece of this work between two of its fractions."""
        span = self.end - self.start
        return replace(self, start=self.start + start * span, end=self.start + end * span)
