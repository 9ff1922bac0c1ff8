"""``batterycell instances``: from a label file to a folder that people and programs can use."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.export.objects_files import read_parquet
from batterycell.mrml.files import read_volume, write_volume
from batterycell.volume import Volume
from made_labels import BALLS, SIZE_UM, balls, save_labels

CLASSES = "1=pore,2=NMC,3=binder"
FILES = {
    "instances.csv",
    "instances.nrrd",
    "instances.ctbl",
    "labels.png",
    "sizes.png",
    "shapes.png",
    "quantities.csv",
    "summary.json",
    "provenance.json",
    "recipe.json",
    "report.html",
}


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_labels(balls(), tmp_path_factory.mktemp("labels") / "made.nrrd")


@pytest.fixture(scope="module")
def result(labels: Path) -> Path:
    out = labels.parent / "result"
    assert main(["instances", str(labels), "--classes", CLASSES, "--of", "NMC", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(autouse=True)
def without_pictures(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn for the one result that tests look at; for all others they would only take time."""
    monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def run(*words: object) -> int:
    return main(["instances", *map(str, words), "--quiet"])


def test_every_promised_file_is_there_and_nothing_else_is_left(result: Path) -> None:
    assert {path.name for path in result.iterdir()} >= FILES
    assert {path.name for path in result.parent.iterdir()} == {"made.nrrd", "result"}


def test_the_table_has_the_balls_with_their_sizes_and_places(result: Path) -> None:
    found = {tuple(round(float(row[axis])) for axis in "kji"): row for row in rows(result / "instances.csv")}
    assert len(found) == len(BALLS)
    for (middle, radius), border in zip(BALLS, (0, 0, 0, 0, 1), strict=True):
        row = next(row for place, row in found.items() if np.linalg.norm(np.subtract(place, middle)) < 2.5)
        assert int(row["on_border"]) == border and row["class"] == "NMC"
        if not border:
            assert float(row["equivalent_diameter_um"]) == pytest.approx(2 * radius * SIZE_UM[0], rel=0.03)


def test_the_label_volume_holds_the_numbers_of_the_table_on_the_same_grid(result: Path, labels: Path) -> None:
    objects, source = read_volume(result / "instances.nrrd"), read_volume(labels)
    np.testing.assert_allclose(objects.ijk_to_ras, source.ijk_to_ras)
    assert objects.array.dtype == np.uint32 and set(np.unique(objects.array)) == set(range(len(BALLS) + 1))
    for row in rows(result / "instances.csv"):
        k, j, i = (round(float(row[axis])) for axis in "kji")
        assert objects.array[k, j, i] == int(row["n"])
        assert (objects.array == int(row["n"])).sum() == int(row["voxels"])


def test_the_colour_table_opens_in_slicer_with_a_name_for_each_object(result: Path, scene: Any) -> None:
    from slicer import vtkMRMLColorTableNode, vtkMRMLColorTableStorageNode

    node, storage = vtkMRMLColorTableNode(), vtkMRMLColorTableStorageNode()
    scene.AddNode(node)
    scene.AddNode(storage)
    storage.SetFileName(str(result / "instances.ctbl"))
    assert storage.ReadData(node) and node.GetNumberOfColors() == len(BALLS) + 1
    assert node.GetColorName(1).replace(" ", "_") == "NMC_1"


def test_the_summary_tells_counts_sizes_and_their_intervals(result: Path) -> None:
    summary = load(result / "summary.json")
    assert summary["objects"] == len(BALLS) and summary["sample"] == "made"
    found = summary["quantities"]
    assert found["instances_nmc_count"]["value"] == len(BALLS) and found["instances_nmc_border_count"]["value"] == 1
    density = found["instances_nmc_per_mm3"]
    volume = np.prod(np.array((40, 48, 50)) * 0.5e-3)
    assert 4 / volume < density["value"] < 12 / volume and density["uncertainty"] > 0


def test_provenance_holds_the_checksum_of_the_labels_and_of_every_table(result: Path) -> None:
    import hashlib

    provenance = load(result / "provenance.json")
    (source,) = provenance["inputs"]
    assert source["sha256"] == hashlib.sha256(Path(source["path"]).read_bytes()).hexdigest()
    assert {"instances.csv", "quantities.csv", "summary.json"} <= {one["file"] for one in provenance["results"]}
    assert provenance["recipe"]["of"] == ["NMC"] and "--classes" in provenance["command"]


