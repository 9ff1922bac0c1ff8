"""What travels to a worker and back: the name of a function of this package, plain JSON, and an answer.

Nothing else of ours is sent, so that a worker runs this package's own code only. What dask itself sends is pickled by
dask: whoever reaches a scheduler can run anything on its workers, so its address must be one that is trusted.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, Cancelled, InternalError, explain
from batterycell.output import host
from batterycell.progress import Progress

Values = dict[str, Any]
Work = Callable[[Values, Progress], Any]
TOPIC = "batterycell-progress-"
# Reports pass through the scheduler, which has better things to do.
_TELL_EVERY_S = 1.0
# Plots and Slicer's scene are not made for several threads of one process.
_ONE_AT_A_TIME = threading.Lock()
_stopped: set[str] = set()


@dataclass(frozen=True)
class Task:
    """A call of a function of this package.

    Args:
        work: ``batterycell.module:function``; called with the values and a `Progress`.
        values: What it needs to know, in JSON's types.
        name: For people.
    """

    work: str
    values: Values
    name: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of a task.

    Args:
        value: What the function returned.
        error: What it raised, or why no worker finished it; None where all went well.
        processor: Seconds of the processor that it took.
        worker: Which process it was, for people.
    """

    value: Any = None
    error: BatteryCellError | None = None
    processor: float = 0.0
    worker: str = ""

    def get(self) -> Any:
        """The value.

        Raises:
            BatteryCellError: if there is none.
        """
        if self.error is not None:
            raise self.error
        return self.value


def call(text: str, run: str, number: int) -> Answer:
    """Run a task, on a worker.

    Args:
        text: The task, as of `write_call`.
        run: The run it belongs to.
        number: Its number in the run.
    """
    began = time.process_time()
    try:
        asked = json.loads(text)
        with _ONE_AT_A_TIME, _working_in(asked["folder"]):
            began = time.process_time()
            answer = Answer(find_work(asked["work"])(asked["values"], _progress(run, number)))
    except Exception as error:  # noqa: BLE001 - one task must not stop a night's work
        answer = Answer(error=explain(error))
    return replace(answer, processor=time.process_time() - began, worker=f"{host()}:{os.getpid()}")


def run_here(tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[int, Answer]]:
    """Run tasks in this process, one after the other.

    Yields:
        The number of a task, and its answer.

    Raises:
        Exception: as the task raises it.
    """
    for number, task in enumerate(tasks):
        part = progress.part(number / len(tasks), (number + 1) / len(tasks))
        yield number, Answer(find_work(task.work)(task.values, part))


def write_call(task: Task) -> str:
    """A task as plain JSON, with the folder in which its relative paths begin."""
    return json.dumps({"work": task.work, "values": task.values, "folder": str(Path.cwd())})


def find_work(work: str) -> Work:
    """The function of this package that goes by a name.

    Raises:
        InternalError: if there is none.
    """
    module, _, name = work.partition(":")
    if not (module.startswith("batterycell.") and name.isidentifier()):
        raise InternalError("task", f"{work!r} is no function of this program.", "Please report it.")
    found: Work = getattr(importlib.import_module(module), name)
    return found


def dask_setup(worker: Any) -> None:
    """Called by dask as a local worker starts: Ctrl+C is for the client, which asks its workers to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop(run: str) -> None:
    """Ask the tasks of a run on this worker to stop."""
    _stopped.add(run)


@contextmanager
def _working_in(folder: str) -> Iterator[None]:
    """Paths as the client wrote them lead to its files, and stand so in results and messages."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _progress(run: str, number: int) -> Progress:
    """A progress that tells the run's client, now and then."""
    if run in _stopped:
        raise Cancelled
    told = [-_TELL_EVERY_S]

    def listen(fraction: float, message: str) -> None:
        if time.monotonic() - told[0] >= _TELL_EVERY_S:
            told[0] = time.monotonic()
            _tell(f"{TOPIC}{run}", {"number": number, "fraction": float(fraction), "message": message})

    return Progress(listen, lambda: run in _stopped)


def _tell(topic: str, report: Values) -> None:
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:  # a thread of the task's own
        return
    worker.log_event(topic, report)
