"""Project folders read by the worker, for the desktop to map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from batterycell.segment import PRESETS, Frame
from batterycell.segment.data.saving import write_project
from batterycell.segment.image import Image
from batterycell.volume import Volume
from batterycell.worker import run, write_job
from batterycell.worker.project import read_opened

GRID = np.diag([-0.01, -0.01, 0.02, 1.0])


def volume(name: str, seed: int, top: int = 255) -> Volume:
    array = np.random.default_rng(seed).integers(0, top, (4, 30, 40), np.uint8)
    return Volume(array, GRID, "header", name)


def test_a_project_folder_comes_through_the_worker_as_it_is(tmp_path: Path) -> None:
    classes = PRESETS["cell overhang"]
    image = Image("roll", (volume("BSE", 1), volume("SE", 2)), ("BSE", "SE"))
    labels = volume("roll", 3, top=4)
    frame = Frame.of_slice("middle", "roll", image.grid, 2)
    write_project(tmp_path / "project", [image], {"roll": labels}, [frame], classes)
    (tmp_path / "job").mkdir()
    write_job(tmp_path / "job", "project", None, {"folder": str(tmp_path / "project")})
    assert run(tmp_path / "job") == 0
    project = read_opened(tmp_path / "job")
    assert project.classes == classes
    assert project.image("roll").channel_names == ("BSE", "SE")
    for got, made in zip(project.image("roll").channels, image.channels, strict=True):
        np.testing.assert_array_equal(got.array, made.array)
        np.testing.assert_allclose(got.ijk_to_ras, made.ijk_to_ras)
    np.testing.assert_array_equal(project.labels["roll"].array, labels.array)
    assert [one.name for one in project.frames] == ["middle"]
    np.testing.assert_allclose(project.frames[0].size_mm, frame.size_mm)


def test_a_folder_that_is_no_project_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    write_job(tmp_path / "job", "project", None, {"folder": str(tmp_path / "nothing")})
    assert run(tmp_path / "job") == 3
