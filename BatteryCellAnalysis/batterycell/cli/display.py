"""Progress on stderr: a bar with the time left in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from batterycell.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_QUIET_S = 2.0
_LINE_EVERY_S = 5.0


@contextmanager
def shown_progress(quiet: bool = False) -> Iterator[Progress]:
    """Yield a progress that people see once the work has taken two seconds."""
    if quiet:
        yield Progress()
    elif sys.stderr.isatty():
        bar = _TerminalBar()
        try:
            yield Progress(bar)
        finally:
            bar.stop()
    else:
        yield Progress(_Lines())


class _TerminalBar:
    """Draws a bar with the time left."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bar: Bar | None = None

    def __call__(self, fraction: float, message: str) -> None:
        if self._bar is None and time.monotonic() - self._began > _QUIET_S:
            self._bar = self._open()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=fraction, description=message or None)

    def _open(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        bar = Bar(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=600.0)
        bar.add_task("", total=1.0)
        bar.start()
        return bar

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()


class _Lines:
    """Prints a line at a new stage, and every few seconds within one."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._printed = float("-inf")
        self._stage = ""

    def __call__(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        message = message or self._stage
        is_due = message != self._stage or now - self._printed > _LINE_EVERY_S
        if now - self._began > _QUIET_S and is_due:
            left = (now - self._began) * (1.0 - fraction) / max(fraction, 1e-3)
            print(f"{100 * fraction:3.0f} %  {message}, about {left:.0f} s left", file=sys.stderr, flush=True)
            self._printed, self._stage = now, message
