"""Progress on stderr: a bar with the time left in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING

from batterycell.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_QUIET_S = 2.0
_LINE_EVERY_S = 5.0
_TELLABLE = 0.05
_WIDE = 120
# Numbers count within a stage: "slice 1 of 100" and "slice 2 of 100" are one.
_NUMBERS = re.compile(r"\d+")


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

        stage = TextColumn("{task.description}", markup=False)
        columns = (stage, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
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
        stage = _NUMBERS.sub("", message) or self._stage
        is_due = stage != self._stage or now - self._printed > _LINE_EVERY_S
        if now - self._began > _QUIET_S and is_due:
            print(
                f"{100 * fraction:3.0f} %  {message}{_left(now - self._began, fraction)}", file=sys.stderr, flush=True
            )
            self._printed, self._stage = now, stage


def _left(seconds: float, fraction: float) -> str:
    """The time left, once enough is done to tell it."""
    if not _TELLABLE < fraction < 1.0:
        return ""
    return f", about {seconds * (1.0 - fraction) / fraction:.0f} s left"


def text_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as text for a terminal; the second column, the numbers, stands to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number == 1 else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(file=StringIO(), width=_WIDE)
    console.print(table)
    return "\n".join(line.rstrip() for line in console.file.getvalue().strip("\n").splitlines())  # type: ignore[attr-defined]
