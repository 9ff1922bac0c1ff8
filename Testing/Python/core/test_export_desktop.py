"""The export of the desktop without a window: snapshot in steps, then the worker; whole or not at all."""

# ruff: noqa: N802 - the fakes speak the desktop ring's camelCase

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batterycell.errors import Cancelled
from batterycell.mrml.snapshot import SCENE_FILE
from batterycell.worker.export import SNAPSHOT_FOLDER
from desktop_ring import lib
from made_scene import made_scene


class FakeJob:
    """A runner of workers that does what the test says."""

    def __init__(self) -> None:
        signal = lib("Signal").Signal
        self.progressed, self.finished, self.failed = signal(), signal(), signal()
        self.folder, self.isRunning, self.asked = Path(), False, ""

    def start(self, folder: Path) -> None:
        self.folder, self.isRunning = folder, True

    def end(self, signal: Any, value: Any) -> None:
        self.isRunning = False
        signal.emit(value)

    def cancel(self) -> None:
        self.asked = "cancel"

    def endNow(self) -> None:
        self.asked = "end"


class Queue:
    """Calls later, one by one, when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        self.waiting.append(function)

    def run(self) -> int:
        count = 0
        while self.waiting:
            self.waiting.pop(0)()
            count += 1
        return count


class Desk:
    """An export, its worker, its queue, and what it told."""

    def __init__(self, scene: Any, node: Any, out: Path) -> None:
        self.worker, self.queue, self.scene, self.told = FakeJob(), Queue(), scene, []  # type: ignore[var-annotated]
        self.export = lib("Work.ExportJob").ExportJob(self.worker, self.queue)
        self.settings = {"volume": node.GetID(), "out": str(out), "overwrite": False}
        for name in ("started", "progressed", "finished", "failed"):
            getattr(self.export, name).connect(lambda *values, name=name: self.told.append((name, *values)))

    def start(self) -> None:
        self.export.start(self.scene, self.settings)

    def names(self) -> list[str]:
        return [name for name, *_ in self.told if name != "progressed"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with made_scene() as (scene, node):
        yield Desk(scene, node, tmp_path / "out")


def test_the_worker_starts_on_a_job_with_a_snapshot(desk: Desk) -> None:
    desk.start()
    assert desk.export.isRunning and not desk.worker.isRunning and desk.names() == ["started"]
    desk.queue.run()
    assert desk.worker.isRunning and (desk.worker.folder / SNAPSHOT_FOLDER / SCENE_FILE).is_file()
    job = json.loads((desk.worker.folder / "job.json").read_text(encoding="utf-8"))
    assert job["verb"] == "export" and job["settings"] == desk.settings


def test_progress_never_goes_back(desk: Desk) -> None:
    desk.start()
    desk.queue.run()
    for fraction in (0.0, 0.5, 1.0):
        desk.worker.progressed.emit(fraction, "drawing", 3.0)
    shares = [values[0] for name, *values in desk.told if name == "progressed"]
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_the_jobs_folder_goes_when_the_export_is_done(desk: Desk) -> None:
    desk.start()
    desk.queue.run()
    folder = desk.worker.folder
    desk.worker.end(desk.worker.finished, folder)
    assert desk.names() == ["started", "finished"] and not folder.exists() and not desk.export.isRunning


def test_a_cancel_during_the_snapshot_starts_no_worker(desk: Desk, tmp_path: Path) -> None:
    desk.start()
    desk.export.cancel()
    desk.queue.run()
    assert desk.names() == ["started", "failed"] and isinstance(desk.told[-1][1], Cancelled)
    assert not desk.worker.isRunning and not desk.export.isRunning and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("word", "asked"), [("cancel", "cancel"), ("endNow", "end")])
def test_a_cancel_during_the_work_is_for_the_worker(desk: Desk, word: str, asked: str) -> None:
    desk.start()
    desk.queue.run()
    getattr(desk.export, word)()
    assert desk.worker.asked == asked


def test_a_worker_that_was_ended_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    from batterycell.output import host

    desk.start()
    desk.queue.run()
    gone = 2**22 + 1
    (tmp_path / f".out.partial.{host()}.{gone}.abcdef01").mkdir()
    desk.worker.end(desk.worker.failed, Cancelled())
    assert list(tmp_path.iterdir()) == [] and not desk.worker.folder.exists()
    assert desk.names() == ["started", "failed"]


def test_a_snapshot_that_fails_ends_the_export_with_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("batterycell.mrml.snapshot")

    def full(*call: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_xml", full)
    desk.start()
    desk.queue.run()
    assert desk.names() == ["started", "failed"] and "No space left" in str(desk.told[-1][1])


def test_a_fault_during_the_snapshot_ends_the_export_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(scene: Any, folder: Path) -> Iterator[float]:
        yield 0.1
        raise AttributeError("a node without a name")

    monkeypatch.setattr(lib("Work.ExportJob"), "write_snapshot", steps)
    desk.start()
    desk.queue.run()
    assert not desk.export.isRunning
    assert "a node without a name" in str(desk.told[-1])


def test_the_window_lives_between_the_steps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lib("Work.ExportJob"), "_STEP_SECONDS", 0.0)
    desk.start()
    assert desk.queue.run() > 5
