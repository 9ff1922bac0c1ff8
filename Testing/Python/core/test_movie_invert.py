"""``movie invert``: what people type, and the folder they get; the law itself is a made one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.cli import main
from batterycell.movie.law import Law, LawSettings
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from made_law import LEFT_OUT, SIGMA, fake_law, fake_movie

TYPED = ["--sigma", str(SIGMA), "--times", "120", "--pixel-size", "0.05", "--quiet"]


def write_fractions(folder: Path, name: str = "made", **how: Any) -> list[str]:
    """A movie as a stack of fractions with its mask, and the words that name it."""
    movie = fake_movie(name, **how)
    tifffile.imwrite(folder / f"{name}.tif", movie.fraction, photometric="minisblack")
    tifffile.imwrite(folder / "mask.tif", (movie.labels > 0).astype(np.uint8))
    return [str(folder / f"{name}.tif")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[LawSettings]:
    """The settings with which a law was asked for; a made one is the answer."""
    found: list[LawSettings] = []

    def find(movies: Sequence[LithiumMovie], settings: LawSettings, progress: Progress, keep: Path | None) -> Law:
        found.append(settings)
        return fake_law(*movies, settings=settings)

    monkeypatch.setattr("batterycell.movie.law.find_law", find)
    return found


def invert(folder: Path, movies: list[str], *words: str) -> dict[str, Any]:
    out = folder / "law"
    typed = ["--mask", str(folder / "mask.tif"), *TYPED, *words, "--out", str(out)]
    assert main(["movie", "invert", *movies, *typed]) == 0
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return summary


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_single_movie_gives_tables_maps_pictures_and_a_page(asked: list[LawSettings], tmp_path: Path) -> None:
    summary = invert(tmp_path, write_fractions(tmp_path))
    names = {path.name for path in (tmp_path / "law").iterdir()}
    assert {"law.csv", "law_particles.csv", "law_points.csv", "law_reservoir.csv", "quantities.csv"} <= names
    assert {"k.tif", "k.nrrd", "ln_k_sigma.tif", "lithium_predicted.seq.nrrd", "lithium_misfit.seq.nrrd"} <= names
    assert {"law.png", "law_points.png", "k.png", "left_out.png", "report.html", "recipe.json"} <= names
    assert summary["verb"] == "movie invert" and summary["quantities"]["law_fall_kt"]["units"] == "kT"


def test_several_movies_have_a_folder_each_whatever_their_names(asked: list[LawSettings], tmp_path: Path) -> None:
    inputs = [*write_fractions(tmp_path, "in at 1C"), *write_fractions(tmp_path, "out", points=6, seed=2)]
    invert(tmp_path, inputs)
    folders = sorted(path.name for path in (tmp_path / "law").iterdir() if path.is_dir())
    assert [name[0] for name in folders] == ["1", "2"] and folders[1].endswith("out")
    predicted = tifffile.imread(tmp_path / "law" / folders[1] / "lithium_predicted.tif")
    assert predicted.shape == (6, 18, 30)
    rows = rows_of(tmp_path / "law" / "law_points.csv")
    assert {row["movie"] for row in rows} == {"1", "2"} and len(rows) == 8 + 6


def test_the_page_says_what_was_assumed_what_is_known_and_how_left_out_points_are_predicted(
    asked: list[LawSettings], tmp_path: Path
) -> None:
    invert(tmp_path, write_fractions(tmp_path), "--reaction", "marcus-hush-chidsey", "--reorganisation", "10")
    page = (tmp_path / "law" / "report.html").read_text(encoding="utf-8")
    for words in ("reorganisation energy of 10 kT", "μ(c) is known from 0.20 to 0.80", "were not used", "∂c/∂t"):
        assert words in page


def test_points_left_out_are_told_from_those_that_were_used(asked: list[LawSettings], tmp_path: Path) -> None:
    invert(tmp_path, write_fractions(tmp_path))
    rows = rows_of(tmp_path / "law" / "law_points.csv")
    assert [int(row["point"]) - 1 for row in rows if row["used"] == "0"] == list(LEFT_OUT)
    assert all(bool(row["peer_chi"]) == (row["used"] == "0") for row in rows)
    misfit = tifffile.imread(tmp_path / "law" / "lithium_misfit.tif")
    chi = [float(row["chi"]) for row in rows]
    np.testing.assert_allclose(np.sqrt(np.nanmean(misfit**2, axis=(1, 2))), chi, rtol=1e-3)


def test_what_is_typed_reaches_the_search(asked: list[LawSettings], tmp_path: Path) -> None:
    words = ["--hold-out", "2", "--left-out", "last", "--reservoir", "movie", "--gradient", "0", "--seed", "3"]
    invert(tmp_path, write_fractions(tmp_path), *words, "--same-particles", "--degree", "4", "--uncertainty", "none")
    expected = LawSettings(
        hold_out=2, left_out="last", reservoir="movie", gradient_kt_um2=0, seed=3, same_particles=True, degree=4,
        uncertainty="none",
    )  # fmt: skip
    assert asked == [expected]


def test_a_recipe_repeats_the_settings_and_words_win_over_it(asked: list[LawSettings], tmp_path: Path) -> None:
    movie = write_fractions(tmp_path)
    invert(tmp_path, movie, "--degree", "4", "--reservoir", "each-particle")
    recipe = tmp_path / "law" / "recipe.json"
    words = [*TYPED, "--mask", str(tmp_path / "mask.tif"), "--recipe", str(recipe), "--out", str(tmp_path / "again")]
    assert main(["movie", "invert", *movie, *words, "--seed", "9"]) == 0
    assert asked[1].degree == 4 and asked[1].seed == 9 and asked[0].seed == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--hold-out", "-1"], 2, "hold_out"),
        (["--degree", "40"], 2, "degree"),
        (["--reservoir", "pond"], 2, "--reservoir"),
        (["--gradient", "-3"], 2, "gradient"),
        (["--reaction", "magic"], 2, "--reaction"),
    ],
)
def test_wrong_words_are_one_line(
    asked: list[LawSettings], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, says: str
) -> None:
    movie = write_fractions(tmp_path)
    assert main(["movie", "invert", *movie, *TYPED, *words, "--out", str(tmp_path / "law")]) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error and not asked
    assert not (tmp_path / "law").exists()


def test_without_torch_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("batterycell.movie.law.needs.missing_packages", lambda folder=None: ["torch", "monai"])
    assert main(["movie", "invert", *write_fractions(tmp_path), *TYPED, "--out", str(tmp_path / "law")]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "torch" in error and "pip install" in error and "monai" not in error
