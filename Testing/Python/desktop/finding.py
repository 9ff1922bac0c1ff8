"""What the desktop tests of objects share: skipping where the worker cannot label; selecting bars of a plot."""

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import batterycell
import slicer
from BatteryCellAnalysisLib.Work.QtProcess import pythonExecutable


@cache
def has_packages() -> bool:
    """Whether the worker can label and separate."""
    code = "from batterycell.worker.packages import add_packages; add_packages(); import cc3d, edt"
    environment = {**os.environ, "PYTHONPATH": str(Path(batterycell.__file__).parents[1])}
    done = subprocess.run([pythonExecutable(), "-c", code], capture_output=True, check=False, env=environment)
    return done.returncode == 0


def can_find(test: Callable[[], None]) -> Callable[[], None]:
    """Skip a test, saying so, where the worker cannot find objects."""

    def run_it() -> None:
        if not has_packages():
            print(f"SKIP {test.__name__}: the worker finds no cc3d and edt (set BATTERYCELL_PACKAGES)", flush=True)
            return
        test()

    run_it.__name__ = test.__name__
    return run_it


def drag_over_bars(first: float, last: float) -> None:
    """Drag with the left button over a part of the first plot view, 0..1 from left to right."""
    view = slicer.app.layoutManager().plotWidget(0).plotView()
    across, upward = view.chart().GetAxis(1), view.chart().GetAxis(0)
    left, width = across.GetPoint1()[0], across.GetPoint2()[0] - across.GetPoint1()[0]
    low, high = upward.GetPoint1()[1], upward.GetPoint2()[1]
    start, end = (left + first * width + 1, low + 1), (left + last * width - 1, high - 2)
    interactor = view.renderWindow().GetInteractor()
    interactor.SetEventInformation(*map(round, start), 0, 0)
    interactor.InvokeEvent("LeftButtonPressEvent")
    for share in (0.3, 0.7, 1.0):
        x, y = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
        interactor.SetEventInformation(x, y, 0, 0)
        interactor.InvokeEvent("MouseMoveEvent")
    interactor.InvokeEvent("LeftButtonReleaseEvent")
    slicer.app.processEvents()
