"""The worker that stays: job after job in one process, cancelled, crashed, started again; without an application."""

# ruff: noqa: N802 - the fakes speak the desktop ring's camelCase

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from batterycell.errors import Cancelled
from desktop_ring import lib


class FakeProcess:
    """A child process that does what the test says."""

    def __init__(self) -> None:
        self.outputReceived, self.ended = lib("Signal").Signal(), lib("Signal").Signal()
        self.starts: list[Sequence[str]] = []
        self.told: list[str] = []
        self.ends = 0

    def start(self, arguments: Sequence[str]) -> None:
        self.starts.append(arguments)

    def tell(self, line: str) -> None:
        self.told.append(line)

    def endTree(self) -> None:
        self.ends += 1
        self.ended.emit(-1)

    def errorText(self) -> str:
        return "Traceback\nMemoryError"

    def say(self, **values: Any) -> None:
        self.outputReceived.emit(json.dumps(values).encode() + b"\n")


class Waiting:
    """Calls later, when the test says so."""

    def __init__(self) -> None:
        self.functions: list[Callable[[], None]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        self.functions.append(function)

    def pass_(self) -> None:
        functions, self.functions = self.functions, []
        for function in functions:
            function()


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """A warm worker with two runners, and what they were told."""
    module = importlib.import_module("BatterySegmentationWizardLib.Work.WarmWorker")
    process, later = FakeProcess(), Waiting()
    worker = module.WarmWorker(process, later)
    jobs = [module.WarmJob(worker) for _ in range(2)]
    seen: list[tuple[int, str, Any]] = []
    for number, job in enumerate(jobs):
        job.progressed.connect(lambda *values, n=number: seen.append((n, "progress", values[0])))
        job.finished.connect(lambda folder, n=number: seen.append((n, "finished", folder)))
        job.failed.connect(lambda error, n=number: seen.append((n, "failed", error)))
    return SimpleNamespace(worker=worker, process=process, later=later, jobs=jobs, seen=seen, folder=tmp_path)


def test_one_process_serves_job_after_job_and_each_learns_of_its_own(made: Any) -> None:
    first, second = made.jobs
    made.worker.warmUp()
    assert list(made.process.starts[0]) == ["-m", "batterycell.worker", "--serve"]
    first.start(made.folder)
    made.process.say(fraction=0.5, message="segmenting")
    made.process.say(done=str(made.folder), exit_code=0)
    second.start(made.folder / "other")
    made.process.say(done=str(made.folder / "other"), exit_code=0)
    assert made.process.told == [str(made.folder), str(made.folder / "other")]
    assert made.seen == [(0, "progress", 0.5), (0, "finished", made.folder), (1, "finished", made.folder / "other")]
    assert len(made.process.starts) == 1


def test_lines_may_come_in_pieces(made: Any) -> None:
    made.jobs[0].start(made.folder)
    line = json.dumps({"done": str(made.folder), "exit_code": 0}).encode() + b"\n"
    made.process.outputReceived.emit(b"a library prints\n" + line[:9])
    assert made.jobs[0].isRunning
    made.process.outputReceived.emit(line[9:])
    assert not made.jobs[0].isRunning


def test_an_error_is_told_in_its_own_words(made: Any) -> None:
    made.jobs[0].start(made.folder)
    made.process.say(error={"code": "x", "message": "It does not fit.", "hint": "Take less."})
    made.process.say(done=str(made.folder), exit_code=3)
    ((_, what, error),) = made.seen
    assert (what, error.message, error.hint) == ("failed", "It does not fit.", "Take less.")


def test_a_job_that_listens_is_cancelled_and_the_process_stays(made: Any) -> None:
    job = made.jobs[0]
    job.start(made.folder)
    job.cancel()
    assert (made.folder / "cancel").exists()
    made.process.say(error={"code": "cancelled", "message": "Cancelled.", "hint": ""})
    made.process.say(done=str(made.folder), exit_code=130)
    made.later.pass_()
    assert isinstance(made.seen[-1][2], Cancelled)
    assert made.process.ends == 0


def test_a_job_that_does_not_listen_ends_with_the_process_and_another_takes_its_place(made: Any) -> None:
    job = made.jobs[0]
    job.start(made.folder)
    job.cancel()
    made.later.pass_()
    assert made.process.ends == 1
    assert isinstance(made.seen[-1][2], Cancelled)
    made.later.pass_()
    assert len(made.process.starts) == 2


def test_a_crash_is_told_and_the_next_job_runs(made: Any) -> None:
    job = made.jobs[0]
    job.start(made.folder)
    made.process.ended.emit(-9)
    assert made.seen[-1][2].code == "worker-crashed"
    assert made.seen[-1][2].hint == "MemoryError"
    job.start(made.folder)
    made.process.say(done=str(made.folder), exit_code=0)
    assert made.seen[-1][1] == "finished"
    assert len(made.process.starts) == 2


def test_a_process_that_cannot_start_is_not_started_again_and_again(made: Any) -> None:
    made.worker.warmUp()
    made.process.ended.emit(1)
    made.later.pass_()
    assert len(made.process.starts) == 1


def test_with_the_scene_the_process_ends_and_stays_ended(made: Any) -> None:
    job, idle = made.jobs
    job.start(made.folder)
    idle.endNow()
    made.later.pass_()
    assert isinstance(made.seen[-1][2], Cancelled)
    assert not job.isRunning
    assert len(made.process.starts) == 1


def test_while_a_job_runs_no_other_starts(made: Any) -> None:
    first, second = made.jobs
    first.start(made.folder)
    with pytest.raises(RuntimeError, match="running"):
        second.start(made.folder)
    assert not second.isRunning
