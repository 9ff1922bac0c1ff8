"""``batterycell microstructure`` and ``compare``: the numbers of an electrode, and two of them side by side."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.objects.cracks import widest_crack_um
from batterycell.slabs import SlabSource
from batterycell.volume import Volume
from made_labels import BALLS, SIZE_UM, balls, save_labels

ROOT = Path(__file__).parents[3]
REAL = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared/data"))
CLASSES = "1=pore,2=NMC,3=binder"
FILES = {
    "quantities.csv",
    "instances.csv",
    "instances.nrrd",
    "instances.ctbl",
    "fragments.csv",
    "microstructure_fractions.csv",
    "microstructure_fractions.png",
    "microstructure_sizes.csv",
    "microstructure_sizes.png",
    "microstructure_pores.csv",
    "microstructure_pores.png",
    "microstructure_connections.csv",
    "microstructure_connections.png",
    "fragments.png",
    "labels.png",
    "sizes.png",
    "summary.json",
    "provenance.json",
    "recipe.json",
    "report.html",
}
FAST = ("--no-tortuosity", "--quiet")


def run(labels: Path, out: Path, *words: object, crack: str = "1") -> int:
    own = ["--crack", crack] if crack else []
    return main(["microstructure", str(labels), *map(str, words), *own, "--out", str(out), *FAST])


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def quantities(folder: Path) -> Any:
    return load(folder / "summary.json")["quantities"]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_labels(balls(), tmp_path_factory.mktemp("labels") / "made.nrrd")


@pytest.fixture(scope="module")
def result(labels: Path) -> Path:
    out = labels.parent / "result"
    assert run(labels, out, "--classes", CLASSES, "--active", "NMC", "--pore", "pore") == 0
    return out


@pytest.fixture(autouse=True)
def without_pictures(result: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn for the results that tests look at; for all others they would only take time."""
    if "real" not in request.keywords:
        monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])


def test_every_promised_file_is_there(result: Path) -> None:
    assert {path.name for path in result.iterdir()} >= FILES


def test_fractions_are_the_counted_ones_each_with_an_interval(result: Path) -> None:
    array, found = balls(), quantities(result)
    for value, name in enumerate(("pore", "nmc", "binder"), 1):
        one = found[f"microstructure_fraction_{name}_percent"]
        assert one["value"] == pytest.approx(100 * (array == value).mean()) and one["uncertainty"] > 0


def test_particles_are_counted_and_none_is_broken(result: Path) -> None:
    found = quantities(result)
    assert found["instances_nmc_count"]["value"] == len(BALLS)
    assert found["microstructure_broken_percent"]["value"] == 0
    assert load(result / "summary.json")["objects"] == len(BALLS)


def test_every_number_and_every_picture_is_in_the_report(result: Path) -> None:
    page = (result / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in quantities(result))
    assert page.count("data:image/") == len(list(result.glob("*.png")))


def test_active_material_and_pores_are_known_by_their_names(labels: Path, result: Path, tmp_path: Path) -> None:
    assert run(labels, tmp_path / "out", "--classes", CLASSES) == 0
    assert quantities(tmp_path / "out") == quantities(result)
    assert load(tmp_path / "out" / "recipe.json")["of"] == ["NMC"]


def test_without_a_known_active_material_the_fractions_are_told_all_the_same(labels: Path, tmp_path: Path) -> None:
    assert run(labels, tmp_path / "out", "--classes", "1=x,2=y,3=z") == 0
    summary = load(tmp_path / "out" / "summary.json")
    assert summary["objects"] is None and "microstructure_fraction_y_percent" in summary["quantities"]
    assert any("--active" in note for note in summary["notes"])


def test_where_voxels_are_too_coarse_for_cracks_it_is_told(labels: Path, tmp_path: Path) -> None:
    assert run(labels, tmp_path / "out", "--classes", CLASSES, crack="") == 0
    summary = load(tmp_path / "out" / "summary.json")
    assert "microstructure_broken_percent" not in summary["quantities"]
    assert any("cracks from gaps" in note for note in summary["notes"])


@pytest.mark.parametrize(("radius", "widest"), [(3, 0.0), (12, 1.5), (60, 2.0)])
def test_the_widest_crack_goes_with_the_thickness_of_the_material(radius: int, widest: float) -> None:
    stripes = np.zeros((2, 8, 8 * radius), np.uint8)
    stripes[..., : 2 * radius] = stripes[..., 4 * radius : 6 * radius] = 2
    found = widest_crack_um(SlabSource.of_array(stripes), (2,), SIZE_UM)
    assert found == pytest.approx(widest)


def test_a_single_slice_is_measured_in_2d(tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "slice.tif", balls()[12], photometric="minisblack")
    words = ("--voxel-size", "0.5", "--classes", "2=NMC,3=binder", "--active", "NMC")
    assert run(tmp_path / "slice.tif", tmp_path / "out", *words) == 0
    assert "instances_nmc_per_mm2" in quantities(tmp_path / "out")


