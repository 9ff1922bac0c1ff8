"""``batterycell reslice``: images with their place, whole or not at all; and the same work in the worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell import worker
from batterycell.cli import main
from batterycell.io import LoadOptions, load_volume
from batterycell.io.save_tiff import write_tiff
from batterycell.mrml.files import read_volume, write_volume
from batterycell.reslice import UnrolledMap, UnrollSettings, cut_half_plane, unroll_around
from batterycell.result import cell_to_json
from batterycell.volume import Volume
from batterycell.winding import WINDING_COLUMNS
from batterycell.worker.unroll import read_unrolled, read_windings
from look_cells import found, phantom, traced


@pytest.fixture
def cell(tmp_path: Path) -> Path:
    write_volume(phantom("flipped").volume, tmp_path / "Zelle, groß.nrrd")
    return tmp_path / "Zelle, groß.nrrd"


def reslice(cell: Path, out: Path, *words: str, capsys: Any = None) -> dict[str, Any]:
    assert main(["reslice", str(cell), "--out", str(out), "--json", "--quiet", *words]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out) if capsys else {}
    return result


def test_every_kind_of_cut_is_written_at_once(cell: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "cut"
    words = ("--plane", "0", "--plane", "33.5", "--around", "12", "--unroll", "--depth", "0.4")
    result = reslice(cell, out, *words, capsys=capsys)
    names = ["plane_0deg.nrrd", "plane_33.5deg.nrrd", "around.nrrd", "unrolled_around.nrrd"]
    assert [file["file"] for file in result["files"]] == names
    assert {path.name for path in out.iterdir()} >= {*names, "unrolled_around.json", "provenance.json"}
    for file in result["files"]:
        volume = read_volume(out / file["file"])
        assert list(volume.array.shape) == file["shape"]
        assert volume.voxel_size_um == pytest.approx(file["voxel_size_um"], rel=1e-5)


def test_a_plane_lies_in_its_place_in_the_cell(cell: Path, tmp_path: Path) -> None:
    reslice(cell, tmp_path / "cut", "--plane", "90")
    read, made = read_volume(tmp_path / "cut/plane_90deg.nrrd"), cut_half_plane(phantom("flipped").volume,
                                                                               found("flipped"), 90.0)  # fmt: skip
    assert np.allclose(read.ijk_to_ras, made.ijk_to_ras, atol=1e-4)
    assert np.abs(read.array.astype(int) - made.array).max() <= 1


def test_the_map_beside_an_unrolled_volume_leads_back_into_the_cell(cell: Path, tmp_path: Path) -> None:
    reslice(cell, tmp_path / "cut", "--unroll", "--winding", "2:3")
    volume = read_volume(tmp_path / "cut/unrolled_winding.nrrd")
    back = UnrolledMap.from_json((tmp_path / "cut/unrolled_winding.json").read_text(encoding="utf-8"))
    ras = back.to_cell(volume.to_ras([100.0, (volume.array.shape[1] - 1) / 2, 20.0]))
    place = traced("flipped").winding_at(ras)
    assert place.winding in (2, 3) and abs(place.distance_um) < 15
    header = (tmp_path / "cut/windings.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(column.name for column in WINDING_COLUMNS)


def test_all_windings_may_be_asked_for_by_that_word(cell: Path, tmp_path: Path, capsys: Any) -> None:
    (file,) = reslice(cell, tmp_path / "cut", "--unroll", "--winding", "all", capsys=capsys)["files"]
    length = file["shape"][2] * file["voxel_size_um"][2] / 1000
    assert length == pytest.approx(traced("flipped").curve().length_mm, rel=1e-3)


def test_tiff_says_its_voxel_size(cell: Path, tmp_path: Path, capsys: Any) -> None:
    words = ("--around", "24", "--unroll", "--radius", "2", "--format", "tif")
    result = reslice(cell, tmp_path / "cut", *words, capsys=capsys)
    for file in result["files"]:
        volume = load_volume(tmp_path / "cut" / file["file"])
        assert volume.voxel_size_um == pytest.approx(file["voxel_size_um"], rel=1e-5)
        assert list(volume.array.shape) == file["shape"]
    with tifffile.TiffFile(tmp_path / "cut/around.tif") as tiff:
        assert tiff.imagej_metadata["Labels"][1] == "15 deg"


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "int16", "float64", "bool", "int8"])
def test_tiff_of_any_type_comes_back_as_it_was(tmp_path: Path, dtype: str) -> None:
    array = (np.arange(16 * 17 * 18).reshape(16, 17, 18) % 7 % (2 if dtype == "bool" else 7)).astype(dtype)
    write_tiff(Volume.from_stack(array, (30.0, 20.0, 10.0), "test"), tmp_path / "a.tif")
    read = load_volume(tmp_path / "a.tif", LoadOptions())
    assert np.array_equal(read.array, array)
    assert read.voxel_size_um == pytest.approx((30.0, 20.0, 10.0))


@pytest.mark.parametrize(
    ("words", "code", "say"),
    [
        ((), 2, "Nothing to cut"),
        (("--around", "0"), 2, "--around 0"),
        (("--plane", "0", "--winding", "2"), 2, "--unroll"),
        (("--unroll", "--winding", "two"), 2, "two"),
        (("--unroll", "--winding", "2", "--radius", "3"), 2, "not allowed"),
        (("--unroll", "--radius", "33"), 3, "radius"),
        (("--unroll", "--winding", "77"), 3, "no winding 77"),
        (("--unroll", "--depth", "-1"), 3, "depth"),
        (("--plane", "nan"), 2, "nan"),
    ],
)
def test_what_cannot_be_cut_is_one_line_and_nothing_is_written(
    cell: Path, tmp_path: Path, capsys: Any, words: tuple[str, ...], code: int, say: str
) -> None:
    assert main(["reslice", str(cell), "--quiet", "--out", str(tmp_path / "cut"), *words]) == code
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and say in told.err
    assert [path.name for path in tmp_path.iterdir()] == [cell.name]


def test_a_volume_without_a_cell_is_refused(tmp_path: Path, capsys: Any) -> None:
    noise = np.random.default_rng(1).integers(0, 9, (20, 30, 30), dtype=np.uint8)
    write_volume(Volume.from_stack(noise, (50.0, 50.0, 50.0), "test"), tmp_path / "noise.nrrd")
    assert main(["reslice", str(tmp_path / "noise.nrrd"), "--plane", "0", "--out", str(tmp_path / "cut")]) == 3
    assert "can" in capsys.readouterr().err
    assert not (tmp_path / "cut").exists()


@pytest.mark.parametrize("settings", [{"radius_mm": 2.0, "depth_mm": 0.4}, {"along": "winding", "winding": [2, 2]}])
def test_the_worker_unrolls_as_the_functions_do(cell: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    job = tmp_path / "job"
    job.mkdir()
    worker.write_job(job, "unroll", cell, {**settings, "cell": cell_to_json(found("flipped"))})
    assert worker.run(job) == 0
    made = read_unrolled(job)
    assert made.volume.spacing_mm.min() > 0.03
    assert (read_windings(job) is None) == ("along" not in settings)
    if "radius_mm" in settings:
        here = unroll_around(phantom("flipped").volume, found("flipped"), 2.0, UnrollSettings(0.4))
        assert np.array_equal(here.volume.array, made.volume.array)
        assert np.allclose(here.map.curve.arc_mm, made.map.curve.arc_mm)


def test_the_worker_traces_windings(cell: Path, tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    worker.write_job(job, "windings", cell, {})
    assert worker.run(job) == 0
    read = read_windings(job)
    assert read is not None and read.count == traced("flipped").count
