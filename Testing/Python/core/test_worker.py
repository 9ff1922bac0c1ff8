"""The worker process: a job in, progress and a result out, nothing half-written."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import overhang, pipeline, worker
from batterycell.errors import InputError
from batterycell.mrml.files import write_volume
from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.result import CellResult
from batterycell.volume import Volume
from batterycell.worker.analyze import read_result
from made_result import made_result
from made_stages import assert_same_stages, found_in, made_stages

HEAVY = ("rich", "jinja2", "matplotlib", "tifffile", "imagecodecs", "pydicom", "PIL", "skimage")


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> CellResult:
    """The result that measuring 'finds', without measuring."""
    made = made_result()
    made = replace(made, stages=made_stages(made.cell.frame))

    def measure(volume: Volume, cell: object, recipe: object, progress: Progress, find_ends: None) -> Any:
        progress.report(0.5, "reading edges")
        return found_in(volume, made)

    monkeypatch.setattr(pipeline, "find_cell", lambda volume, progress: made.cell)
    monkeypatch.setattr(pipeline, "find_sheets", measure)
    monkeypatch.setattr(pipeline, "measure_stages", lambda *call: made.stages)
    return made


@pytest.fixture
def job(tmp_path: Path) -> Path:
    made = made_result()
    write_volume(made.volume, tmp_path / "volume.nrrd")
    worker.write_job(tmp_path, "analyze", tmp_path / "volume.nrrd", asdict(made.recipe))
    return tmp_path


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_job_gives_back_the_result_exactly(job: Path, result: CellResult) -> None:
    assert worker.run(job) == 0
    read = read_result(job, result.volume)
    assert isinstance(read, CellResult)
    assert read.recipe == result.recipe
    assert read.cell.can.outer_diameter_mm == result.cell.can.outer_diameter_mm
    np.testing.assert_array_equal(read.cell.frame.basis, result.cell.frame.basis)
    for column in result.overhang.columns:
        np.testing.assert_array_equal(read.overhang[column.name], result.overhang[column.name])
    assert_same_stages(read.stages, result.stages)


def test_the_worker_tells_how_far_it_is(job: Path, result: CellResult, capsys: pytest.CaptureFixture[str]) -> None:
    worker.run(job)
    lines = lines_of(capsys)
    fractions = [line["fraction"] for line in lines]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert "reading edges" in [line["message"] for line in lines]


def test_a_cancel_file_stops_the_worker(job: Path, result: CellResult, capsys: pytest.CaptureFixture[str]) -> None:
    (job / worker.CANCEL_FILE).touch()
    assert worker.run(job) == 130
    assert lines_of(capsys)[-1]["error"]["code"] == "cancelled"
    assert not (job / worker.RESULT_FOLDER).exists()


def test_an_error_comes_with_its_code_message_and_hint(
    job: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(volume: object, progress: Progress) -> None:
        raise InputError("no-cell", "There is no cell", "Look again")

    monkeypatch.setattr(pipeline, "find_cell", refuse)
    assert worker.run(job) == 3
    assert lines_of(capsys)[-1] == {"error": {"code": "no-cell", "message": "There is no cell", "hint": "Look again"}}


def test_a_fault_of_the_program_is_told_too(
    job: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "find_cell", lambda volume, progress: 1 / 0)
    assert worker.run(job) == 1
    assert lines_of(capsys)[-1]["error"]["code"] == "internal"


def test_a_job_without_a_volume_is_an_error_not_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worker.write_job(tmp_path, "analyze", tmp_path / "absent.nrrd", {})
    assert worker.run(tmp_path) != 0
    assert "absent.nrrd" in lines_of(capsys)[-1]["error"]["message"]


@pytest.mark.parametrize("verb", ["jobs", "os", "../analyze"])
def test_only_known_work_is_done(tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    worker.write_job(tmp_path, verb, None, {})
    assert worker.run(tmp_path) == 1
    assert lines_of(capsys)[-1]["error"]["code"] == "internal"


def test_every_verb_is_a_module_of_the_package() -> None:
    for verb in worker.VERBS:
        assert callable(importlib.import_module(f"batterycell.worker.{verb}").run)


def test_a_worker_that_is_killed_leaves_no_result(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from batterycell.output import result_folder\n"
        "with result_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half.csv').write_text('half'); print('writing', flush=True); time.sleep(60)"
    )
    out = tmp_path / "result"
    child = subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "writing\n"
    child.kill()
    child.wait()
    assert not out.exists()
    with result_folder(out) as folder:
        (folder / "whole.csv").write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_worker_in_a_process_of_its_own_can_be_ended(job: Path) -> None:
    child = subprocess.Popen([sys.executable, "-m", "batterycell.worker", str(job)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert json.loads(child.stdout.readline())["fraction"] == 0
    child.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    child.wait(timeout=20)
    assert time.monotonic() - begun < 5
    assert not (job / worker.RESULT_FOLDER).exists()


def test_the_worker_needs_nothing_that_slicer_lacks() -> None:
    block = (
        f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r})); import batterycell.worker, batterycell.mrml.files"
    )
    subprocess.run([sys.executable, "-c", block], check=True)


def test_the_columns_of_the_result_are_those_of_the_overhang() -> None:
    assert made_result().overhang.columns == overhang.OVERHANG_COLUMNS
