"""``batterycell phantom movie`` writes what a microscope would, and the truth beside."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.cli.command import make_parser
from batterycell.movie.law.voltage import read_voltage
from batterycell.movie.load import read_end_member
from batterycell.movie.load.lithium import LithiumOptions, read_lithium
from batterycell.movie.load.load import load_movie
from batterycell.movie.load.options import MovieOptions
from batterycell.movie.prepare.masks import read_mask
from batterycell.mrml.files import read_volume
from batterycell.phantom.movie import iron_l_edge
from batterycell.phantom.movie.law import Camera, Cycling, film_law, law_preset, make_law_movies

SMALL = ["phantom", "movie", "--preset", "small", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "movies"
    assert main([*SMALL, "--seed", "3", "--c-rates", "0.5,2", "--lithium", "--drift", "2", "--out", str(out)]) == 0
    return out


def test_frames_times_and_energies_are_read_back(folder: Path) -> None:
    movie = load_movie(folder / "movie-2.tif", MovieOptions())
    points = movie.points()
    assert movie.pixel_um == pytest.approx((0.05, 0.05))
    assert points.energies_ev == pytest.approx([704.0, 707.9, 709.7])
    lithium = read_lithium(folder / "lithium-2", LithiumOptions())
    assert points.times_s == pytest.approx(lithium.times_s, abs=0.02 * lithium.times_s[1])
    counts = movie.frames.read(0, 1)[0]
    assert counts.dtype == np.uint16
    assert np.median(counts[:3]) == pytest.approx(1200, rel=0.05)


def test_lithium_is_read_back_as_it_was_generated(folder: Path) -> None:
    found = read_lithium(folder / "lithium-1", LithiumOptions())
    truth = read_volume(folder / "truth" / "k-1.nrrd").array[0]
    assert np.array_equal(found.labels > 0, np.isfinite(truth))
    assert np.array_equal(read_mask(folder / "mask-1.tif", found.labels.shape), found.labels)
    assert np.nanmedian(found.sigma) == pytest.approx(0.07)
    assert found.pixel_um == (0.05, 0.05)
    assert found.amount is not None
    assert found.amount[found.labels > 0].min() > 0


def test_the_voltage_is_that_of_the_potential_around(folder: Path) -> None:
    times, volts = read_voltage(folder / "voltage-2.csv")
    made = make_law_movies(replace(law_preset("small"), cycling=Cycling(c_rates=(0.5, 2.0))), 3)
    assert times == pytest.approx(made.movies[1].times_s)
    assert volts == pytest.approx(3.42 - 0.025693 * made.reservoir_kt[1][:, 0], abs=1e-5)


def test_spectra_hold_the_movies_energies(folder: Path) -> None:
    energies = np.array([704.0, 707.9, 709.7])
    for name, density in zip(("FePO4", "LiFePO4"), iron_l_edge(energies), strict=True):
        assert read_end_member(name, folder / f"{name}.txt").at(energies) == pytest.approx(density, rel=1e-6)


def test_the_settings_and_the_truth_are_kept(folder: Path) -> None:
    said = json.loads((folder / "phantom.json").read_text(encoding="utf-8"))
    assert (said["seed"], said["camera"]["drift_px"], said["spec"]["cycling"]["c_rates"]) == (3, 2.0, [0.5, 2.0])
    drift = np.genfromtxt(folder / "truth" / "drift.csv", delimiter=",", names=True)
    assert np.abs(drift["rows_px"]).max() > 0.3
    law = np.genfromtxt(folder / "truth" / "law.csv", delimiter=",", names=True)
    assert law["mu_kt"][49] == pytest.approx(0, abs=1e-9)
    assert {path.name for path in (folder / "truth").glob("*.png")} == {"law.png", "lithium-1.png", "lithium-2.png"}


def test_every_command_of_the_read_me_parses(folder: Path) -> None:
    text = (folder / "README.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.startswith("  batterycell")]
    assert len(lines) == 5 and "--voltage voltage-1.csv --voltage voltage-2.csv" in lines[-1]
    for line in lines:
        make_parser().parse_args(shlex.split(line)[1:])


def test_the_same_seed_gives_the_same_frames(folder: Path) -> None:
    spec = law_preset("small")
    platelets = replace(spec.platelets, margin_px=6)
    made = make_law_movies(replace(spec, platelets=platelets, cycling=replace(spec.cycling, c_rates=(0.5, 2.0))), 3)
    film = film_law(made, 1, Camera(drift_px=2), 3)
    frames = load_movie(folder / "movie-2.tif", MovieOptions()).frames
    assert np.array_equal(frames.read(0, len(film.counts)), film.counts)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--preset", "nothing"], "no preset"),
        (["--c-rates", "0"], "C-rates"),
        (["--c-rates", "a"], "not N,N"),
        (["--frames", "1"], "two frames"),
        (["--photons", "-1"], "photons"),
        (["--drift", "-1"], "drift"),
        (["--energies", "nan"], "two energies"),
        (["--seed", "-1"], "seed"),
        (["--particles", "100000"], "at most"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_sentence(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, *options, "--out", str(tmp_path / "movies")]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
