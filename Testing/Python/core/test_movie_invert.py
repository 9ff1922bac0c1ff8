"""``movie invert``: what people type, and the folder they get; the law itself is a made one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.cli import main
from batterycell.errors import Cancelled, InputError
from batterycell.movie.law import Law, LawSettings, find_law
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from made_law import LEFT_OUT, SIGMA, fake_law, fake_movie

TYPED = ["--sigma", str(SIGMA), "--times", "120", "--pixel-size", "0.05", "--quiet"]
MARCUS = ["--reaction", "marcus-hush-chidsey", "--reorganisation", "10", "--degree", "4"]


def write_fractions(folder: Path, name: str = "made", **how: Any) -> str:
    """A movie as a stack of fractions beside its mask."""
    movie = fake_movie(name, **how)
    tifffile.imwrite(folder / f"{name}.tif", movie.fraction, photometric="minisblack")
    tifffile.imwrite(folder / "mask.tif", (movie.labels > 0).astype(np.uint8))
    return str(folder / f"{name}.tif")


def invert(folder: Path, movies: list[str], *words: str, out: str = "law") -> int:
    typed = ["--mask", str(folder / "mask.tif"), *TYPED, *words, "--out", str(folder / out)]
    return main(["movie", "invert", *movies, *typed])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a result of one movie, and one of two whose names are no names of files."""
    folder = tmp_path_factory.mktemp("invert")
    movies = [write_fractions(folder), write_fractions(folder, "in at 1C"), write_fractions(folder, "µ", points=6)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "batterycell.movie.law.find_law", lambda movies, settings, *_: fake_law(*movies, settings=settings)
        )
        assert invert(folder, movies[:1], *MARCUS) == 0
        assert invert(folder, movies[1:], out="two") == 0
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[LawSettings]:
    """The settings with which a law was asked for; there the user stops."""
    found: list[LawSettings] = []

    def find(movies: Sequence[LithiumMovie], settings: LawSettings, progress: Progress, keep: Path | None) -> Law:
        found.append(settings)
        raise Cancelled

    monkeypatch.setattr("batterycell.movie.law.find_law", find)
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_single_movie_gives_tables_maps_pictures_and_a_page(results: Path) -> None:
    names = {path.name for path in (results / "law").iterdir()}
    assert {"law.csv", "law_particles.csv", "law_points.csv", "law_reservoir.csv", "quantities.csv"} <= names
    assert {"k.tif", "k.nrrd", "ln_k_sigma.tif", "lithium_predicted.seq.nrrd", "lithium_misfit.seq.nrrd"} <= names
    assert {"law.png", "law_points.png", "k.png", "left_out.png", "report.html", "recipe.json"} <= names
    summary = json.loads((results / "law" / "summary.json").read_text(encoding="utf-8"))
    assert summary["verb"] == "movie invert" and summary["quantities"]["law_fall_kt"]["units"] == "kT"
    assert not (results / "law.run").exists()


def test_several_movies_have_a_folder_each_whatever_their_names(results: Path) -> None:
    folders = sorted(path.name for path in (results / "two").iterdir() if path.is_dir())
    assert folders == ["1_in-at-1C", "2_u"]
    assert tifffile.imread(results / "two" / "2_u" / "lithium_predicted.tif").shape == (6, 18, 30)
    rows = rows_of(results / "two" / "law_points.csv")
    assert [row["movie"] for row in rows] == 8 * ["1"] + 6 * ["2"]


def test_the_page_says_what_was_assumed_what_is_known_and_how_left_out_points_are_predicted(results: Path) -> None:
    page = (results / "law" / "report.html").read_text(encoding="utf-8")
    for words in ("reorganisation energy of 10 kT", "μ(c) is known from 0.20 to 0.80", "were not used", "∂c/∂t"):
        assert words in page


