"""``batterycell phantom microstructure`` writes projects that can be trained on, and volumes with their truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.io.tiff_file import open_tiff
from batterycell.mrml.files import read_volume
from batterycell.phantom.microstructure import PARTICLE_COLUMNS, make_micrograph, preset
from batterycell.phantom.microstructure.series import divide, make_series
from batterycell.segment import TrainSettings
from batterycell.segment.data.project import make_dataset, read_project
from batterycell.tables import read_csv

SMALL = ["--size", "32", "--seed", "4", "--quiet"]
DTYPES = {"image": str, **dict.fromkeys(("particle", "voxels", "cracked", "fragments", "on_border"), int)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "cathodes"
    assert main(["phantom", "microstructure", *SMALL, "--images", "5", "--out", str(out)]) == 0
    return out


def test_the_folder_is_a_project_with_complete_labels(folder: Path) -> None:
    project = read_project(folder)
    made = list(make_series(preset("cathode"), 5, 32, 4))
    assert [image.name for image in project.images] == [f"image_{n}" for n in range(1, 5)]
    assert [frame.role for frame in project.frames] == ["training"] * 3 + ["validation"]
    assert project.classes == made[0].classes
    assert project.images[0].voxel_size_um == pytest.approx((0.05, 0.05, 0.05))
    dataset = make_dataset(project, TrainSettings())
    for sample, one in zip(dataset.samples, made, strict=False):
        assert np.array_equal(sample.labels, one.labels.array)
        assert np.array_equal(sample.image[0], one.grey.array)


def test_the_images_to_test_with_are_kept_apart(folder: Path) -> None:
    test = read_project(folder / "test")
    assert [image.name for image in test.images] == ["image_5"]
    assert np.array_equal(
        test.labels["image_5"].array, make_micrograph(*preset("cathode"), (1, 32, 32), (4, 4)).labels.array
    )


def test_of_65_images_45_train_15_validate_and_5_test() -> None:
    parts = divide(65)
    assert [parts.count(part) for part in ("training", "validation", "test")] == [45, 15, 5]
    assert all(len(divide(count)) == count for count in range(1, 70))
    assert divide(3) == ("training", "validation", "test")


def test_the_truth_lies_beside_the_images(folder: Path) -> None:
    particles = read_csv(folder / "particles.csv", PARTICLE_COLUMNS, DTYPES)
    with open_tiff(folder / "instances" / "image_1.tif") as tiff:
        instances = tiff.asarray()
    first = particles.where(particles["image"] == "image_1")
    assert np.array_equal(np.bincount(instances.ravel())[1:], first["voxels"])
    settings = json.loads((folder / "phantom.json").read_text(encoding="utf-8"))
    assert (settings["seed"], settings["images"], settings["labels"]["binder"]) == (4, 5, 3)
    rows = (folder / "fractions.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "image,part,pore,active_material,binder"
    assert [row.split(",")[1] for row in rows[1:]] == list(divide(5))


def test_a_volume_comes_with_labels_and_instances(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--preset", "xct", "--volume", "20,24,28", "--voxel-size", "0.6", "--seed", "2", "--quiet", "--json"]
    assert main(["phantom", "microstructure", *words, "--out", str(tmp_path / "block")]) == 0
    said = json.loads(capsys.readouterr().out)
    grey, labels, instances = (
        read_volume(tmp_path / "block" / f"{name}.nrrd") for name in ("grey", "labels", "instances")
    )
    assert grey.array.shape == labels.array.shape == instances.array.shape == (20, 24, 28) == tuple(said["shape"])
    assert grey.voxel_size_um == pytest.approx((0.6, 0.6, 0.6))
    assert said["fractions"]["binder"] == np.mean(labels.array == 3)
    assert instances.array.max() == said["particles"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--preset", "nothing"],
        ["--images", "0"],
        ["--size", "4"],
        ["--seed", "-1"],
        ["--voxel-size", "0"],
        ["--voxel-size", "nan"],
        ["--volume", "4,64,64"],
        ["--volume", "64,64"],
        ["--volume", "9000,9000,9000"],
    ],
)
def test_wrong_words_are_one_line_and_write_nothing(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    assert main(["phantom", "microstructure", *SMALL, *wrong, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("batterycell: ") and error.count("\n") == 1
    assert not out.exists() and not list(tmp_path.iterdir())
