"""Stated voltages beside the potential of the lithium around: compared, told, and refused where they are none."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.errors import InputError
from batterycell.movie.law import Law
from batterycell.movie.law.stage import law_stage
from batterycell.movie.law.voltage import agreement, compare, read_voltage, with_voltages
from batterycell.pictures.law import points_figure
from made_law import fake_law, fake_movie
from test_movie_invert import TYPED, write_fractions
from test_movie_law import learned, made

KT_V = 1.380649e-23 * 298.15 / 1.602176634e-19
SPREAD_KT, LITHIUM_V = 0.2, 3.42


def known_law(points: int = 40) -> Law:
    """A law whose μ_res is known to so many kT, on a scale of which every draw has another constant."""
    law = fake_law(fake_movie(points=points))
    (movie,) = law.movies
    rng = np.random.default_rng(1)
    draws = rng.normal(0, SPREAD_KT, (200, *movie.reservoir_kt.shape)) + rng.normal(0, 3.0, (200, 1, 1))
    return replace(law, movies=(replace(movie, reservoir_draws=draws),))


def voltages(law: Law, off_kt: float = 0.0, sigma_v: float = 0.0) -> Law:
    """The law beside voltages that follow it, but for what is not known of it, and for ``off_kt`` from start to end."""
    (movie,) = law.movies
    rng, times = np.random.default_rng(2), movie.times_s
    true = movie.reservoir_kt[0] + rng.normal(0, SPREAD_KT, len(times)) + np.linspace(0, off_kt, len(times))
    volts = LITHIUM_V - KT_V * true + rng.normal(0, sigma_v, len(times))
    # One potential of the cell, so the second particle, 0.1 kT higher everywhere, is left out.
    alone = replace(movie, reservoir_kt=movie.reservoir_kt[:1], reservoir_draws=movie.reservoir_draws[:, :1])
    return with_voltages(replace(law, movies=(alone,)), [(times, volts)], sigma_v)


def test_voltages_that_follow_the_law_agree_within_the_errors_whatever_their_constant() -> None:
    law = voltages(known_law(), sigma_v=0.005)
    rms, share, count = agreement(law)
    assert count == 40 and share > 0.9
    assert rms == pytest.approx(np.hypot(SPREAD_KT, 0.005 / KT_V), rel=0.25)
    (note,) = (one for one in law_stage(law).notes if "voltages" in one)
    assert "they agree" in note and f"{1e3 * KT_V * rms:.1f} mV" in note
    (found,) = compare(law)
    assert np.median(found.sigma_kt) == pytest.approx(np.hypot(SPREAD_KT, 0.005 / KT_V), rel=0.1)


def test_a_drop_on_the_way_is_told() -> None:
    law = voltages(known_law(), off_kt=3.0)
    assert agreement(law)[1] < 0.8
    assert any("more than their errors explain" in note for note in law_stage(law).notes)


def test_without_uncertainty_nothing_says_whether_a_difference_is_much() -> None:
    law = voltages(replace(known_law(), movies=fake_law(fake_movie(points=40)).movies))
    assert np.isnan(agreement(law)[1])
    assert any("not asked for" in note for note in law_stage(law).notes)


def test_at_turning_points_no_voltage_is_compared() -> None:
    law = voltages(known_law(points=9))
    (movie,) = law.movies
    there_and_back = np.concatenate([movie.fraction[:5], movie.fraction[3::-1]])
    (found,) = compare(replace(law, movies=(replace(movie, fraction=there_and_back),)))
    assert np.flatnonzero(np.isnan(found.difference_kt[0])).tolist() == [4]
    assert np.isfinite(found.stated_kt).all()


def test_table_and_picture_show_found_and_stated() -> None:
    law = voltages(known_law())
    table = law_stage(law).tables["law_reservoir"]
    difference = 1e3 * KT_V * (table["reservoir_kt"] - table["stated_kt"])
    np.testing.assert_allclose(table["difference_mv"], difference)
    assert (table["u_difference_mv"] > 0).all() and (table["u_reservoir_kt"] > 1).all()
    labels = [line.get_label() for line in points_figure(law).axes[1].lines]
    assert any("stated voltage" in label for label in labels)
    bare = law_stage(known_law()).tables["law_reservoir"]
    assert np.isnan(bare["stated_kt"]).all() and not compare(known_law())


@pytest.mark.parametrize(
    ("heads", "first", "second"),
    [
        ("time_s,volts", "0,3", "1,3"),
        ("time_s,voltage_V", "0,3", "0,3"),
        ("time_s,voltage_V", "0,3400", "1,3390"),
        ("time_s,voltage_V", "0,x", "1,3"),
    ],
)
def test_what_are_no_voltages_is_refused(tmp_path: Path, heads: str, first: str, second: str) -> None:
    (tmp_path / "v.csv").write_text(f"{heads}\n{first}\n{second}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"v\.csv"):
        read_voltage(tmp_path / "v.csv")


def test_voltages_are_typed_once_for_each_movie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("batterycell.movie.law.find_law", lambda movies, *_: fake_law(*movies))
    monkeypatch.setattr("batterycell.export.movie._draw", lambda result, folder: [])
    movies = [write_fractions(tmp_path, name) for name in ("one", "two")]
    file = tmp_path / "v.csv"
    file.write_text("Time_s,Voltage_V\n0,3.5\n600,3.4\n", encoding="utf-8")
    words = [*TYPED, "--mask", str(tmp_path / "mask.tif"), "--voltage", str(file), "--voltage-sigma", "0.01"]
    assert main(["movie", "invert", *movies, *words, "--out", str(tmp_path / "out")]) == 2
    assert "once for each movie" in capsys.readouterr().err
    assert main(["movie", "invert", movies[0], *words, "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "law_reservoir.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    # Points are 120 s apart; beyond 600 s nothing is stated.
    assert [bool(row["stated_kt"]) for row in rows if row["particle"] == "1"] == 6 * [True] + 2 * [False]
    said = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert said["reading"]["voltage_sigma_v"] == 0.01 and any("v.csv" in one["path"] for one in said["inputs"])


def test_a_wrong_file_is_told_before_long_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batterycell.movies.road._lithium", lambda *_: pytest.fail("the movie was read"))
    movie, file = write_fractions(tmp_path), tmp_path / "v.csv"
    file.write_text("time_s,voltage_V\n0,3500\n60,3400\n", encoding="utf-8")
    words = [*TYPED, "--mask", str(tmp_path / "mask.tif"), "--voltage", str(file)]
    assert main(["movie", "invert", movie, *words, "--out", str(tmp_path / "out")]) == 3


@pytest.mark.slow
def test_the_potential_around_a_generated_particle_is_found_within_its_errors() -> None:
    law, truth = learned(), made()
    movie = law.movies[0]
    volts = LITHIUM_V - KT_V * truth.reservoir_kt[0][:, 0]
    found = with_voltages(law, [(movie.times_s, volts)], 0.0)
    rms, share, count = agreement(found)
    print(f"{count} points, {1e3 * KT_V * rms:.1f} mV, {share:.0%} inside")
    assert count > 5 and share > 0.7 and rms < 0.5
