"""The worker that finds the cell: the same cell as without it, errors in words, cancelled where asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from batterycell import worker
from batterycell.mrml.files import write_volume
from batterycell.orient import find_cell
from batterycell.phantom import preset
from batterycell.volume import Volume
from batterycell.worker.find import read_cell
from made_cells import made_cell


@pytest.fixture(scope="module")
def scan() -> Volume:
    return made_cell(*preset("small"), seed=2).volume


@pytest.fixture
def job(tmp_path: Path, scan: Volume) -> Path:
    write_volume(scan, tmp_path / "volume.nrrd")
    worker.write_job(tmp_path, "find", tmp_path / "volume.nrrd", {})
    return tmp_path


def test_the_worker_finds_the_same_cell(job: Path, scan: Volume) -> None:
    assert worker.run(job) == 0
    found, expected = read_cell(job), find_cell(scan)
    np.testing.assert_allclose(found.frame.basis, expected.frame.basis, atol=1e-9)
    np.testing.assert_allclose(found.frame.origin, expected.frame.origin, atol=1e-9)
    assert (found.upside_down, found.top_from) == (expected.upside_down, expected.top_from)
    assert found.heights_mm == pytest.approx(expected.heights_mm)


def test_progress_grows_to_the_end(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worker.run(job)
    fractions = [json.loads(line)["fraction"] for line in capsys.readouterr().out.splitlines()]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and len(fractions) > 4


def test_a_cancelled_search_leaves_nothing(job: Path) -> None:
    (job / worker.CANCEL_FILE).touch()
    assert worker.run(job) == 130
    assert not (job / worker.RESULT_FOLDER).exists()


def test_a_volume_without_a_cell_is_an_error_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 30, 40), np.uint8)
    write_volume(Volume.from_stack(noise, (40.0, 40.0, 40.0), "test"), tmp_path / "volume.nrrd")
    worker.write_job(tmp_path, "find", tmp_path / "volume.nrrd", {})
    assert worker.run(tmp_path) == 3
    error = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert error["message"] and error["hint"]
