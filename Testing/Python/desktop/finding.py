"""What the desktop tests of objects share: they are skipped where the worker lacks what labels objects."""

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import batterycell
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
