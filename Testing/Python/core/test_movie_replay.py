"""A recipe goes the same road on other movies: a folder each, one table, and a movie that fails is a row."""

from __future__ import annotations

import csv
import html
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from batterycell.cli import main
from batterycell.movie.recipe import MovieRecipe
from batterycell.movies import Beside, MovieCall
from batterycell.progress import Progress
from batterycell.worker.movie import run
from movies import small_movie, write_members, write_tiff

PLAIN = ["--pixel-size", "0.05", "--no-drift", "--counts-per-unit", "1", "--quiet"]


@pytest.fixture(scope="module", autouse=True)
def without_pictures() -> Iterator[None]:
    """Pictures have tests of their own, and take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batterycell.export.movie._draw", lambda result, folder: [])
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie, its result, and the same again on copies of which one lacks its energies."""
    folder = tmp_path_factory.mktemp("replay")
    movie, members = write_tiff(small_movie(), folder / "first.tif"), write_members(folder)
    assert main(["movie", "chemistry", str(movie), *members, *PLAIN, "--out", str(folder / "result")]) == 0
    write_tiff(small_movie(), folder / "bare.tif", side=False)
    shutil.copy(movie, folder / "second.tif")
    shutil.copy(movie.with_suffix(".csv"), folder / "second.csv")
    assert replay(folder) == 3
    return folder


def replay(folder: Path, *more: str) -> int:
    movies = [str(folder / name) for name in ("bare.tif", "second.tif")]
    words = ["--pixel-size", "0.05", "--quiet", "--out", str(folder / "lot")]
    return main(["replay", str(folder / "result"), *movies, *words, *more])


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "lot" / "movies.csv").open(encoding="utf-8") as file:
        return {row["movie"]: row for row in csv.DictReader(file)}


def test_a_movie_that_cannot_be_measured_is_a_row_that_says_why_and_the_others_go_on(place: Path) -> None:
    bare, second = (rows(place)[name] for name in ("bare", "second"))
    assert bare["status"] == "failed" and "energies" in bare["message"] and not bare["folder"]
    assert second["status"] == "measured" and not (place / "lot" / "bare").exists()


def test_the_page_of_all_shows_numbers_and_reasons(place: Path) -> None:
    page = (place / "lot" / "movies.html").read_text(encoding="utf-8")
    row = rows(place)["bare"]
    assert "2 movies, 1 measured" in page and row["message"] in html.unescape(page)
    assert 'href="second/report.html"' in page and "movie_fraction_last" in page and "Lithium fraction at last" in page


def test_the_same_movie_gives_the_same_numbers_with_the_spectra_that_came_with_the_recipe(place: Path) -> None:
    first, again = ((folder / "particles.csv").read_bytes() for folder in (place / "result", place / "lot" / "second"))
    assert first == again
    quantities = json.loads((place / "result" / "summary.json").read_text(encoding="utf-8"))["quantities"]
    found = float(rows(place)["second"]["movie_fraction_last"])
    assert found == quantities["movie_fraction_last"]["value"]


def test_what_was_measured_is_kept_until_files_or_settings_change(place: Path) -> None:
    table = place / "lot" / "second" / "particles.csv"
    before = table.stat().st_mtime_ns
    assert replay(place) == 3
    assert rows(place)["second"]["status"] == "kept" and table.stat().st_mtime_ns == before


def test_the_desktop_goes_from_frames_to_kinetics_with_the_same_numbers_as_step_by_step(place: Path) -> None:
    job, step = place / "job", place / "kinetics"
    assert main(["movie", "kinetics", str(place / "result"), "--window", "3", "--quiet", "--out", str(step)]) == 0
    recipe = json.loads((step / "recipe.json").read_text(encoding="utf-8"))
    members = [[name, str(place / f"{name}.txt")] for name in recipe["members"]]
    settings = {"inputs": [str(place / "first.tif")], "recipe": recipe, "beside": {"members": members}}
    job.mkdir()
    run({"settings": {**settings, "reading": {"pixel_um": [0.05, 0.05]}}}, job, Progress())
    for name in ("particle_kinetics.csv", "half_cycles.csv", "rate_per_h.seq.nrrd"):
        assert (job / name).read_bytes() == (step / name).read_bytes()
    assert (job / "chemistry" / "particles.csv").read_bytes() == (place / "result" / "particles.csv").read_bytes()
    assert not list(job.rglob("*.npy"))


def test_a_recipe_of_kinetics_goes_the_whole_road_on_frames(place: Path) -> None:
    step = place / "step"
    assert main(["movie", "kinetics", str(place / "result"), "--window", "3", "--quiet", "--out", str(step)]) == 0
    words = ["--pixel-size", "0.05", "--quiet", "--out", str(place / "roads")]
    assert main(["replay", str(step), str(place / "second.tif"), str(place / "result"), *words]) == 0
    tables = [(folder / "particle_kinetics.csv").read_bytes() for folder in (step, place / "roads" / "second")]
    assert tables[0] == tables[1] == (place / "roads" / "result" / "particle_kinetics.csv").read_bytes()


def test_another_uncertainty_of_given_fractions_is_another_question(place: Path) -> None:
    calls = [MovieCall((place,), MovieRecipe("movie kinetics"), beside=Beside(sigma=sigma)) for sigma in (0.05, 0.07)]
    assert calls[0].said != calls[1].said


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--angles", "90"], "--angles"), (["--end-member", "FePO4=a.txt"], "FePO4, LiFePO4")],
)
def test_words_that_do_not_fit_a_recipe_of_a_movie_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (place / "a.txt").write_text("700 1\n710 2\n", encoding="utf-8")
    assert replay(place, *words) == 2
    assert says in capsys.readouterr().err


def test_words_of_movies_are_refused_by_a_recipe_of_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recipe.json").write_text("{}", encoding="utf-8")
    assert main(["replay", str(tmp_path), "cell.tif", "--times", "60"]) == 2
    assert "--times" in capsys.readouterr().err
