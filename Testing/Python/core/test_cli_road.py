"""The whole road, from a file to a folder that an analyst can use."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.cli import main
from batterycell.mrml.files import read_volume, write_volume
from batterycell.overhang import OVERHANG_COLUMNS, OVERHANG_DTYPES
from batterycell.phantom import preset
from batterycell.tables import Table, read_csv
from made_cells import made_cell

ROOT = Path(__file__).parents[3]
REAL = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared/data")) / "cell_top_ucl"
FILES = {
    "overhang.csv",
    "quantities.csv",
    "verdict.csv",
    "can_dent_um.csv",
    "can_dent_um.png",
    "windings.csv",
    "inclusions.csv",
    "objects.csv",
    "summary.json",
    "provenance.json",
    "recipe.json",
    "overview.png",
    "overhang_map.png",
    "scene.mrb",
    "report.html",
}
ANGLES = 24

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cell") / "made.nrrd"
    write_volume(made_cell(*preset("small"), seed=1).volume, path)
    return path


@pytest.fixture(scope="module")
def result(cell: Path) -> Path:
    out = cell.parent / "result"
    assert main(["analyze", str(cell), "--out", str(out), "--angles", str(ANGLES), "--quiet"]) == 0
    return out


@pytest.fixture(scope="module")
def overhang(result: Path) -> Table:
    return read_csv(result / "overhang.csv", OVERHANG_COLUMNS, OVERHANG_DTYPES)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_promised_file_is_there(result: Path) -> None:
    names = {path.name for path in result.iterdir()}
    assert names >= FILES
    assert len([name for name in names if name.startswith("longitudinal_")]) == 4
    assert {path.name for path in result.parent.iterdir()} == {"made.nrrd", "result"}


def test_the_table_has_a_row_for_every_end_angle_winding_and_side(overhang: Table) -> None:
    keys = list(zip(*(overhang[name].tolist() for name in ("end", "angle_deg", "winding", "side")), strict=True))
    assert len(set(keys)) == len(keys)
    assert set(overhang["end"].tolist()) == {"top", "bottom"}
    assert len(np.unique(overhang["angle_deg"])) == ANGLES
    for end, angle in {key[:2] for key in keys}:
        windings = sorted({key[2] for key in keys if key[:2] == (end, angle)})
        assert windings == list(range(1, len(windings) + 1))


def test_voxels_and_ras_are_the_same_places(cell: Path, overhang: Table) -> None:
    volume = read_volume(cell)
    for part in ("cathode", "anode"):
        ijk = np.column_stack([overhang[f"{part}_{axis}"] for axis in "ijk"])
        ras = np.column_stack([overhang[f"{part}_{axis}_mm"] for axis in "ras"])
        np.testing.assert_allclose(volume.to_ras(ijk), ras, atol=1e-6)


def test_only_readable_rows_carry_numbers(overhang: Table) -> None:
    readable = np.isin(overhang["flag"], ("ok", "negative"))
    assert readable.mean() > 0.8
    for name in ("overhang_um", "overhang_axial_um", "uncertainty_um"):
        assert np.isfinite(overhang[name][readable]).all() and np.isnan(overhang[name][~readable]).all()
    assert ((overhang["overhang_um"] < 0) == (overhang["flag"] == "negative"))[readable].all()


def test_the_summary_counts_what_the_table_holds(result: Path) -> None:
    with (result / "overhang.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    summary = load(result / "summary.json")
    flags = Counter(row["flag"] for row in rows)
    assert {flag: count for flag, count in summary["counts"]["flags"].items() if count} == flags
    values = [float(row["overhang_um"]) for row in rows if row["overhang_um"]]
    assert summary["overhang"]["all"]["mean_um"] == pytest.approx(np.mean(values))
    assert summary["can"]["outer_diameter_mm"] == pytest.approx(7.0, rel=0.005)


def test_every_stage_has_measured_the_made_cell(result: Path) -> None:
    summary = load(result / "summary.json")
    found = {name: one["value"] for name, one in summary["quantities"].items()}
    assert found["can_outer_diameter_mm"] == pytest.approx(7.0, rel=0.001) and found["winding_count"] == 5
    assert found["can_wall_mean_um"] == pytest.approx(200.0, abs=10.0)
    assert found["overhang_negative_count"] == 0 and summary["verdict"]["outcome"] == "not judged"
    assert not [note for note in summary["notes"] if "Not measured" in note]


def test_the_scene_opens_with_volume_points_rulers_and_table(result: Path) -> None:
    assert zipfile.is_zipfile(result / "scene.mrb")
    scene = mrml.new_scene()
    try:
        mrml.load_scene(scene, result / "scene.mrb")
        kinds = ("ScalarVolume", "MarkupsFiducial", "MarkupsLine", "Table", "LinearTransform", "Slice")
        counts = {kind: scene.GetNumberOfNodesByClass(f"vtkMRML{kind}Node") for kind in kinds}
        assert all(counts.values()), counts
    finally:
        mrml.close_scene(scene)


def test_the_report_holds_all_pictures_and_can_be_mailed(result: Path) -> None:
    page = (result / "report.html").read_text(encoding="utf-8")
    maps = {path.stem for path in result.glob("*.png")} & {path.stem for path in result.glob("*.csv")}
    assert len(maps) >= 10 and page.count("data:image/") == 6 + len(maps) and len(page) < 8e6


@pytest.mark.usefixtures("bare_figures")
def test_a_pouch_cell_goes_the_whole_road(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_volume(made_cell(*preset("pouch"), seed=1).volume, tmp_path / "pouch.nrrd")
    assert main(["analyze", str(tmp_path / "pouch.nrrd"), "--out", str(tmp_path / "result"), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["quantities"]["pouch_cathode_count"]["value"] == 7
    # One anode of the preset has slipped by 750 µm.
    assert summary["verdict"]["outcome"] == "fail" and summary["quantities"]["overhang_min_um"]["value"] < 0
    names = {path.name for path in (tmp_path / "result").iterdir()}
    assert names >= {"overhang.csv", "layers.csv", "overhang_x_plus_um.png", "overview.png", "scene.mrb", "report.html"}


@pytest.mark.real
@pytest.mark.usefixtures("bare_figures")
def test_the_real_cell_gives_a_whole_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not REAL.is_dir():
        pytest.skip(f"no real data in {REAL}")
    words = ["analyze", str(REAL), "--voxel-size", "67.94,33.97,33.97", "--out", str(tmp_path / "result")]
    assert main([*words, "--angles", str(ANGLES), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert {path.name for path in (tmp_path / "result").iterdir()} >= FILES
    assert summary["orientation"]["upside_down"] and summary["ends_in_volume"] == ["top"]
    flags = summary["counts"]["flags"]
    # The bare foil at the tab has no cathode, and beside the can's wall nobody reads an anode: see the marks' notes.
    assert summary["overhang"]["all"]["n_readable"] >= 0.97 * (
        summary["overhang"]["all"]["n"] - flags["cathode-unclear"]
    )
    assert flags["no-anode"] == 0
    assert len(load(tmp_path / "result" / "provenance.json")["inputs"]) == 100
