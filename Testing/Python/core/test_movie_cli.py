"""The verbs for movies: result folders, and one line where something is wrong."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from batterycell.cli import main
from movies import small_movie, write_members, write_tiff

MADE = small_movie()
DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie with its end members, and the result of its chemistry."""
    place = tmp_path_factory.mktemp("movie")
    path, members = write_tiff(MADE, place / "movie.tif"), write_members(place)
    words = ["--pixel-size", "0.05", "--no-drift", "--counts-per-unit", "1", "--quiet"]
    assert main(["movie", "chemistry", str(path), *members, *words, "--out", str(place / "result")]) == 0
    return place


def test_the_folder_holds_maps_tables_pictures_and_provenance(folder: Path) -> None:
    names = {path.name for path in (folder / "result").iterdir()}
    for name in (
        "lithium",
        "lithium_sigma",
        "lithium_unbounded",
        "amount",
        "amount_sigma",
        "residual_od",
        "chi_square",
    ):
        assert {f"{name}.tif", f"{name}.seq.nrrd"} <= names
    assert {"particles.tif", "particles.nrrd", "particles.csv", "frames.csv", "quantities.csv"} <= names
    assert {"lithium.png", "lithium_mean.png", "report.html", "recipe.json", "provenance.json"} <= names
    assert not {name for name in names if name.endswith(".npy")}


def test_the_maps_are_those_of_the_truth(folder: Path) -> None:
    with tifffile.TiffFile(folder / "result" / "lithium_unbounded.tif") as tiff:
        lithium, meta = tiff.asarray(), tiff.imagej_metadata
    assert lithium.shape == MADE.fractions.shape and meta["unit"] in ("um", "µm")
    error = lithium - MADE.fractions
    assert abs(np.nanmean(error[:, MADE.amounts > 0.4])) < 0.02


def test_the_table_names_its_times_in_seconds(folder: Path) -> None:
    with (folder / "result" / "particles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["time_s"]) for row in rows] == pytest.approx(MADE.times_s.reshape(4, 3).mean(axis=1))
    assert float(rows[-1]["fraction"]) > float(rows[0]["fraction"]) + 0.5


def test_provenance_names_movie_side_file_and_end_members(folder: Path) -> None:
    provenance = json.loads((folder / "result" / "provenance.json").read_text(encoding="utf-8"))
    names = {Path(one["path"]).name for one in provenance["inputs"]}
    assert names == {"movie.tif", "movie.csv", "FePO4.txt", "LiFePO4.txt"}
    assert provenance["pixel_size_source"] == "--pixel-size" and provenance["times_source"] == "movie.csv"


def test_a_recipe_gives_the_same_again(folder: Path, tmp_path: Path) -> None:
    words = ["--recipe", str(folder / "result" / "recipe.json"), "--pixel-size", "0.05", "--quiet"]
    words += ["--out", str(tmp_path / "again")]
    assert main(["movie", "chemistry", str(folder / "movie.tif"), *write_members(folder), *words]) == 0
    first, again = ((place / "particles.csv").read_bytes() for place in (folder / "result", tmp_path / "again"))
    assert first == again


def test_preparing_writes_densities_that_can_be_read_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "prepared"
    words = ["--pixel-size", "0.05", "--no-drift", "--quiet", "--out", str(out)]
    assert main(["movie", "prepare", str(folder / "movie.tif"), *words]) == 0
    words = ["--index", str(out / "frames.csv"), "--beam", "none", "--sigma", "0.03", "--no-drift", "--quiet"]
    stack, result = out / "optical_density.tif", tmp_path / "result"
    assert main(["movie", "chemistry", str(stack), *write_members(folder), *words, "--out", str(result)]) == 0
    summary = json.loads((result / "summary.json").read_text(encoding="utf-8"))
    assert summary["points"] == 4 and len(summary["energies_ev"]) == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["prepare", "movie.tif"], 3, "--pixel-size"),
        (["chemistry", "movie.tif", "--pixel-size", "0.05"], 2, "--end-member"),
        (["prepare", "movie.tif", "--pixel-size", "0.05", "--threshold", "9"], 3, "--threshold"),
        (["prepare", "movie.tif", "--pixel-size", "0.05", "--counts-per-unit", "-1"], 2, "counts_per_unit"),
        (["prepare", "movie.tif", "--pixel-size", "0.05", "--recipe", "movie.csv"], 3, "recipe"),
        (["prepare", "movie.tif", "--pixel-size", "0"], 2, "pixel"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(folder)
    assert main(["movie", *words, "--quiet", "--out", "wrong"]) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error
    assert not (folder / "wrong").exists()


def test_chemistry_without_energies_says_so(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_tiff(MADE, tmp_path / "bare.tif", side=False)
    words = [*write_members(tmp_path), "--pixel-size", "0.05", "--no-drift", "--quiet", "--out", str(tmp_path / "out")]
    assert main(["movie", "chemistry", str(path), *words]) == 3
    assert "energies" in capsys.readouterr().err


@pytest.mark.real
def test_a_real_stack_gives_maps_that_its_own_reference_spectra_explain(tmp_path: Path) -> None:
    stack = DATA / "stxm_fe_l"
    if not stack.is_dir():
        pytest.skip(f"no {stack}")
    members = [f"--end-member={name}={stack / file}" for name, file in (("ox", "oxidized.t"), ("red", "reduced.t"))]
    words = ["--no-drift", "--quiet", "--out", str(tmp_path / "out")]
    assert main(["movie", "chemistry", str(stack / "71214078.hdr"), *members, *words]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["frames"] == 123 and summary["pixel_size_yx_um"] == pytest.approx([0.08, 0.08])
    assert summary["quantities"]["movie_residual_od"]["value"] < 0.06
    lithium = tifffile.imread(tmp_path / "out" / "lithium.tif")
    assert np.nanmedian(lithium[5:10, 5:15]) > 0.9 > 0.2 > np.nanmedian(lithium[5:30, 110:120])