def test_points_left_out_are_told_from_those_that_were_used(results: Path) -> None:
    rows = rows_of(results / "law" / "law_points.csv")
    assert [int(row["point"]) - 1 for row in rows if row["used"] == "0"] == list(LEFT_OUT)
    assert all(bool(row["peer_chi"]) == (row["used"] == "0") for row in rows)
    misfit = tifffile.imread(results / "law" / "lithium_misfit.tif")
    chi = [float(row["chi"]) for row in rows]
    np.testing.assert_allclose(np.sqrt(np.nanmean(misfit**2, axis=(1, 2))), chi, rtol=1e-3)


def test_the_law_is_in_kt_and_in_millivolts_and_says_where_it_is_known(results: Path) -> None:
    for row in rows_of(results / "law" / "law.csv"):
        assert float(row["mu_mv"]) == pytest.approx(25.693 * float(row["mu_kt"]), rel=1e-4)
        known = 0.2 < float(row["composition"]) < 0.8
        assert row["mu_known"] == row["exchange_known"] == str(int(known))
        low, value, high = (float(row[f"exchange_{end}per_h"]) for end in ("low_", "", "high_"))
        assert low * high == pytest.approx(value**2) and low < value


def test_a_recipe_repeats_the_settings_and_words_win_over_it(results: Path, asked: list[LawSettings]) -> None:
    recipe = ["--recipe", str(results / "law" / "recipe.json"), "--seed", "9"]
    assert invert(results, [str(results / "made.tif")], *recipe, out="again") == 130
    expected = LawSettings(reaction="marcus-hush-chidsey", reorganisation_kt=10, degree=4, seed=9)
    assert asked == [expected] and not (results / "again").exists()


def test_what_is_typed_reaches_the_search(asked: list[LawSettings], tmp_path: Path) -> None:
    words = ["--hold-out", "2", "--left-out", "last", "--reservoir", "movie", "--gradient", "0", "--same-particles"]
    assert invert(tmp_path, [write_fractions(tmp_path)], *words, "--degree", "4", "--uncertainty", "none") == 130
    expected = LawSettings(
        hold_out=2, left_out="last", reservoir="movie", gradient_kt_um2=0, same_particles=True, degree=4,
        uncertainty="none",
    )  # fmt: skip
    assert asked == [expected]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--hold-out", "-1"], 2, "hold_out"),
        (["--degree", "40"], 2, "degree"),
        (["--reservoir", "pond"], 2, "--reservoir"),
        (["--gradient", "-3"], 2, "gradient"),
        (["--reaction", "magic"], 2, "--reaction"),
        (["--device", "gpu"], 2, "device"),
        (["--sigma", "0"], 3, "--sigma"),
        (["--times", ""], 3, "--times"),
        (["--mask", "empty.tif"], 3, "empty.tif"),
    ],
)
def test_what_is_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    asked: list[LawSettings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    says: str,
) -> None:
    movie = write_fractions(tmp_path)
    tifffile.imwrite(tmp_path / "empty.tif", np.zeros((18, 30), np.uint8))
    monkeypatch.chdir(tmp_path)
    assert invert(tmp_path, [movie], *words) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error and not asked
    assert not (tmp_path / "law").exists()


def test_particles_in_pixels_of_two_sizes_are_not_the_same_ones() -> None:
    movie = fake_movie()
    with pytest.raises(InputError, match="pixel sizes differ"):
        find_law([movie, replace(movie, pixel_um=(0.1, 0.1))], LawSettings(same_particles=True, device="cpu"))


def test_without_torch_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("batterycell.movie.law.needs.missing_packages", lambda folder=None: ["torch", "monai"])
    assert invert(tmp_path, [write_fractions(tmp_path)]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "torch" in error and "pip install" in error and "monai" not in error


def test_who_stops_a_search_is_told_that_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(movies: Sequence[LithiumMovie], settings: LawSettings, progress: Progress, keep: Path) -> Law:
        keep.mkdir(parents=True)
        raise Cancelled

    monkeypatch.setattr("batterycell.movie.law.find_law", find)
    assert invert(tmp_path, [write_fractions(tmp_path)]) == 130
    assert "the same command goes on there" in capsys.readouterr().err
