"""Write generated movies as the folder that a person would have, and the truth beside."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.movie.lithium import LithiumMovie
from batterycell.phantom.movie import MoviePhantom, iron_l_edge
from batterycell.phantom.movie.law import Camera, LawPhantom
from batterycell.phantom.movie.law.truth import drift_table, law_table, particle_table, reservoir_table
from batterycell.pictures import save_figure
from batterycell.pictures.movie import MapLook, movie_picture
from batterycell.pictures.movie_truth import truth_figure
from batterycell.progress import Progress
from batterycell.tables import write_csv

from .movie_maps import Grid, write_map, write_maps
from .movie_phantom_text import next_commands
from .movie_phantom_voltage import write_voltages
from .stages import SUMMARY_FILE, write_json

MEMBERS = ("FePO4", "LiFePO4")
TRUTH = "truth"
# Between the peaks, lines are straight enough at this step in eV.
_STEP_EV, _BEYOND_EV = 0.05, 8.0
_SIXTEEN_BITS = 65535


@dataclass(frozen=True)
class GeneratedMovies:
    """Generated movies.

    Args:
        made: Lithium with its law.
        films: Frames of each movie.
        camera: How they were taken.
        seed: What everything random follows from.
        lithium: Whether fractions with noise are written as well.
    """

    made: LawPhantom
    films: tuple[MoviePhantom, ...]
    camera: Camera
    seed: int
    lithium: bool


def write_movie_phantom(generated: GeneratedMovies, folder: Path, progress: Progress) -> dict[str, Any]:
    """Write frames, end members, masks, truth, and what to do next, into an existing folder.

    Returns:
        What stands in phantom.json.
    """
    made = generated.made
    for number, (movie, film) in enumerate(zip(made.movies, generated.films, strict=True), 1):
        _write_frames(film, movie, number, folder)
        if generated.lithium:
            _write_lithium(movie, folder / f"lithium-{number}", progress)
        progress.report(0.5 * number / len(made.movies), "writing movies")
    _write_members(generated.camera, folder)
    voltages = write_voltages(made, folder)
    (folder / TRUTH).mkdir()
    _write_truth(generated, folder / TRUTH)
    progress.report(0.9, "drawing")
    _draw(made, folder / TRUTH)
    said = describe(generated)
    write_json(folder / "phantom.json", said)
    beside = [f"--voltage {name}" for name in voltages if len(voltages) == len(made.movies)]
    beside += ["--same-particles"] if made.spec.same_particles and len(made.movies) > 1 else []
    read_me = next_commands(len(made.movies), MEMBERS, generated.lithium, beside)
    (folder / "README.txt").write_text(read_me, encoding="utf-8")
    return said


def describe(generated: GeneratedMovies) -> dict[str, Any]:
    """Everything that the movies were made from, and how large they are, ready for JSON."""
    made = generated.made
    return {
        "seed": generated.seed,
        "kind": "X-ray movie",
        "spec": asdict(made.spec),
        "camera": asdict(generated.camera),
        "movies": len(made.movies),
        "c_rates_per_h": list(made.spec.cycling.c_rates),
        "particles": made.movies[0].particles,
        "points": made.movies[0].points,
        "shape": list(made.movies[0].labels.shape),
        "pixel_size_yx_um": list(made.movies[0].pixel_um),
    }


def _write_frames(film: MoviePhantom, movie: LithiumMovie, number: int, folder: Path) -> None:
    """Frames as any camera's TIFF, their times and energies beside, and the mask without drift."""
    whole = film.spec.photons and film.counts.max() <= _SIXTEEN_BITS
    counts = film.counts.astype(np.uint16) if whole else film.counts
    name = f"movie-{number}"
    grid = Grid(movie.labels, movie.pixel_um, "generated", name, film.times_s)
    _write_plain(name, counts, grid, folder)
    _write_plain(f"mask-{number}", movie.labels[None].astype(np.uint16), grid, folder)
    rows = [f"{time:.9g},{energy:.9g}" for time, energy in zip(film.times_s, film.energies_ev, strict=True)]
    text = "\n".join(["time_s,energy_eV", *rows]) + "\n"
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def _write_plain(name: str, values: Any, grid: Grid, folder: Path) -> None:
    """Write a stack with its pixel size as other programs do, without the times."""
    from batterycell.io.save_tiff import write_tiff
    from batterycell.volume import Volume

    height, width = grid.pixel_um
    write_tiff(Volume.from_stack(values, (height, height, width), grid.pixel_source, name), folder / f"{name}.tif")


def _write_lithium(movie: LithiumMovie, folder: Path, progress: Progress) -> None:
    """The folder that ``movie chemistry`` would have written."""
    folder.mkdir()
    amount = np.zeros_like(movie.fraction[:1]) if movie.amount is None else movie.amount[None]
    maps = {"lithium_unbounded": movie.fraction, "lithium_sigma": movie.sigma, "amount": amount}
    write_maps(maps, Grid.of_lithium(movie), folder, progress.part(0.0, 0.5))
    said = {"sample": movie.name, "pixel_size_yx_um": list(movie.pixel_um), "times_source": "generated"}
    write_json(folder / SUMMARY_FILE, said)


def _write_members(camera: Camera, folder: Path) -> None:
    """Spectra of both end members; the movie's own energies are among theirs, so that nothing is interpolated."""
    low, high = min(camera.energies_ev) - _BEYOND_EV, max(camera.energies_ev) + _BEYOND_EV
    energies = np.union1d(np.arange(low, high, _STEP_EV).round(3), camera.energies_ev)
    for name, density in zip(MEMBERS, iron_l_edge(energies), strict=True):
        np.savetxt(folder / f"{name}.txt", np.column_stack([energies, density]), "%.9g")


def _write_truth(generated: GeneratedMovies, folder: Path) -> None:
    made = generated.made
    for number, (movie, k, clean) in enumerate(zip(made.movies, made.k, made.fractions, strict=True), 1):
        grid = Grid.of_lithium(movie)
        write_map(f"k-{number}", k[None].astype(np.float32), grid, folder)
        write_map(f"lithium-{number}", clean.astype(np.float32), grid, folder)
    tables = {
        "law": law_table(made),
        "particles": particle_table(made),
        "reservoir": reservoir_table(made),
        "drift": drift_table(generated.films),
    }
    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv")


def _draw(made: LawPhantom, folder: Path) -> None:
    save_figure(truth_figure(made), folder / "law.png")
    for number, (movie, clean) in enumerate(zip(made.movies, made.fractions, strict=True), 1):
        names = [f"{time:,.0f} s" for time in movie.times_s]
        look = MapLook(f"Lithium fraction at {movie.name}, without noise", (0.0, 1.0))
        save_figure(movie_picture(clean, names, movie.pixel_um, look), folder / f"lithium-{number}.png")
