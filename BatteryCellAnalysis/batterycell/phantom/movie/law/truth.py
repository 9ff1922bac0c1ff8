"""What is known of generated movies, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from batterycell.phantom.movie.factory import MoviePhantom
from batterycell.tables import Column, Table

from .factory import LawPhantom

_MOVIE = Column("movie", "Movie", "", "Number of the movie, from 1.")
_PARTICLE = Column("particle", "Particle", "", "Number of the particle in its movie.")
_TIME = Column("time_s", "Time", "s", "Since the beginning of the movie.")
_FRACTION = Column("fraction", "Fraction", "", "Lithium per metal, c.")
LAW_COLUMNS = (
    _FRACTION,
    Column("j0_per_h", "Exchange current", "1/h", "j0(c), where k is 1."),
    Column("mu_kt", "Chemical potential", "kT", "μ(c), 0 at c = ½."),
)
PARTICLE_COLUMNS = (
    _MOVIE,
    _PARTICLE,
    Column("c_rate_per_h", "C-rate", "1/h", "At which it is led; the sign changes with each half cycle."),
    Column("area_um2", "Area", "µm²", "Of its pixels."),
    Column("ln_k_mean", "Mean of ln k", "", "Over its pixels; 0 over all pixels of all movies."),
    Column("ln_k_sd", "Scatter of ln k", "", "Standard deviation over its pixels."),
)
RESERVOIR_COLUMNS = (
    _MOVIE,
    _PARTICLE,
    _TIME,
    Column("fraction", "Mean fraction", "", "Mean over its metal, without noise."),
    Column("reservoir_kt", "Reservoir", "kT", "μ_res against μ(½); at a turning point, that before it."),
)
DRIFT_COLUMNS = (
    _MOVIE,
    Column("frame", "Frame", "", "Number of the frame, from 1."),
    _TIME,
    Column("energy_ev", "Energy", "eV", "Photon energy."),
    Column("rows_px", "Rows", "px", "How far the image lies further down; the mean of all frames is 0."),
    Column("columns_px", "Columns", "px", "How far the image lies further right; the mean of all frames is 0."),
)


def law_table(made: LawPhantom) -> Table:
    """j0 and μ over the fraction."""
    c = np.linspace(0.01, 0.99, 99)
    return _table(LAW_COLUMNS, list(zip(c, made.j0(c), made.mu(c), strict=True)))


def particle_table(made: LawPhantom) -> Table:
    """One row a movie and particle."""
    rows = []
    for number, (movie, k, rate) in enumerate(zip(made.movies, made.k, made.spec.cycling.c_rates, strict=True), 1):
        for particle in range(1, movie.particles + 1):
            logs = np.log(k[movie.labels == particle])
            rows.append((number, particle, rate, logs.size * made.spec.pixel_um**2, logs.mean(), logs.std()))
    return _table(PARTICLE_COLUMNS, rows)


def reservoir_table(made: LawPhantom) -> Table:
    """One row a movie, particle and point in time."""
    rows = []
    for number, (movie, clean, kept) in enumerate(zip(made.movies, made.fractions, made.reservoir_kt, strict=True), 1):
        for particle in range(1, movie.particles + 1):
            inside = movie.labels == particle
            means = np.average(clean[:, inside], axis=1, weights=movie.weights[inside])
            rows += [
                (number, particle, *point) for point in zip(movie.times_s, means, kept[:, particle - 1], strict=True)
            ]
    return _table(RESERVOIR_COLUMNS, rows)


def drift_table(films: Sequence[MoviePhantom]) -> Table:
    """One row a movie and frame."""
    rows = [
        (number, frame, time, energy, *shift)
        for number, film in enumerate(films, 1)
        for frame, (time, energy, shift) in enumerate(
            zip(film.times_s, film.energies_ev, film.shifts_px, strict=True), 1
        )
    ]
    return _table(DRIFT_COLUMNS, rows)


def _table(columns: tuple[Column, ...], rows: Sequence[tuple[Any, ...]]) -> Table:
    values = zip(*rows, strict=True)
    return Table(columns, {column.name: np.array(one) for column, one in zip(columns, values, strict=True)})
