"""What the desktop tests share: running, waiting, pressing, and cells to measure."""

import os
import re
import shutil
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import cache, wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import SkipTest

import batterycell
import qt
import slicer
from BatteryCellAnalysisLib.Panel import SECTIONS
from BatteryCellAnalysisLib.Work.QtProcess import pythonExecutable

PICTURES = Path(os.environ.get("BATTERYCELL_PICTURES", slicer.app.temporaryPath))
MODULE = "BatteryCellAnalysis"
# Names the scripts that share this Slicer: see `suite`.
SCRIPTS = "BATTERYCELL_DESKTOP_SCRIPTS"
_cells: dict[str, Path] = {}


def run_tests(tests: dict[str, Any]) -> None:
    """Run every ``test_...`` function of a script, print the results and end Slicer, unless others come after it."""
    told = [_tell(name, test) for name, test in tests.items() if name.startswith("test_")]
    passed, skipped, failed = (told.count(word) for word in ("PASS", "SKIP", "FAIL"))
    print(f"{passed} passed, {skipped} skipped, {failed} failed", flush=True)
    if not os.environ.get(SCRIPTS):
        slicer.util.exit(1 if failed else 0)


def skip_unless(is_there: Callable[[], Any], why: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Skip a test, saying why, where what it needs is not there when its turn comes."""

    def skips(test: Callable[[], None]) -> Callable[[], None]:
        @wraps(test)
        def run_it() -> None:
            if not is_there():
                raise SkipTest(why)
            test()

        return run_it

    return skips


def needs(package: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Skip a test, saying so, where Slicer's Python has no such package."""
    return skip_unless(lambda: find_spec(package), f"Slicer's Python has no {package}")


@cache
def worker_imports(*names: str) -> bool:
    """Whether a worker can import packages."""
    code = f"from batterycell.worker.packages import add_packages; add_packages(); import {', '.join(names)}"
    environment = {**os.environ, "PYTHONPATH": str(Path(batterycell.__file__).parents[1])}
    done = subprocess.run([pythonExecutable(), "-c", code], capture_output=True, check=False, env=environment)
    return done.returncode == 0


def open_module() -> Any:
    """The module's panel on an empty scene."""
    slicer.mrmlScene.Clear()
    slicer.util.mainWindow().resize(1500, 1000)
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    slicer.util.selectModule(MODULE)
    slicer.app.processEvents()
    widget = slicer.modules.batterycellanalysis.widgetRepresentation().self()
    for name in SECTIONS:
        getattr(widget.ui, f"{name[0].lower()}{name[1:]}CollapsibleButton").collapsed = False
    return widget


def show_only(widget: Any, *names: str) -> None:
    """Open these sections and close the others."""
    for name in SECTIONS:
        section = getattr(widget.ui, f"{name[0].lower()}{name[1:]}CollapsibleButton")
        section.collapsed = name not in names
    slicer.app.processEvents()


def cell_file(folder: Path, name: str = "small") -> Path:
    """A generated cell as an NRRD file; made once for all scripts of this Slicer."""
    from batterycell.mrml.files import write_volume
    from batterycell.phantom import make_cell, preset

    path = folder / f"{name}.nrrd"
    if name not in _cells:
        _cells[name] = Path(tempfile.mkdtemp()) / path.name
        write_volume(make_cell(*preset(name), seed=1, angles=4).volume, _cells[name])
    if not path.exists():
        shutil.copy(_cells[name], path)
    return path


def load(widget: Any, path: Path) -> Any:
    """Load a file or folder through the section Cell and wait; the chosen volume node."""
    widget.panel.cell.load(path)
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    return widget.panel.parameters.volume


class Watchdog:
    """How long the window did not react: what it worked between two ticks of a timer, and what the clock says.

    On a machine that does other work as well the clock says more: then the system did not let the window work.
    """

    def __init__(self) -> None:
        self.worked, self.clock = 0.0, 0.0
        self._timer = qt.QTimer()
        self._timer.setInterval(5)
        self._timer.connect("timeout()", self._tick)

    def __enter__(self) -> "Watchdog":
        self._last = time.thread_time(), time.monotonic()
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._tick()
        self._timer.stop()

    def __str__(self) -> str:
        return f"{self.worked:.3f} s (clock: {self.clock:.3f} s)"

    def _tick(self) -> None:
        now = time.thread_time(), time.monotonic()
        self.worked = max(self.worked, now[0] - self._last[0])
        self.clock = max(self.clock, now[1] - self._last[1])
        self._last = now


def wait_until(condition: Callable[[], bool], seconds: float = 240) -> None:
    """Let the window live until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        slicer.app.processEvents()
        time.sleep(0.02)


class Watch:
    """Measures for how long the window could not react: ``with Watch() as watch: ...``.

    ``longest`` is the longest wait, seconds; ``busiest`` the longest that was this program's own work in the main
    thread, which does not depend on what else the machine does.
    """

    def __init__(self) -> None:
        self.longest = self.busiest = 0.0
        self._last = (0.0, 0.0)
        self._timer = qt.QTimer()
        self._timer.setInterval(5)
        self._timer.connect("timeout()", self._tick)

    def __enter__(self) -> "Watch":
        slicer.app.processEvents()
        self._last = (time.monotonic(), time.thread_time())
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        slicer.app.processEvents()
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        now = (time.monotonic(), time.thread_time())
        self.longest = max(self.longest, now[0] - self._last[0])
        self.busiest = max(self.busiest, now[1] - self._last[1])
        self._last = now


def look_at(widget: Any) -> None:
    """Scroll the panel to a widget."""
    area = slicer.util.findChild(slicer.util.findChild(slicer.util.mainWindow(), "ModulePanel"), "ScrollArea")
    slicer.app.processEvents()
    area.ensureWidgetVisible(widget)
    slicer.app.processEvents()


def plain(label: Any) -> str:
    """The words of a label with rich text."""
    return re.sub(r"<[^>]*>", "", label.text).strip()


def picture(name: str) -> None:
    """Save a picture of the window."""
    slicer.app.processEvents()
    slicer.util.mainWindow().grab().save(str(PICTURES / f"{name}.png"))


def _tell(name: str, test: Callable[[], None]) -> str:
    """Run a test, print what came of it, and return its first word."""
    word, why = "PASS", ""
    try:
        test()
    except SkipTest as skip:
        word, why = "SKIP", f": {skip}"
    except Exception:  # noqa: BLE001 - a failing test must not stop the others
        traceback.print_exc()
        picture(f"failed_{name}")
        word = "FAIL"
    print(f"{word} {name}{why}", flush=True)
    return word
