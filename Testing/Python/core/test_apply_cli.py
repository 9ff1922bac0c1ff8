"""``batterycell segment``: images in, segmentations out; what fails is said, what was done is kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.errors import Cancelled, InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.io.segments import read_segments
from batterycell.mrml.files import write_volume
from batterycell.segment.apply import inputs
from batterycell.segment.apply.inputs import find_inputs
from batterycell.segment_lot import lot as segment_lot
from made_applied import made_waves
from made_model import INFO, made_model
from PIL import Image as Picture

torch = pytest.importorskip("torch")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)
    made_model(tmp_path / "model")
    return tmp_path


@pytest.fixture
def scan(here: Path) -> Path:
    write_volume(made_waves(size=INFO.voxel_size_um).grid, here / "scan_1.nrrd")
    return here / "scan_1.nrrd"


def segment(*words: object) -> int:
    return main(["segment", *map(str, words), "--model", "model", "--device", "cpu", "--quiet"])


def test_an_image_becomes_a_segmentation_with_the_names_and_colours_of_the_classes(scan: Path, capsys: Capture) -> None:
    assert segment(scan, "--uncertainty", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    labels, segments = read_segments(Path("segmented/scan_1.seg.nrrd"))
    assert [(one.name, one.color) for one in segments] == [(one.name, one.color) for one in INFO.classes]
    volume = load_volume(scan)
    assert labels.array.shape == volume.array.shape
    np.testing.assert_allclose(labels.ijk_to_ras, volume.ijk_to_ras, atol=1e-9)
    parts = [float((labels.array == number + 1).mean()) for number in range(3)]
    np.testing.assert_allclose(list(result["images"][0]["parts"].values()), parts)
    unsure = load_volume(Path("segmented/scan_1.uncertainty.nrrd"))
    assert unsure.array.dtype == np.uint8 and unsure.array.max() <= 100
    assert not [path for path in Path("segmented").iterdir() if path.name.startswith(".")]


def test_provenance_names_model_settings_and_files(scan: Path) -> None:
    assert segment(scan, "--region", "2:5,0:40,0:30") == 0
    entry = json.loads(Path("segmented/provenance.json").read_text(encoding="utf-8"))["images"]["scan_1"]
    assert entry["recipe"]["model"]["name"] == "Cell top" and len(entry["recipe"]["model"]["hash"]) == 64
    assert entry["recipe"]["settings"]["region"] == [[2, 0, 0], [5, 40, 30]]
    assert entry["inputs"][0]["path"] == str(scan) and len(entry["inputs"][0]["sha256"]) == 64


def test_what_was_made_before_is_kept_and_other_settings_need_overwrite(scan: Path, capsys: Capture) -> None:
    assert segment(scan) == 0
    made = Path("segmented/scan_1.seg.nrrd").stat().st_mtime_ns
    capsys.readouterr()
    assert segment(scan) == 0
    assert "kept" in capsys.readouterr().out
    assert Path("segmented/scan_1.seg.nrrd").stat().st_mtime_ns == made
    assert segment(scan, "--along", "j") == 3
    assert "--overwrite" in capsys.readouterr().err
    assert segment(scan, "--along", "j", "--overwrite") == 0


def test_a_bad_image_does_not_stop_the_others(scan: Path, capsys: Capture) -> None:
    Path("broken.nrrd").write_bytes(b"NRRD0004\n")
    shutil.copy(scan, "scan_2.nrrd")
    assert segment(scan, "broken.nrrd", "scan_2.nrrd") == 3
    told = capsys.readouterr()
    assert told.err.count("broken") and "failed" in told.out and told.out.count("segmented:") == 2
    assert sorted(path.name for path in Path("segmented").glob("*.seg.nrrd")) == ["scan_1.seg.nrrd", "scan_2.seg.nrrd"]


def test_an_interrupted_run_goes_on(scan: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    write = segment_lot.write_labels

    def stop(*call: Any) -> None:
        raise Cancelled

    monkeypatch.setattr(segment_lot, "write_labels", stop)
    assert segment(scan) == 130
    assert "goes on there" in capsys.readouterr().err
    monkeypatch.setattr(segment_lot, "write_labels", write)
    assert segment(scan) == 0
    assert "kept from work that was broken off" in capsys.readouterr().err


def test_a_large_image_is_mapped_from_a_file_and_leaves_none_behind(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pictures(here / "slices", 16)
    assert segment(folder, "--voxel-size", "68,34,34", "--out", "small") == 0
    scratches = []
    read = inputs.read_any

    def note(path: Path, options: LoadOptions, progress: Any) -> Any:
        scratches.append(options.scratch)
        return read(path, options, progress)

    monkeypatch.setattr(inputs, "preview_limit", lambda: 1)
    monkeypatch.setattr(inputs, "read_any", note)
    assert segment(folder, "--voxel-size", "68,34,34", "--out", "large") == 0
    assert scratches == [Path("large/.slices.segmenting/channel_0.npy")]
    small, large = (read_segments(Path(out) / "slices.seg.nrrd")[0].array for out in ("small", "large"))
    np.testing.assert_array_equal(small, large)
    assert not [path for path in Path("large").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("words", [["--region", "1:2"], ["--region", "a:b,1:2,1:2"], ["--along", "x"]])
def test_wrong_words_are_refused(scan: Path, words: list[str]) -> None:
    assert segment(scan, *words) == 2


def test_a_model_that_is_not_there_and_an_image_that_is_not_there_are_named(scan: Path, capsys: Capture) -> None:
    assert segment("nowhere.nrrd") == 3
    assert "nowhere.nrrd" in capsys.readouterr().err
    assert main(["segment", str(scan), "--model", "no such", "--quiet"]) == 3
    assert "no such" in capsys.readouterr().err


def pictures(folder: Path, count: int = 3) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 255, (24, 20), dtype=np.uint8)
        Picture.fromarray(pixels).save(folder / f"im{number}.png")
    return folder


def names(found: Any) -> list[str]:
    return [one.name for one in found]


def test_a_folder_of_pictures_is_one_volume_and_a_folder_of_volumes_many_images(here: Path, scan: Path) -> None:
    assert names(find_inputs([str(pictures(here / "slices"))], ("grey",))) == ["slices"]
    folder = here / "volumes"
    folder.mkdir()
    for name in ("b10.nrrd", "b9.nrrd"):
        shutil.copy(scan, folder / name)
    assert names(find_inputs([str(folder)], ("grey",))) == ["b9", "b10"]
    assert names(find_inputs([str(scan), str(scan)], ("grey",))) == [f"{here.name}_scan_1", f"{here.name}_scan_1_2"]


def test_channels_are_joined_by_plus_or_lie_in_folders_called_like_the_models(here: Path) -> None:
    se, bse = (pictures(here / "fib" / name) for name in ("se", "bse"))
    joined = find_inputs([f"{bse / 'im1.png'}+{se / 'im1.png'}"], ("se", "bse"))
    assert [path.parent.name for path in joined[0].files] == ["se", "bse"]
    paired = find_inputs([str(here / "fib")], ("se", "bse"))
    assert names(paired) == ["im0", "im1", "im2"] and paired[0].channel_names == ("se", "bse")
    (bse / "im2.png").unlink()
    with pytest.raises(InputError, match="no partner"):
        find_inputs([str(here / "fib")], ("se", "bse"))


def test_in_a_project_each_picture_is_an_image(here: Path) -> None:
    folder = pictures(here / "project" / "images")
    assert names(find_inputs([str(folder)], ("grey",))) == ["images"]
    assert names(find_inputs([str(folder.parent)], ("grey",))) == ["im0", "im1", "im2"]
    (folder.parent / "labels").mkdir()
    assert names(find_inputs([str(folder)], ("grey",))) == ["im0", "im1", "im2"]


def test_a_single_picture_can_be_segmented(here: Path, capsys: Capture) -> None:
    folder = pictures(here / "slices")
    assert segment(folder / "im1.png", "--voxel-size", "68,34,34") == 0
    assert read_segments(Path("segmented/im1.seg.nrrd"))[0].array.shape == (1, 24, 20)
    assert segment(folder / "im1.png", "--out", "other") == 3
    assert "voxel" in capsys.readouterr().err
