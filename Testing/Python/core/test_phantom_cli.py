"""``batterycell phantom cell`` writes a folder that says everything about itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.mrml.files import read_volume
from batterycell.overhang.columns import OVERHANG_COLUMNS, OVERHANG_DTYPES
from batterycell.phantom import make_cell, preset
from batterycell.tables import read_csv

COARSE = ["--preset", "small", "--voxel-size", "120,90,90", "--quiet"]


def test_the_folder_holds_what_the_generator_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "cell"
    assert main(["phantom", "cell", "--preset", "small", "--seed", "2", "--quiet", "--json", "--out", str(out)]) == 0
    made = make_cell(*preset("small"), 2)
    grey, labels = read_volume(out / "grey.nrrd"), read_volume(out / "labels.nrrd")
    assert np.array_equal(grey.array, made.volume.array)
    assert np.array_equal(labels.array, made.labels.array)
    assert grey.ijk_to_ras == pytest.approx(made.volume.ijk_to_ras)
    truth = read_csv(out / "truth.csv", OVERHANG_COLUMNS, OVERHANG_DTYPES)
    assert np.array_equal(truth["overhang_um"], made.truth["overhang_um"], equal_nan=True)
    assert json.loads(capsys.readouterr().out)["overhangs"] == {"ok": len(truth)}


def test_the_settings_are_kept(tmp_path: Path) -> None:
    options = ["--tilt", "4", "--upside-down", "--noise", "7", "--negative", "2", "--seed", "5"]
    assert main(["phantom", "cell", *COARSE, *options, "--out", str(tmp_path / "cell")]) == 0
    settings = json.loads((tmp_path / "cell" / "phantom.json").read_text(encoding="utf-8"))
    scan = settings["scan"]
    assert (scan["tilt_deg"], scan["upside_down"], scan["noise"]) == (4, True, 7)
    assert settings["seed"] == 5
    assert len(settings["cell"]["defects"]) == 2
    assert settings["can_truth"]["outer_diameter_mm"] == 7.0
    assert "negative" in (tmp_path / "cell" / "truth.csv").read_text(encoding="utf-8")


def test_a_hard_cell_is_drawn_from_its_seed_and_says_where_its_gaps_and_particles_are(tmp_path: Path) -> None:
    words = ["--preset", "random-hard", "--seed", "17", "--voxel-size", "300,200,200", "--quiet"]
    assert main(["phantom", "cell", *words, "--out", str(tmp_path / "cell")]) == 0
    assert len((tmp_path / "cell" / "inclusions.csv").read_text(encoding="utf-8").splitlines()) == 4
    assert (tmp_path / "cell" / "gaps.csv").is_file()
    settings = json.loads((tmp_path / "cell" / "phantom.json").read_text(encoding="utf-8"))
    assert settings["winding_truth"]["turns"] == settings["cell"]["roll"]["turns"]


def test_an_older_folder_is_replaced_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["phantom", "cell", *COARSE, "--out", str(tmp_path / "cell")]
    assert main(words) == 0
    assert main(words) == 3
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--preset", "nothing"],
        ["--tilt", "80"],
        ["--noise", "-1"],
        ["--noise", "nan"],
        ["--tilt", "nan"],
        ["--negative", "-1"],
        ["--seed", "-4"],
        ["--voxel-size", "0,1,1"],
        ["--voxel-size", "nan,1,1"],
        ["--voxel-size", "0.01,0.01,0.01"],
        ["--voxel-size", "60000,60000,60000"],
    ],
)
def test_wrong_words_are_one_line_and_leave_nothing(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["phantom", "cell", "--preset", "small", "--quiet", *wrong, "--out", str(tmp_path / "cell")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
