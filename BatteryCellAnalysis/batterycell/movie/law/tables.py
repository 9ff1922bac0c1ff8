"""Tables of the reaction's law as it was learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.tables import Column, Table

from .law import Law, LawMovie
from .told import MV_PER_KT
from .voltage import Compared, compare

_KNOWN = "1 where the movies tell it, 0 where it is what was assumed."
_MOVIE = (
    Column("movie", "Movie", "", "Number of the movie, from 1."),
    Column("name", "Name", "", "Its name."),
)
_POINT = (
    Column("point", "Point", "", "Number of the point in time, from 1."),
    Column("time_s", "Time", "s", "When it was."),
)
_PARTICLE = Column("particle", "Particle", "", "Number of the particle in its mask.")
LAW_COLUMNS = (
    Column("composition", "Lithium fraction", "", "Composition c."),
    Column("exchange_per_h", "Exchange current j0", "1/h", "Of a pixel with k = 1."),
    Column("exchange_low_per_h", "Lower end (95 %)", "1/h", "Of the interval of the exchange current."),
    Column("exchange_high_per_h", "Upper end (95 %)", "1/h", "Of the interval of the exchange current."),
    Column("exchange_known", "Exchange current known", "", _KNOWN),
    Column(
        "mu_kt", "Chemical potential μ", "kT", "Its mean over the visited range is zero: the movies tell no constant."
    ),
    Column("u_mu_kt", "Uncertainty (95 %)", "kT", "Half width of the interval of μ."),
    Column(
        "mu_mv",
        "Chemical potential μ",
        "mV",
        "μ/e at 25 °C; the equilibrium potential against lithium falls as it rises.",
    ),
    Column("u_mu_mv", "Uncertainty (95 %)", "mV", "Half width of its interval."),
    Column("mu_known", "Chemical potential known", "", _KNOWN),
)
PARTICLE_COLUMNS = (
    *_MOVIE,
    _PARTICLE,
    Column("pixels", "Pixels", "", "Pixels with a k."),
    Column("k_mean", "k", "", "Geometric mean of its pixels, relative to that of all movies' pixels."),
    Column("ln_k_sd", "Scatter of ln k", "", "Standard deviation over its pixels, of the map."),
    Column("ln_k_sigma", "σ of ln k", "", "Median standard uncertainty of its pixels."),
    Column("k_p05", "k, 5th percentile", "", "Of its pixels."),
    Column("k_p95", "k, 95th percentile", "", "Of its pixels."),
)
POINT_COLUMNS = (
    *_MOVIE,
    *_POINT,
    Column("used", "Used", "", "1 where the law was learned from it, 0 where it was left out and predicted."),
    Column("chi", "Left by the law", "", "Root mean square of (seen − predicted) / σ; 1 is the noise."),
    Column(
        "peer_chi", "Left without a law", "", "The same of the line between neighbours in time; of points left out."
    ),
)
RESERVOIR_COLUMNS = (
    *_MOVIE,
    _PARTICLE,
    *_POINT,
    Column("reservoir_kt", "Reservoir μ", "kT", "Chemical potential of the lithium around it, on the scale of μ(c)."),
    Column(
        "reservoir_mv", "Reservoir μ", "mV", "The same over e at 25 °C; the potential against lithium is minus that."
    ),
    Column("u_reservoir_kt", "Uncertainty (95 %)", "kT", "Half width of its interval; empty without uncertainty."),
    Column("stated_kt", "Stated μ", "kT", "Minus the stated voltage, and the constant that suits all points best."),
    Column(
        "difference_mv",
        "Found − stated",
        "mV",
        "Of the reservoir; empty without voltages, and at turning points, where a voltage jumps.",
    ),
    Column("u_difference_mv", "Uncertainty (95 %)", "mV", "Of both; what is not known of the constant is not in it."),
)


def function_table(law: Law) -> Table:
    """j0(c) and μ(c), one row a composition, with `LAW_COLUMNS`."""
    j0, mu = law.exchange, law.potential
    spread = np.exp(K95 * j0.sigma)
    u_mu = K95 * mu.sigma
    data = {
        "composition": j0.composition,
        "exchange_per_h": j0.value,
        "exchange_low_per_h": j0.value / spread,
        "exchange_high_per_h": j0.value * spread,
        "exchange_known": j0.identifiable.astype(np.int64),
        "mu_kt": mu.value,
        "u_mu_kt": u_mu,
        "mu_mv": MV_PER_KT * mu.value,
        "u_mu_mv": MV_PER_KT * u_mu,
        "mu_known": mu.identifiable.astype(np.int64),
    }
    return Table(LAW_COLUMNS, data)


def particle_table(law: Law) -> Table:
    """Reactivity of the particles, one row each, with `PARTICLE_COLUMNS`."""
    rows = [
        _particle(number, movie, label)
        for number, movie in enumerate(law.movies, 1)
        for label in np.unique(movie.labels[np.isfinite(movie.k)]).tolist()
        if label
    ]
    return _table(PARTICLE_COLUMNS, rows)


def _particle(number: int, movie: LawMovie, label: int) -> tuple[Any, ...]:
    inside = (movie.labels == label) & np.isfinite(movie.k)
    ln_k, sigma = np.log(movie.k[inside].astype(float)), movie.ln_k_sigma[inside]
    known = sigma[np.isfinite(sigma)]
    low, high = np.exp(np.percentile(ln_k, (5, 95)))
    middle = float(np.median(known)) if known.size else np.nan
    return (
        number,
        movie.name,
        label,
        int(inside.sum()),
        float(np.exp(ln_k.mean())),
        float(ln_k.std()),
        middle,
        low,
        high,
    )


def point_table(law: Law) -> Table:
    """How well each point in time is told, one row each, with `POINT_COLUMNS`."""
    rows = [row for number, movie in enumerate(law.movies, 1) for row in _points(number, movie)]
    return _table(POINT_COLUMNS, rows)


def _points(number: int, movie: LawMovie) -> list[tuple[Any, ...]]:
    peers = dict(zip(movie.left_out.tolist(), movie.peer_chi.tolist(), strict=True))
    return [
        (number, movie.name, n + 1, float(time), int(n not in peers), float(movie.chi[n]), peers.get(n, np.nan))
        for n, time in enumerate(movie.times_s)
    ]


def reservoir_table(law: Law) -> Table:
    """μ_res of the particles over time beside stated voltages, with `RESERVOIR_COLUMNS`."""
    compared = compare(law) or (None,) * len(law.movies)
    pairs = enumerate(zip(law.movies, compared, strict=True), 1)
    return _table(RESERVOIR_COLUMNS, [row for number, pair in pairs for row in _reservoir(number, *pair)])


def _reservoir(number: int, movie: LawMovie, beside: Compared | None) -> list[tuple[Any, ...]]:
    shape = movie.reservoir_kt.shape
    nothing, draws = np.full(shape, np.nan), movie.reservoir_draws
    u = K95 * draws.std(axis=0, ddof=1) if len(draws) > 1 else nothing
    stated = nothing if beside is None else np.broadcast_to(beside.stated_kt, shape)
    difference, sigma = (nothing, nothing) if beside is None else (beside.difference_kt, beside.sigma_kt)
    found = (
        movie.reservoir_kt,
        MV_PER_KT * movie.reservoir_kt,
        u,
        stated,
        MV_PER_KT * difference,
        K95 * MV_PER_KT * sigma,
    )
    return [
        (number, movie.name, particle + 1, n + 1, float(movie.times_s[n]), *(float(one[particle, n]) for one in found))
        for particle, n in np.ndindex(*shape)
    ]


def _table(columns: tuple[Column, ...], rows: list[tuple[Any, ...]]) -> Table:
    values: list[NDArray[Any]] = [np.array(column) for column in zip(*rows, strict=True)] or [
        np.empty(0) for _ in columns
    ]
    return Table(columns, {column.name: one for column, one in zip(columns, values, strict=True)})