def test_how_unsure_the_model_was_widens_the_intervals(labels: Path, result: Path, tmp_path: Path) -> None:
    doubt = np.full(balls().shape, 20, np.uint8)
    path = save_labels(doubt, tmp_path / "doubt.nrrd")
    assert run(labels, tmp_path / "out", "--classes", CLASSES, "--uncertainty", path) == 0
    name = "microstructure_fraction_nmc_percent"
    assert quantities(tmp_path / "out")[name]["uncertainty"] > quantities(result)[name]["uncertainty"]


def test_what_differs_between_two_samples_is_told(
    result: Path, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.pictures.compare_chart.MOST_CHARTS", 3)
    fewer = save_labels(balls(placed=BALLS[1:]), tmp_path / "fewer.nrrd")
    assert run(fewer, tmp_path / "fewer", "--classes", CLASSES) == 0
    words = [str(result), str(tmp_path / "fewer"), "--out", str(tmp_path / "compare"), "--quiet"]
    assert main(["compare", *words]) == 0
    names = {path.name for path in (tmp_path / "compare").iterdir()}
    assert names >= {"comparison.csv", "compare.png", "compare_distributions.png", "report.html", "provenance.json"}
    with (tmp_path / "compare" / "comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    count = [float(row["value"]) for row in rows if row["quantity"] == "instances_nmc_count"]
    assert count == [len(BALLS), len(BALLS) - 1]
    assert {row["differs"] for row in rows} <= {"yes", "no", "unknown", ""}
    page = (tmp_path / "compare" / "report.html").read_text(encoding="utf-8")
    assert "instances_nmc_count" in page and page.count("data:image/") == 2


@pytest.mark.parametrize("count", [1, 2])
def test_what_cannot_be_compared_is_one_line(count: int, result: Path, tmp_path: Path, capsys: Any) -> None:
    folders = [str(result), str(tmp_path)][:count]
    assert main(["compare", *folders, "--out", str(tmp_path / "out"), "--quiet"]) == (2 if count == 1 else 3)
    assert len(capsys.readouterr().err.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_a_recipe_of_an_electrode_is_replayed(result: Path, labels: Path, tmp_path: Path) -> None:
    assert main(["replay", str(result), str(labels), "--out", str(tmp_path / "again"), "--quiet"]) == 0
    assert quantities(tmp_path / "again" / "made") == quantities(result)


def test_a_recipe_is_replayed_on_a_sample_without_one_of_its_classes_and_without_a_voxel_size(tmp_path: Path) -> None:
    import tifffile

    array = balls()
    for name, classes in (("whole", array), ("dense", np.where(array == 1, 3, array))):
        tifffile.imwrite(tmp_path / f"{name}.tif", classes.astype(np.uint8), photometric="minisblack")
    words = ("--voxel-size", "0.5", "--classes", CLASSES, "--pore", "pore")
    assert run(tmp_path / "whole.tif", tmp_path / "out", *words) == 0
    again = ["replay", tmp_path / "out", tmp_path / "dense.tif", "--voxel-size", "0.5", "--out", tmp_path / "again"]
    assert main([*map(str, again), "--quiet"]) == 0
    summary = load(tmp_path / "again" / "dense" / "summary.json")
    assert summary["voxel_size_zyx_um"] == [0.5, 0.5, 0.5]
    assert any("No voxel is pore (1)" in note for note in summary["notes"])
    assert "microstructure_fraction_binder_percent" in summary["quantities"]


def test_the_ras_of_particles_is_that_of_the_file(tmp_path: Path) -> None:
    from batterycell.mrml.files import write_volume

    moved = Volume.from_stack(balls(), SIZE_UM, "made")
    moved.ijk_to_ras[:3, 3] = (3.0, 2.0, 1.0)
    write_volume(moved, tmp_path / "moved.nrrd")
    assert run(tmp_path / "moved.nrrd", tmp_path / "out", "--classes", CLASSES) == 0
    with (tmp_path / "out" / "fragments.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    ijk = [float(row[axis]) for axis in "ijk"]
    np.testing.assert_allclose(moved.to_ras(ijk), [float(row[f"{axis}_mm"]) for axis in "ras"], atol=1e-6)


SAMPLES = {
    "electrode_labels/cathode_sem_3phase_628x758.tif": ("0=pore,1=NMC,2=CBD", "0.1", ("pore", 14.4)),
    "electrode_labels/nmc_xct_2phase_128.tif": ("0=pore,1=NMC", "0.4", ("pore", 58.0)),
    "fibsem_lco/mask": ("0=pore,1=LCO", "0.2,0.02,0.02", ("pore", 38.5)),
}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES)
def test_real_labels_give_a_full_report(sample: str, tmp_path: Path) -> None:
    if not (REAL / sample).exists():
        pytest.skip(f"no real data in {REAL / sample}")
    classes, size, (name, share) = SAMPLES[sample]
    words = ["--classes", classes, "--voxel-size", size, *(["--dimension", "2"] if "fibsem" in sample else [])]
    assert run(REAL / sample, tmp_path / "out", *words) == 0
    found = quantities(tmp_path / "out")[f"microstructure_fraction_{name}_percent"]
    assert found["value"] == pytest.approx(share, abs=0.1)
    assert (tmp_path / "out" / "report.html").stat().st_size > 50_000
