"""Volumes that are large for the machine lie in a file while they are measured, and give the same results."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell import mrml, phantom
from batterycell.cli.road import Call, measure_file
from batterycell.io import LoadOptions, large, load_large, load_volume, mapped, medical
from batterycell.io.convert import ConvertSettings, convert
from batterycell.io.mapped import _map_of, letting_go
from batterycell.io.medical import write_oriented
from batterycell.io.save_tiff import write_tiff
from batterycell.mrml import lessened, volumes
from batterycell.mrml.volumes import volume_from_node
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.volume import Volume

GREY = np.random.default_rng(2).integers(0, 65535, (20, 30, 40)).astype(np.uint16)
VOLUME = Volume.from_stack(GREY, (8.0, 4.0, 4.0), "test", "cell")


@pytest.fixture
def small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine for which every volume is large."""
    for module in (large, medical):
        monkeypatch.setattr(module, "preview_limit", lambda: 0)


def written(folder: Path, name: str) -> Path:
    path = folder / name
    if name.endswith(".tif"):
        write_tiff(VOLUME, path)
    elif name.endswith(".zarr"):
        pytest.importorskip("zarr")
        convert(written(folder, "a.nrrd"), path, ConvertSettings(levels=1, chunk=(7, 16, 16)))
    else:
        write_oriented(VOLUME, path, compress=name.startswith("packed"))
    return path


@pytest.mark.usefixtures("small_machine")
@pytest.mark.parametrize("name", ["a.tif", "a.nrrd", "packed.nrrd", "a.mha", "a.nii", "a.zarr"])
def test_a_large_volume_lies_in_a_file_that_nobody_sees(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    (tmp_path / "result").mkdir()
    volume, whole = load_large(path, LoadOptions(), tmp_path / "result", Progress()), load_volume(path)
    assert _map_of(volume.array) is not None
    assert _map_of(whole.array) is None
    assert not list((tmp_path / "result").iterdir())
    assert np.array_equal(volume.array, whole.array)
    assert volume.array.dtype == whole.array.dtype
    assert np.array_equal(volume.ijk_to_ras, whole.ijk_to_ras)


def test_what_fits_stays_in_memory(tmp_path: Path) -> None:
    assert _map_of(load_large(written(tmp_path, "a.tif"), LoadOptions(), tmp_path, Progress()).array) is None


@pytest.mark.usefixtures("small_machine")
def test_what_is_let_go_of_is_there_again_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    real = mapped._let_go
    monkeypatch.setattr(mapped, "_SECONDS", 0.001)
    monkeypatch.setattr(mapped, "_HELD_BYTES", 0)
    monkeypatch.setattr(mapped, "_let_go", lambda one: (real(one), gone.set()))
    volume = load_large(written(tmp_path, "a.tif"), LoadOptions(), tmp_path, Progress())
    gone.clear()
    with letting_go(volume.array):
        assert gone.wait(20)
        assert np.array_equal(volume.array, GREY)
    assert np.array_equal(volume.array, GREY)


def test_neither_memory_nor_a_private_map_is_ever_let_go_of(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", GREY)
    private = np.load(tmp_path / "a.npy", mmap_mode="c")
    for array in (GREY, GREY[2:], private, np.asarray(private)[1:]):
        assert _map_of(array) is None
        with letting_go(array):
            assert np.array_equal(array[-2:], GREY[-2:])


@pytest.mark.slow
@pytest.mark.usefixtures("small_machine")
def test_a_large_cell_is_measured_alike_and_its_scene_holds_a_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell, scan = phantom.preset("small")
    made = phantom.make_cell(cell, replace(scan, voxel_size_um=(80, 60, 60)), 1)
    write_tiff(made.volume, tmp_path / "cell.tif")
    recipe = AnalyzeRecipe(stages=("can",), width=400)
    call = Call(LoadOptions(), ["analyze"], False)
    monkeypatch.setattr(lessened, "LARGEST_SCENE_BYTES", made.volume.array.nbytes // 2)
    summary = measure_file(tmp_path / "cell.tif", tmp_path / "mapped", recipe, call, Progress())
    monkeypatch.undo()
    measure_file(tmp_path / "cell.tif", tmp_path / "held", recipe, call, Progress())
    assert any("preview of 1:2" in note for note in summary["notes"])
    for name in ("quantities.csv", "can_dents.csv"):
        assert (tmp_path / "mapped" / name).read_bytes() == (tmp_path / "held" / name).read_bytes()
    held = json.loads((tmp_path / "held" / "summary.json").read_text())
    assert summary["quantities"] == held["quantities"]


@pytest.mark.parametrize("fetched", [10**9, 4000])
def test_the_grey_values_to_show_come_from_all_columns(monkeypatch: pytest.MonkeyPatch, fetched: int) -> None:
    monkeypatch.setattr(volumes, "_SAMPLES", 100)
    monkeypatch.setattr(volumes, "_FETCHED_BYTES", fetched)
    array = np.zeros((20, 30, 40), np.uint8)
    array[:, :, 20:] = 200
    assert volumes.window_range(array) == (0.0, 200.0)


def test_the_node_holds_the_whole_again_when_the_scene_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessened, "LARGEST_SCENE_BYTES", GREY.nbytes // 2)
    scene = mrml.new_scene()
    node = mrml.add_volume(scene, VOLUME, "cell")
    with lessened.lessened(node) as step:
        small = volume_from_node(node)
        assert (step, small.array.shape) == (2, (10, 15, 20))
        assert small.voxel_size_um == pytest.approx((16, 8, 8))
    assert np.array_equal(volume_from_node(node).array, GREY)
    assert volume_from_node(node).ijk_to_ras == pytest.approx(VOLUME.ijk_to_ras)
    mrml.close_scene(scene)
