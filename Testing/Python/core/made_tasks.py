"""Tasks for the workers of a cluster, and a plug-in that gives them to workers as parts of the program."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.progress import Progress
from distributed import WorkerPlugin

MODULE = "batterycell.made_tasks"
_SCHEDULER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        cluster.wait_for_workers(1)
        print(cluster.scheduler_address, flush=True)
        time.sleep(120)
"""


class Plugin(WorkerPlugin):  # type: ignore[misc]
    """Makes this module one of the program's on every worker, also on those that come later."""

    name = "made-tasks"

    def setup(self, worker: Any) -> None:
        sys.modules[MODULE] = importlib.import_module("made_tasks")


def double(values: dict[str, Any], progress: Progress) -> int:
    """Twice a number."""
    if values["number"] < 0:
        raise InputError("negative", "A number is negative.", "Take another one.")
    return 2 * int(values["number"])


def die_once(values: dict[str, Any], progress: Progress) -> int:
    """End its worker in the middle, as often as it is told to; a file counts."""
    deaths = Path(values["deaths"])
    before = len(deaths.read_text()) if deaths.exists() else 0
    if before < values["times"]:
        with deaths.open("a") as file:
            file.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return double(values, progress)


def linger(values: dict[str, Any], progress: Progress) -> None:
    """Go on until it is asked to stop; then take a moment to tidy up, and tell so in a file."""
    try:
        for step in range(600):
            progress.report(min(1.0, step / 100), "lingering")
            time.sleep(0.05)
    finally:
        time.sleep(0.5)
        Path(values["told"]).touch()


def measure(values: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Stands for the main job: a broken cell is one whose name says so."""
    from batterycell.summary import summarize
    from made_result import made_result

    progress.report(0.5, "reading edges")
    if "broken" in values["source"]:
        raise InputError("no-cell", "There is no cell", "Look again")
    return summarize(made_result())


def find(values: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """As `measure`, of a cell that somebody has measured already."""
    return {**measure(values, progress), "status": "kept"}


@contextmanager
def made_scheduler(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A scheduler in a process of its own, with one worker, and its address."""
    (folder / "scheduler.py").write_text(_SCHEDULER)
    words = [sys.executable, str(folder / "scheduler.py")]
    there = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=there) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()
