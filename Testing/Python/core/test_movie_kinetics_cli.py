"""``movie kinetics``: what people type, and the folder they get."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from batterycell.cli import main
from batterycell.pictures.kinetics import Animation, write_animation
from batterycell.pictures.movie import MapLook, movie_picture
from made_lithium import STEP_S, front, movie_of
from numpy.typing import NDArray
from PIL import Image

POINTS, SHAPE = 9, (16, 24)
TYPED = ["--sigma", "0.07", "--times", str(STEP_S), "--pixel-size", "0.05", "--quiet"]


def fractions(empty: int | None = None) -> NDArray[np.float32]:
    """In and out again, NaN around the particle."""
    there = front(POINTS, SHAPE)
    movie = movie_of(np.concatenate([there, there[-2::-1]]), seed=1).fraction.copy()
    movie[:, :2] = np.nan
    if empty is not None:
        movie[empty] = np.nan
    return movie


def typed(folder: Path, *words: str, out: str = "kinetics", movie: NDArray[np.float32] | None = None) -> int:
    tifffile.imwrite(folder / "made.tif", fractions() if movie is None else movie, photometric="minisblack")
    return main(["movie", "kinetics", str(folder / "made.tif"), *TYPED, *words, "--out", str(folder / out)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kinetics")
    assert typed(place, "--window", "5", "--smooth", "0.05") == 0
    return place / "kinetics"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_holds_maps_tables_and_movies(folder: Path) -> None:
    points = 2 * POINTS - 1
    assert tifffile.imread(folder / "rate_per_h.tif").shape == (points, *SHAPE)
    assert tifffile.imread(folder / "front_time_s.tif").shape == (2, *SHAPE)
    assert (folder / "rate_sigma_per_h.seq.nrrd").is_file()
    assert len(rows(folder / "particle_kinetics.csv")) == points
    assert [row["direction"] for row in rows(folder / "half_cycles.csv")] == ["insertion", "extraction"]
    assert {row["direction"] for row in rows(folder / "uniformity.csv")} == {"insertion", "extraction", "difference"}
    assert not list(folder.glob("*.npy"))


def test_the_terminal_names_quantities_as_people_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(tmp_path) == 0
    told = capsys.readouterr().out
    assert "C-rate, insertion" in told and "movie_c_rate" not in told


def test_its_movies_run_through_all_points_with_one_scale(folder: Path) -> None:
    with Image.open(folder / "rate.gif") as movie:
        assert movie.n_frames == 2 * POINTS - 1
        assert 3000 < sum(_lasts(movie)) < 12000
    assert (folder / "rate.gif").stat().st_size < 2_000_000


def _lasts(movie: Image.Image) -> list[int]:
    found = []
    for n in range(movie.n_frames):  # type: ignore[attr-defined]
        movie.seek(n)
        found.append(int(movie.info["duration"]))
    return found


def test_its_settings_can_be_used_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batterycell.export.movie_kinetics.draw_kinetics", lambda *_: [])
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["verb"] == "movie kinetics"
    assert (recipe["kinetics"]["window"], recipe["kinetics"]["smooth_um"]) == (5, 0.05)
    again = folder.with_name("again")
    words = [str(folder.with_name("made.tif")), *TYPED, "--recipe", str(folder / "recipe.json"), "--out", str(again)]
    assert main(["movie", "kinetics", *words]) == 0
    assert (again / "half_cycles.csv").read_bytes() == (folder / "half_cycles.csv").read_bytes()


def test_its_page_tells_rates_and_shows_the_movies(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "C-rate, insertion" in page
    assert page.count("data:image/gif") == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--window", "1"], "window"),
        (["--window", "2"], "too short for the order"),
        (["--order", "9"], "order"),
        (["--level", "2"], "level"),
        (["--smooth", "-1"], "smooth"),
    ],
)
def test_settings_that_make_no_sense_are_wrong_words(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(tmp_path, *words) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") <= 2
    assert not (tmp_path / "kinetics").exists()


def test_a_frame_without_values_is_told_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.export.movie_kinetics.draw_kinetics", lambda *_: [])
    assert typed(tmp_path, movie=fractions(empty=4)) == 0
    assert "point" in capsys.readouterr().err.lower()
    found = rows(tmp_path / "kinetics" / "particle_kinetics.csv")
    assert found[4]["fraction"] == ""
    assert found[3]["c_rate_per_h"] != ""


@pytest.mark.parametrize("points", [1, 2])
def test_too_few_points_are_refused(points: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(tmp_path, movie=fractions()[:points]) == 3
    assert capsys.readouterr().err.strip()
    assert not (tmp_path / "kinetics").exists()


def test_long_movies_make_short_files(tmp_path: Path) -> None:
    maps = np.random.default_rng(1).random((300, 8, 40)).astype(np.float32)
    look = Animation("Rate (1/h)", (0.0, 1.0), "PuOr_r", 60.0 * np.arange(300), (0.05, 0.1))
    write_animation(maps, look, tmp_path / "rate.gif")
    with Image.open(tmp_path / "rate.gif") as movie:
        assert movie.n_frames == 60
        assert max(movie.size) <= 600


def test_a_picture_of_many_maps_says_how_many_it_shows() -> None:
    names = [f"{n}" for n in range(15)]
    figure = movie_picture(np.zeros((15, 8, 8)), names, (0.05, 0.05), MapLook("Lithium"))
    assert "12 of 15 maps, evenly chosen" in [text.get_text() for text in figure.texts]
    figure = movie_picture(np.zeros((12, 8, 8)), names, (0.05, 0.05), MapLook("Lithium"))
    assert [text.get_text() for text in figure.texts] == ["Lithium"]
