"""Work in small steps, between which the window lives."""

from collections.abc import Iterator
from pathlib import Path

from batterycell.io.exchange import report_failure

try:
    import qt
except ImportError:  # outside the application nobody waits for a window
    qt = None


def runInSteps(steps: Iterator[float], path: Path) -> None:
    """Write a file of ``batterycell.io.exchange.write_voxels``; who waits for it learns of a failure."""
    while _advance(steps, path):
        if qt is not None:
            qt.QTimer.singleShot(0, lambda: runInSteps(steps, path))
            return


def _advance(steps: Iterator[float], path: Path) -> bool:
    try:
        return next(steps, None) is not None
    except OSError as error:
        report_failure(path, error)
        return False
