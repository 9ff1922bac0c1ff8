"""Progress of long work: how far it is, and whether it was asked to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from .errors import Cancelled

T = TypeVar("T")
# Given the names of pieces of work, and a progress: does them, and keeps them.
Elsewhere = Callable[[Iterable[str], "Progress"], None]


def _ignore(fraction: float, message: str) -> None:
    """Default listener: nobody is watching."""


def _never() -> bool:
    """Default cancel question: nobody can ask to stop."""
    return False


def _just_work(name: str, work: Callable[[], Any]) -> Any:
    """Default keeper: what is made is not kept."""
    return work()


def _just_write(path: Path, write: Callable[[Path], Any]) -> Any:
    """Default of files: nobody else has written any."""
    return write(path)


@dataclass(frozen=True)
class Progress:
    """Reports a fraction in 0..1 to a listener, raises when work was cancelled, and keeps what of it is done.

    Args:
        listener: Called with the overall fraction and a short message in the field's words.
        is_cancelled: Asked at every report.
        start: Overall fraction at which this part begins.
        end: Overall fraction at which this part ends.
        keeper: Returns what a named piece of work returned at an earlier start, or does it.
        filer: Puts a file in its place that was written elsewhere, or writes it.
        elsewhere: Does pieces of work, by the names under which they are kept, before they are asked for; None where
            nobody else does anything.
    """

    listener: Callable[[float, str], None] = _ignore
    is_cancelled: Callable[[], bool] = _never
    start: float = 0.0
    end: float = 1.0
    keeper: Callable[[str, Callable[[], Any]], Any] = _just_work
    filer: Callable[[Path, Callable[[Path], Any]], Any] = _just_write
    elsewhere: Elsewhere | None = None

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

    def kept(self, name: str, work: Callable[[], T]) -> T:
        """What a piece of work returns, or returned before a sudden end.

        Args:
            name: Of the piece, unique in the whole work, fit for the name of a file.
            work: Returns numbers, words, arrays, and dataclasses of these.
        """
        found: T = self.keeper(name, work)
        return found

    def kept_file(self, path: Path, write: Callable[[Path], T]) -> T:
        """Write a file, or put the one in its place that was written elsewhere.

        Args:
            path: The file to be; its name is that of the piece, unique in the whole work.
            write: Writes the file it is given, and returns what `kept` may return.
        """
        found: T = self.filer(path, write)
        return found

    def ahead(self, names: Callable[[], Iterable[str]]) -> None:
        """Have pieces of work done side by side elsewhere, if anybody is there: later they are found kept.

        Args:
            names: Gives the names of the pieces, as of `kept`.
        """
        if self.elsewhere is not None:
            self.elsewhere(names(), self)
