"""What the desktop's workers make of movies: frames with what is known of them, and steps that begin at one another."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.movie.load.result import read_movie_results
from batterycell.movie.recipe import MovieRecipe
from batterycell.movies import movie_call, run_movie
from batterycell.progress import Progress
from batterycell.worker import RESULT_FOLDER, jobs, movie_frames
from batterycell.worker.movie_frames import read_frames
from made_law import fake_law
from movies import SMALL, small_movie, write_members, write_tiff

NAMES = ("FePO4", "LiFePO4")
# Points in time are 60 s apart, and their three frames 20 s; the movie says nothing itself.
READING = {"pixel_um": [0.05, 0.05], "times": "20", "energies": "704,707.9,709.7"}


def done(verb: str, folder: Path, settings: dict[str, Any]) -> Path:
    """The folder of a job that a worker did."""
    job = folder / "job"
    job.mkdir()
    jobs.write_job(job, verb, None, settings)
    assert jobs.run(job) == 0
    return job


def silent_movie(folder: Path) -> Path:
    return write_tiff(small_movie(), folder / "silent.tif", side=False)


def test_frames_come_with_what_is_known_of_them(tmp_path: Path) -> None:
    path = silent_movie(tmp_path)
    stack, facts = read_frames(done("movie_frames", tmp_path, {"input": str(path), "reading": READING}))
    np.testing.assert_array_equal(stack.values, small_movie().counts.astype(np.uint16))
    assert stack.index == ("time", "s") and stack.places[3] == 60.0
    assert (facts.frames, facts.points, facts.every, facts.pixel_source) == (12, 4, 1, "--pixel-size")
    assert facts.energies_ev == SMALL.energies_ev and facts.seconds == (0.0, 220.0)


def test_frames_of_which_nobody_says_anything_are_shown_all_the_same(tmp_path: Path) -> None:
    stack, facts = read_frames(done("movie_frames", tmp_path, {"input": str(silent_movie(tmp_path))}))
    assert stack.index == ("frame", "") and facts.pixel_um is None and facts.seconds is None
    assert facts.times_source == "not stated"


def test_of_a_movie_that_memory_cannot_hold_every_third_frame_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = small_movie().counts.astype(np.uint16)
    monkeypatch.setattr(movie_frames, "MOST_BYTES", counts.nbytes // 3)
    settings = {"input": str(silent_movie(tmp_path)), "reading": READING}
    stack, facts = read_frames(done("movie_frames", tmp_path, settings))
    assert (facts.every, facts.frames) == (3, 12)
    np.testing.assert_array_equal(stack.values, counts[::3])
    np.testing.assert_array_equal(stack.places, [0, 60, 120, 180])


def test_steps_give_what_the_command_line_gives(tmp_path: Path, bare_figures: None) -> None:
    path = silent_movie(tmp_path)
    write_members(tmp_path)
    recipe = asdict(MovieRecipe(verb="movie kinetics", members=NAMES))
    beside = {"members": [[name, str(tmp_path / f"{name}.txt")] for name in NAMES]}
    settings = {"inputs": [str(path)], "recipe": recipe, "reading": READING, "beside": beside}
    job = done("movie_steps", tmp_path, {**settings, "steps": ["chemistry", "kinetics"]})
    whole = tmp_path / "whole"
    whole.mkdir()
    run_movie(movie_call(settings), whole, Progress())
    for found, truth in zip(read_movie_results(job / RESULT_FOLDER), read_movie_results(whole), strict=True):
        assert found.step == truth.step and repr(found.stage.quantities) == repr(truth.stage.quantities)
        for name, table in truth.stage.tables.items():
            text = (found.folder / f"{name}.csv").read_text()
            assert text == (truth.folder / f"{name}.csv").read_text() and len(table)
        for name, stack in truth.maps.items():
            np.testing.assert_array_equal(found.maps[name].values, stack.values)
            np.testing.assert_array_equal(found.maps[name].places, stack.places)


def test_voltages_are_those_of_the_law_alone(
    tmp_path: Path, bare_figures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.movie.law.find_law", lambda movies, *_: fake_law(*movies))
    write_members(tmp_path)
    volts = tmp_path / "volts.csv"
    volts.write_text("time_s,voltage_V\n0,3.5\n240,3.4\n", encoding="utf-8")
    beside = {
        "members": [[name, str(tmp_path / f"{name}.txt")] for name in NAMES],
        "voltages": [str(volts)],
        "voltage_sigma_v": 0.02,
    }
    recipe = asdict(MovieRecipe(verb="movie invert", members=NAMES))
    settings = {"inputs": [str(silent_movie(tmp_path))], "recipe": recipe, "reading": READING, "beside": beside}
    job = done("movie_steps", tmp_path, {**settings, "steps": ["chemistry", "invert"]})
    chemistry, law = read_movie_results(job / RESULT_FOLDER)
    assert np.isfinite(law.stage.tables["law_reservoir"]["stated_kt"]).all()
    assert any("stated voltages" in note for note in law.stage.notes)
    said = [json.loads((one.folder / "provenance.json").read_text(encoding="utf-8")) for one in (chemistry, law)]
    assert [any("volts.csv" in file["path"] for file in one["inputs"]) for one in said] == [False, True]
    assert said[1]["reading"]["voltage_sigma_v"] == 0.02


def test_what_cannot_be_read_is_told_to_the_desktop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = tmp_path / "job"
    job.mkdir()
    jobs.write_job(job, "movie_frames", None, {"input": str(tmp_path / "nothing.tif")})
    assert jobs.run(job) == 3
    error = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert "nothing.tif" in error["message"] and error["hint"]
