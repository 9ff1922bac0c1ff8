"""The worker that segments and advises, and the one that stays for many jobs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.io.exchange import write_volume_json
from batterycell.mrml.files import write_volume
from batterycell.segment import Image
from batterycell.segment.apply import segment_frame, segment_image
from batterycell.segment.apply.settings import ApplySettings
from batterycell.segment.model import load_model
from batterycell.worker import CANCEL_FILE, run, write_job
from batterycell.worker.advise import read_advice
from batterycell.worker.segment import read_segmented, read_summary
from batterycell.worker.segment_files import read_rows
from batterycell.worker.serve import serve
from made_applied import made_waves, whole_slice
from made_model import INFO, made_model

torch = pytest.importorskip("torch")
SETTINGS = ApplySettings(device="cpu", uncertainty=True)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def image(tmp_path: Path) -> Image:
    made = made_waves(size=INFO.voxel_size_um)
    np.save(tmp_path / "volume.npy", made.grid.array)
    write_volume_json(made.grid, tmp_path / "volume.npy", tmp_path / "volume.json")
    return made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return made_model(tmp_path / "model")


def job(tmp_path: Path, verb: str = "segment", name: str = "job", **settings: Any) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    settings = {"model": str(tmp_path / "model"), "device": "cpu", **settings}
    write_job(folder, verb, tmp_path / "volume.json", settings)
    return folder


def test_the_worker_segments_frames_as_the_core_does(tmp_path: Path, image: Image, model: Path) -> None:
    frames = [whole_slice(image, 3), whole_slice(image, 9)]
    folder = job(tmp_path, frames=[asdict(frame) for frame in frames], uncertainty=True)
    assert run(folder) == 0
    loaded = load_model(model)
    for frame, found in zip(frames, read_segmented(folder), strict=True):
        direct = segment_frame(image, frame, loaded, SETTINGS)
        np.testing.assert_array_equal(found.labels.array, direct.labels.array)
        np.testing.assert_allclose(found.labels.ijk_to_ras, direct.labels.ijk_to_ras)
        assert found.uncertainty is not None and direct.uncertainty is not None
        np.testing.assert_array_equal(found.uncertainty.array, direct.uncertainty.array)
    summary = read_summary(folder)
    assert (summary["model"], summary["hash"]) == ("Cell top", loaded.hash)
    assert [one["name"] for one in summary["classes"]] == ["background", "cathode", "anode overhang"]


def test_the_worker_segments_a_region_and_clears_what_it_kept(tmp_path: Path, image: Image, model: Path) -> None:
    region = ((2, 0, 0), (6, 40, 30))
    folder = job(tmp_path, region=region, work=str(tmp_path / "work"))
    assert run(folder) == 0
    direct = segment_image(image, load_model(model), ApplySettings(region=region, device="cpu"))
    found = read_segmented(folder)[0]
    np.testing.assert_array_equal(found.labels.array, direct.labels.array)
    assert found.uncertainty is None and found.notes == direct.notes and found.notes
    assert not (tmp_path / "work").exists()


def test_the_worker_takes_several_channels(tmp_path: Path, image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    made_model(tmp_path / "model")
    volume = str(tmp_path / "volume.json")
    assert run(job(tmp_path, channels=[volume, volume], channel_names=["se", "bse"])) == 3
    assert "2 channels (se, bse)" in capsys.readouterr().out


def test_the_worker_advises(tmp_path: Path, image: Image, model: Path) -> None:
    images = [{"name": "waves", "channels": [str(tmp_path / "volume.json")]}]
    folder = job(tmp_path, "advise", along="j", labelled=[asdict(whole_slice(image, 3))], images=images)
    assert run(folder) == 0
    advice = read_advice(folder)
    assert len(advice) == 24 and {one["frame"].image for one in advice} == {"waves"}
    assert advice[0]["score"] >= advice[-1]["score"]


def test_what_to_label_next_is_cut_as_what_the_model_learned_from(tmp_path: Path) -> None:
    scan = made_waves(size=(2.0, 1.0, 1.0))
    np.save(tmp_path / "volume.npy", scan.grid.array)
    write_volume_json(scan.grid, tmp_path / "volume.npy", tmp_path / "volume.json")
    made_model(tmp_path / "model", voxel_size_um=(1.0, 2.0, 1.0))
    folder = job(tmp_path, "advise")
    assert run(folder) == 0
    assert {one["frame"].name.split()[1] for one in read_advice(folder)} == {"j"}


def test_the_worker_segments_files_and_says_which_failed(tmp_path: Path, image: Image, model: Path) -> None:
    write_volume(image.grid, tmp_path / "scan.nrrd")
    (tmp_path / "broken.nrrd").write_bytes(b"NRRD0004")
    sources = [str(tmp_path / name) for name in ("broken.nrrd", "scan.nrrd")]
    folder = job(tmp_path, "segment_files", sources=sources, out=str(tmp_path / "out"))
    assert run(folder) == 0
    assert [row["status"] for row in read_rows(folder)] == ["failed", "segmented"]
    assert (tmp_path / "out" / "scan.seg.nrrd").is_file()


def test_a_model_that_was_trained_on_is_read_anew(tmp_path: Path, image: Image, model: Path) -> None:
    import shutil

    frame = [asdict(whole_slice(image, 3))]
    assert run(job(tmp_path, frames=frame, name="first")) == 0
    shutil.rmtree(model)
    made_model(model, seed=7)
    assert run(job(tmp_path, frames=frame, name="second")) == 0
    first, second = (read_segmented(tmp_path / name)[0].labels.array for name in ("first", "second"))
    assert not np.array_equal(first, second)


def test_an_error_does_not_end_the_worker_that_stays(
    tmp_path: Path, image: Image, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = [asdict(whole_slice(image, 3))]
    lost = job(tmp_path, "advise", "lost", candidates=frames)
    good, cancelled = job(tmp_path, frames=frames, name="good"), job(tmp_path, name="cancelled")
    (cancelled / CANCEL_FILE).touch()
    wrong = job(tmp_path, name="wrong", model=str(tmp_path / "nowhere"))
    folders = [tmp_path / "missing", wrong, lost, cancelled, good]
    assert serve([*(f"{folder}\n" for folder in folders), "\n"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    done = {line["done"]: line["exit_code"] for line in lines if "done" in line}
    assert list(done) == list(map(str, folders))
    assert list(done.values())[1:] == [3, 3, 130, 0] and done[str(folders[0])] != 0
    assert read_segmented(good)


def test_the_worker_that_stays_is_quick_and_ends_with_its_input(tmp_path: Path, image: Image, model: Path) -> None:
    words = [sys.executable, "-m", "batterycell.worker", "--serve"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    seconds = []
    for number in range(2):
        folder = job(tmp_path, frames=[asdict(whole_slice(image, number))], name=f"job {number}")
        began = time.monotonic()
        process.stdin.write(f"{folder}\n")
        process.stdin.flush()
        assert any("done" in json.loads(line) for line in iter(process.stdout.readline, ""))
        seconds.append(time.monotonic() - began)
        assert read_segmented(folder)[0].labels.array.shape == (1, 40, 34)
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()
    assert seconds[1] < max(1.0, seconds[0] / 2)
