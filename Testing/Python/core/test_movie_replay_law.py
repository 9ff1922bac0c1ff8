"""A recipe of a law on other movies: one law of all where it was learned from several; movies on a cluster."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from batterycell.cli import main
from batterycell.movie.law import Law, LawSettings
from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.recipe import MovieRecipe, load_movie_recipe
from batterycell.movie.settings import PrepareSettings
from batterycell.movies import Beside, MovieCall, movie_call
from batterycell.movies.written import write_call
from batterycell.progress import Progress
from made_law import SIGMA, fake_law
from movies import small_movie, write_tiff
from test_movie_invert import TYPED, invert, write_fractions

NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three movies."""
    folder = tmp_path_factory.mktemp("laws")
    for name in NAMES:
        write_fractions(folder, name)
    return folder


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the movies of every law that is learned; a made one."""
    found: list[list[str]] = []

    def find(movies: Sequence[LithiumMovie], settings: LawSettings, progress: Progress, keep: Path | None) -> Law:
        found.append([movie.name for movie in movies])
        return fake_law(*movies, settings=settings)

    monkeypatch.setattr("batterycell.movie.law.find_law", find)
    monkeypatch.setattr("batterycell.export.movie._draw", lambda result, folder: [])
    return found


def movies(place: Path, names: Sequence[str] = NAMES) -> list[str]:
    return [str(place / f"{name}.tif") for name in names]


def replay(place: Path, recipe: Path, out: Path, *words: str) -> int:
    typed = ["--mask", str(place / "mask.tif"), *TYPED, *words, "--out", str(out)]
    return main(["replay", str(recipe), *movies(place), *typed])


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "movies.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_law_of_several_movies_is_learned_from_all_of_the_next_ones(
    place: Path, tmp_path: Path, learned: list[list[str]]
) -> None:
    assert invert(place, movies(place, NAMES[:2]), "--degree", "3", out="pair") == 0
    assert load_movie_recipe(place / "pair" / "recipe.json").together
    assert replay(place, place / "pair", tmp_path) == 0
    assert learned == [["one", "two"], ["one", "two", "three"]]
    (row,) = rows(tmp_path)
    assert (row["movie"], row["status"]) == ("law", "measured")
    assert all(name in row["input"] for name in NAMES)
    again = json.loads((tmp_path / "law" / "recipe.json").read_text(encoding="utf-8"))
    assert again["law"]["degree"] == 3 and again["together"]
    assert replay(place, place / "pair", tmp_path) == 0
    assert rows(tmp_path)[0]["status"] == "kept" and len(learned) == 2


def test_a_law_of_one_movie_is_learned_from_each_of_the_next_ones_unless_said_otherwise(
    place: Path, tmp_path: Path, learned: list[list[str]]
) -> None:
    assert invert(place, movies(place, NAMES[:1]), out="single") == 0
    assert replay(place, place / "single", tmp_path / "each") == 0
    assert learned[1:] == [[name] for name in NAMES]
    assert replay(place, place / "single", tmp_path / "all", "--law", "all") == 0
    assert learned[-1] == list(NAMES)
    assert [row["movie"] for row in rows(tmp_path / "all")] == ["law"]


@pytest.mark.parametrize(("words", "says"), [(["--law", "all"], "--law"), (["--dry-run"], "--dry-run")])
def test_words_without_effect_are_refused(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(asdict(MovieRecipe("movie kinetics"))), encoding="utf-8")
    assert replay(place, tmp_path, tmp_path / "out", *words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error


def test_movies_are_spread_over_a_cluster_with_the_same_numbers(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    recipe = MovieRecipe("movie prepare", PrepareSettings(drift=False))
    (tmp_path / "recipe.json").write_text(json.dumps(asdict(recipe)), encoding="utf-8")
    (tmp_path / "broken.tif").write_bytes(b"no picture")
    inputs = [str(write_tiff(small_movie(), tmp_path / "one.tif")), str(tmp_path / "broken.tif")]
    words = ["replay", str(tmp_path), *inputs, "--pixel-size", "0.05", "--quiet", "--out"]
    assert main([*words, str(tmp_path / "here")]) == 3
    assert main([*words, str(tmp_path / "spread"), "--cluster", "local:1"]) == 3
    assert rows(tmp_path / "spread") == rows(tmp_path / "here")
    assert [row["status"] for row in rows(tmp_path / "spread")] == ["measured", "failed"]
    tables = [(tmp_path / out / "one" / "frames.csv").read_bytes() for out in ("here", "spread")]
    assert tables[0] == tables[1]


def test_a_call_is_the_same_behind_its_journey(tmp_path: Path) -> None:
    beside = Beside(mask=tmp_path / "mask.tif", sigma=SIGMA, members=(("FePO4", tmp_path / "a.txt"),))
    call = MovieCall((tmp_path / "a.tif",), MovieRecipe("movie invert", together=True), beside=beside, command="said")
    assert movie_call(json.loads(json.dumps(write_call(call)))) == call
