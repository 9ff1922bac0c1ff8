"""Movies of particles that react by a law that is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

from .motion.cycle import plan_stretches, plan_times
from .motion.integrate import Cells, five_points, integrate
from .motion.reaction import chemical_potential, exchange_current
from .particles.grid import Grid, lay_out, put_together
from .particles.platelet import Platelet, draw_platelets
from .settings import LawSpec

Floats = NDArray[np.float64]
_NO_PROGRESS = Progress()


@dataclass(frozen=True)
class LawPhantom:
    """Generated movies with their truth.

    Args:
        movies: With noise, one a C-rate.
        fractions: Without noise, of each movie, shape (points, rows, columns); NaN outside the particles.
        k: Heterogeneity of each movie, shape (rows, columns), NaN outside; geometric mean 1 over all pixels of all.
        reservoir_kt: μ_res of each movie, shape (points, particles), against μ(½) = 0.
        spec: What they are made of.
        platelets: The particles of each movie as functions of place.
    """

    movies: tuple[LithiumMovie, ...]
    fractions: tuple[Floats, ...]
    k: tuple[Floats, ...]
    reservoir_kt: tuple[Floats, ...]
    spec: LawSpec
    platelets: tuple[tuple[Platelet, ...], ...]

    def j0(self, fraction: Floats) -> Floats:
        """True exchange current in 1/h, shape as ``fraction``."""
        return exchange_current(self.spec.reaction, np.asarray(fraction, float))

    def mu(self, fraction: Floats) -> Floats:
        """True chemical potential in kT, 0 at ½, shape as ``fraction``."""
        return chemical_potential(self.spec.reaction, np.asarray(fraction, float))


def make_law_movies(spec: LawSpec, seed: int, progress: Progress = _NO_PROGRESS) -> LawPhantom:
    """Generate movies; everything random follows from ``seed``, and noise from a stream of its own.

    Args:
        spec: What they are made of.
        seed: Of particles and noise.
        progress: Told after each particle; asked whether to stop.
    """
    shapes, noise = (np.random.default_rng((seed, n)) for n in range(2))
    rates = spec.cycling.c_rates
    drawn = [draw_platelets(spec, shapes) for _ in (rates[:1] if spec.same_particles else rates)]
    platelets = tuple(drawn * len(rates) if spec.same_particles else drawn)
    grids = [[lay_out(spec, one) for one in movie] for movie in platelets]
    scale = _geometric_mean(grids)
    runs = [
        _run(spec, movie, rate, scale, progress.part(n / len(rates), (n + 1) / len(rates)))
        for n, (movie, rate) in enumerate(zip(grids, rates, strict=True))
    ]
    movies = [_film(spec, movie, run[0], rate, noise) for movie, run, rate in zip(grids, runs, rates, strict=True)]
    k = [put_together(spec, [np.exp(one.coarse(one.log_k)) / scale for one in movie]) for movie in grids]
    return LawPhantom(
        tuple(movies), tuple(run[0] for run in runs), tuple(k), tuple(run[1] for run in runs), spec, platelets
    )


def _geometric_mean(movies: list[list[Grid]]) -> float:
    """Of k over all pixels of all movies."""
    logs = [one.coarse(one.log_k) for movie in movies for one in movie]
    return float(np.exp(np.nanmean(np.stack(logs))))


def _run(spec: LawSpec, movie: list[Grid], rate: float, scale: float, progress: Progress) -> tuple[Floats, Floats]:
    """Fractions of a movie without noise, shape (points, rows, columns), and μ_res, shape (points, particles)."""
    stretches, times = plan_stretches(spec, rate), plan_times(spec, rate) / 3600
    squares, reservoirs = [], []
    for number, one in enumerate(movie, 1):
        cells = Cells(spec.reaction, np.exp(one.log_k) / scale, one.amount, five_points(one.mask, spec.cell_um))
        found, reservoir = integrate(cells, one.first, stretches, times, spec.tolerance)
        squares.append(one.coarse(found))
        reservoirs.append(reservoir)
        progress.report(number / len(movie), "integrating the law")
    return put_together(spec, squares), np.stack(reservoirs, axis=1)


def _film(spec: LawSpec, movie: list[Grid], fractions: Floats, rate: float, rng: np.random.Generator) -> LithiumMovie:
    """What a microscope sees of it: fractions with noise."""
    amount = put_together(spec, [np.nan_to_num(one.coarse(one.amount)) for one in movie], 0.0)
    labels = put_together(spec, [np.where(one.pixels, n, 0) for n, one in enumerate(movie, 1)], 0)
    inside = labels > 0
    uneven = amount[inside].mean() / np.where(inside, amount, 1.0) if spec.thickness_noise else 1.0
    # Without noise, no fraction is better known than the computation.
    sigma = np.where(inside, max(spec.sigma, spec.tolerance) * uneven, np.nan)
    seen = fractions + (sigma * rng.normal(size=fractions.shape) if spec.sigma else 0.0)
    return LithiumMovie(
        seen.astype(np.float32),
        np.broadcast_to(sigma, seen.shape).astype(np.float32),
        labels.astype(np.int32),
        plan_times(spec, rate),
        (spec.pixel_um, spec.pixel_um),
        f"{rate:g}C",
        amount.astype(np.float32),
    )