def test_the_report_is_one_page_with_every_picture(result: Path) -> None:
    page = (result / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/") == len(list(result.glob("*.png"))) == 3
    assert "instances_nmc_diameter_d50_um" in page and "http" not in page.split("</style>")[1]


def test_parquet_holds_what_the_csv_holds_with_units(labels: Path, result: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    words = (labels, "--classes", CLASSES, "--of", "NMC", "--format", "parquet", "--out", tmp_path / "out")
    assert run(*words) == 0
    table = read_parquet(tmp_path / "out" / "instances.parquet")
    assert {c.name: c.units for c in table.columns}["equivalent_diameter_um"] == "µm"
    csv_rows = rows(result / "instances.csv")
    for column in table.columns:
        texts = [row[column.name] for row in csv_rows]
        if table[column.name].dtype.kind == "U":
            assert table[column.name].tolist() == texts
        else:
            np.testing.assert_array_equal(table[column.name], np.array([float(t or "nan") for t in texts]))


def test_without_pyarrow_parquet_is_refused_before_the_work(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert run(labels, "--format", "parquet", "--out", tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()


def test_grey_values_are_measured_in_every_object(labels: Path, tmp_path: Path) -> None:
    grey = (balls() * 10.0).astype(np.float32)
    write_volume(Volume.from_stack(grey, SIZE_UM, "made"), tmp_path / "ct.nrrd")
    words = ("--classes", CLASSES, "--image", tmp_path / "ct.nrrd", "--measures", "common,intensity")
    assert run(labels, *words, "--out", tmp_path / "out") == 0
    for row in rows(tmp_path / "out" / "instances.csv"):
        assert float(row["ct_mean"]) == {"pore": 10.0, "NMC": 20.0, "binder": 30.0}[row["class"]]


def test_each_slice_on_its_own_gives_discs(labels: Path, tmp_path: Path) -> None:
    words = ("--classes", CLASSES, "--of", "NMC", "--dimension", 2, "--out", tmp_path / "out")
    assert run(labels, *words) == 0
    found = rows(tmp_path / "out" / "instances.csv")
    assert len(found) == sum(2 * int(radius) + 1 for _, radius in BALLS)
    assert max(float(row["area_um2"]) for row in found) == pytest.approx(np.pi * 3.5**2, rel=0.05)


def test_what_is_too_small_is_left_out_and_told(labels: Path, tmp_path: Path) -> None:
    words = ("--classes", CLASSES, "--of", "NMC", "--min-size", 4.5, "--border", "exclude", "--out", tmp_path / "out")
    assert run(labels, *words) == 0
    summary = load(tmp_path / "out" / "summary.json")
    assert summary["objects"] == 3 and any("too small" in note for note in summary["notes"])


def test_edits_are_made_and_kept(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "edits.json").write_text('{"edits": [{"kind": "remove", "ids": [1]}]}', encoding="utf-8")
    words = ("--classes", CLASSES, "--of", "NMC", "--edits", tmp_path / "edits.json", "--out", tmp_path / "out")
    assert run(labels, *words) == 0
    summary = load(tmp_path / "out" / "summary.json")
    assert summary["quantities"]["instances_nmc_count"]["value"] == len(BALLS) - 1 and summary["log"]


def test_a_recipe_does_the_same_with_other_labels(labels: Path, result: Path, tmp_path: Path) -> None:
    other = save_labels(balls(placed=BALLS[:3]), tmp_path / "other.nrrd")
    out = tmp_path / "again"
    assert main(["replay", str(result), str(labels), str(other), "--out", str(out), "--quiet"]) == 0
    assert (out / "made" / "instances.csv").read_bytes() == (result / "instances.csv").read_bytes()
    assert load(out / "other" / "summary.json")["objects"] == 3


def test_replay_tells_which_labels_cannot_be_measured(result: Path, tmp_path: Path, capsys: Any) -> None:
    empty = save_labels(np.zeros((4, 20, 20), np.uint8), tmp_path / "empty.nrrd")
    assert main(["replay", str(result), str(empty), "--out", str(tmp_path / "out"), "--json", "--quiet"]) == 3
    assert json.loads(capsys.readouterr().out)["rows"][0]["status"] == "failed"


def bad_words(tmp_path: Path) -> dict[str, list[object]]:
    sound = save_labels(balls(), tmp_path / "sound.nrrd")
    empty = save_labels(np.zeros((4, 20, 20), np.uint8), tmp_path / "empty.nrrd")
    other = save_labels(balls()[:, :-1], tmp_path / "other.nrrd")
    np.save(tmp_path / "strange.npy", balls())
    (tmp_path / "edits.json").write_text("{}", encoding="utf-8")
    import tifffile

    tifffile.imwrite(tmp_path / "sizeless.tif", balls(), photometric="minisblack")
    tifffile.imwrite(tmp_path / "negative.tif", balls().astype(np.int16) - 2, photometric="minisblack")
    tifffile.imwrite(tmp_path / "grey.tif", balls() + np.float32(0.25), photometric="minisblack")
    size = ["--voxel-size", "1"]
    return {
        "empty": [empty],
        "absent": [tmp_path / "absent.nrrd"],
        "strange": [tmp_path / "strange.npy", *size],
        "no voxel size": [tmp_path / "sizeless.tif"],
        "negative": [tmp_path / "negative.tif", *size],
        "fractions": [tmp_path / "grey.tif", *size],
        "one object fills all": [save_labels(np.ones((4, 20, 20), np.uint8), tmp_path / "full.nrrd")],
        "image of another size": [sound, "--image", other],
        "class that is not there": [sound, "--of", "graphite"],
        "value that is not there": [sound, "--classes", "9=NMC"],
        "edits without edits": [sound, "--edits", tmp_path / "edits.json"],
    }


BAD = [
    "empty",
    "absent",
    "strange",
    "no voxel size",
    "negative",
    "fractions",
    "one object fills all",
    "image of another size",
    "class that is not there",
    "value that is not there",
    "edits without edits",
]


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_line_and_exit_code_3(what: str, tmp_path: Path, capsys: Any) -> None:
    words = bad_words(tmp_path)[what]
    assert run(*words, "--out", tmp_path / "out") == 3
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1 and "Internal error" not in told[0] and len(told[0]) > 30, told
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize(
    "words",
    [
        ("--classes", "x=y=z"),
        ("--measures", "beauty"),
        ("--connectivity", "8", "--dimension", "3"),
        ("--min-size", "-1"),
    ],
    ids=" ".join,
)
def test_wrong_words_are_exit_code_2(words: tuple[str, ...], labels: Path, tmp_path: Path, capsys: Any) -> None:
    assert run(labels, *words, "--out", tmp_path / "out") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_a_giant_object_of_touching_particles_is_told(tmp_path: Path) -> None:
    touching = balls(placed=[((20, 20, 12), 9.0), ((20, 20, 29), 9.0), ((8, 8, 40), 2.0)])
    path = save_labels(touching, tmp_path / "touching.nrrd")
    words = (path, "--classes", CLASSES, "--of", "NMC")
    assert run(*words, "--out", tmp_path / "one") == 0
    assert any("eparate" in note for note in load(tmp_path / "one" / "summary.json")["notes"])
    assert run(*words, "--separate", "watershed", "--out", tmp_path / "two") == 0
    assert load(tmp_path / "two" / "summary.json")["objects"] == 3


def test_cancelling_leaves_nothing_half_written(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import batterycell.objects.found as road

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(road, "measure_instances", interrupted)
    assert run(labels, "--out", tmp_path / "out") == 130
    assert list(tmp_path.iterdir()) == []


def test_objects_that_are_numbered_already_keep_their_numbers_beside_new_ones(result: Path, tmp_path: Path) -> None:
    numbers = read_volume(result / "instances.nrrd").array.astype(np.uint32)
    path = save_labels(np.where(numbers, numbers * 70_001, 0).astype(np.uint32), tmp_path / "numbered.nrrd")
    assert run(path, "--out", tmp_path / "refused") == 3
    assert run(path, "--numbered", "--classes", "NMC", "--out", tmp_path / "out") == 0
    found, before = rows(tmp_path / "out" / "instances.csv"), rows(result / "instances.csv")
    assert [int(row["label"]) for row in found] == [70_001 * (n + 1) for n in range(len(BALLS))]
    for name in ("n", "class", "on_border", "weight", "voxels", "i", "equivalent_diameter_um"):
        assert [row[name] for row in found] == [row[name] for row in before]
    np.testing.assert_array_equal(read_volume(tmp_path / "out" / "instances.nrrd").array, numbers)


def test_numbered_objects_of_each_slice_are_their_own_in_2d(tmp_path: Path) -> None:
    numbers = np.zeros((3, 20, 20), np.uint16)
    numbers[:2, 2:6, 2:6], numbers[1:, 10:15, 10:15] = 7, 3
    path = save_labels(numbers, tmp_path / "numbered.nrrd")
    assert run(path, "--numbered", "--dimension", 2, "--out", tmp_path / "out") == 0
    found = rows(tmp_path / "out" / "instances.csv")
    assert [(row["slice"], row["label"]) for row in found] == [("0", "7"), ("1", "3"), ("1", "7"), ("2", "3")]
    assert [float(row["area_um2"]) for row in found] == [4.0, 6.25, 4.0, 6.25]


def test_measures_are_listed_with_formula_and_source(capsys: Any) -> None:
    assert main(["instances", "--list-measures"]) == 0
    text = capsys.readouterr().out
    assert "* volume" in text or "* size" in text
    assert all("[" in line for line in text.splitlines()[:-1])
