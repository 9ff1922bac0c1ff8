"""From the most probable unknowns to the law, with what is known and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.correlation import widening
from batterycell.movie.law.law import Law
from batterycell.movie.law.learn.evidence import Posterior, posterior
from batterycell.movie.law.learn.keep import KeptMembers
from batterycell.movie.law.learn.problem import Linearised
from batterycell.movie.law.learn.room import room_way
from batterycell.movie.law.learn.search import State, linearise
from batterycell.movie.law.learn.unknowns import Unknowns
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

from .curves import GRID, Coefficients, exchange_function, potential_function, untold
from .ensemble import ensemble
from .maps import Found, law_movies, smoothed
from .notes import alike_notes, notes_of, ways_seen
from .reservoir import reservoirs

Floats = NDArray[np.float64]
CURVES = 200
# Share of the pixels and times that lie beyond each end of the visited range.
VISITED_SHARE = 0.02
# ln κ is told where its uncertainty is below this.
KAPPA_KNOWN = 0.5
_RESTLESS = (
    "The search did not come to rest: j0, μ, k and their intervals are not those of the most probable law; try again "
    "with more steps (--iterations)."
)


def answer(
    movies: Sequence[LithiumMovie], unknowns: Unknowns, state: State, progress: Progress, kept: KeptMembers
) -> Law:
    """The law as a search found it; an ensemble tells its progress, may be stopped, and goes on from what is kept."""
    settings, batch = unknowns.settings, unknowns.batch
    linearised, state = linearise(unknowns, state)
    certain = settings.uncertainty == "none"
    alike = _alike(linearised)
    spread = None if certain else _widened(_spread(linearised, state, progress, kept), alike)
    found, coefficients = _found(linearised, spread), _coefficients(linearised, spread)
    visited_range = _visited(batch.mask, batch.weight, found.fraction)
    visited = (visited_range[0] <= GRID) & (visited_range[1] >= GRID)
    draws = None if spread is None else spread.draws
    found = replace(found, reservoir=reservoirs(linearised.problem, linearised.z, draws, visited))
    seen, _ = ways_seen(batch)
    parts = law_movies(movies, batch, found, settings)
    sigma = float(np.sqrt(coefficients.covariance[-1, -1]))
    chi = np.concatenate([part.chi[part.left_out] for part in parts])
    left_out = float(np.sqrt(np.mean(chi**2))) if chi.size else 0.0
    exchange = exchange_function(coefficients, visited, seen)
    potential = potential_function(coefficients, visited, seen)
    notes = notes_of(batch, state.hyper.noise, left_out, certain or bool(exchange.identifiable.any()))
    notes += alike_notes(alike)
    why = (
        "uncertainties were not asked for" if certain else "" if state.converged else "the search did not come to rest"
    )
    if why:
        exchange, potential = untold(exchange, "j0(c)", why), untold(potential, "μ(c)", why)
    if not state.converged:
        notes = (_RESTLESS, *notes)
    return Law(
        settings,
        exchange,
        potential,
        visited_range,
        float(np.exp(coefficients.mean[-1])) if settings.gradient_kt_um2 != 0 else 0.0,
        sigma,
        settings.gradient_kt_um2 is None and sigma < KAPPA_KNOWN and state.converged,
        parts,
        state.hyper.noise,
        state.hyper.as_dict(),
        np.empty((0, 2, len(GRID))) if certain else coefficients.draws(CURVES, visited, settings.seed),
        state.steps,
        state.converged,
        state.step_error,
        notes,
    )


def _spread(linearised: Linearised, state: State, progress: Progress, kept: KeptMembers) -> Posterior:
    settings = linearised.problem.unknowns.settings
    if settings.uncertainty == "ensemble":
        spread = ensemble(linearised, state, progress, kept)
    else:
        spread = posterior(linearised, settings.samples, settings.seed, state.answers)
    if state.room is None:
        return spread
    # The correction is of first order: as much may be left as it has moved the law and the fields.
    return spread.moved(room_way(linearised, state.answers, state.room), settings.seed)


def _alike(linearised: Linearised) -> float:
    """By how much noise that neighbours share widens intervals; all particles side by side."""
    misfit = np.where(linearised.problem.weight.cpu() > 0, linearised.misfit.cpu(), np.nan)
    particles, points, rows, columns = misfit.shape
    images = misfit.transpose(1, 2, 0, 3).reshape(points, rows, particles * columns)
    mask = linearised.problem.unknowns.batch.mask * np.arange(1, particles + 1)[:, None, None]
    return widening(images, mask.transpose(1, 0, 2).reshape(rows, particles * columns))


def _widened(spread: Posterior, factor: float) -> Posterior:
    return Posterior(spread.draws * factor, spread.theta * factor**2)


def _coefficients(linearised: Linearised, spread: Posterior | None) -> Coefficients:
    unknowns, theta = linearised.problem.unknowns, linearised.problem.unknowns.parts.theta
    scatter = unknowns.theta_scatter.cpu().numpy()
    mean = (unknowns.theta_mean + unknowns.theta_scatter * linearised.z[theta]).cpu().numpy()
    if spread is None:
        return Coefficients(mean, np.full((len(mean),) * 2, np.nan), scatter)
    inverse = spread.theta.cpu().numpy()
    return Coefficients(mean, scatter * (inverse + inverse.T) / 2 * scatter[:, None], scatter)


def _found(linearised: Linearised, spread: Posterior | None) -> Found:
    problem = linearised.problem
    unknowns, meaning = problem.unknowns, problem.meaning(linearised.z)
    fraction = problem.predict(linearised.z)
    variance = np.full(unknowns.batch.mask.shape, np.nan)
    if spread is not None:
        changes = unknowns.linear(spread.draws, problem.scales)[0]
        variance = smoothed((changes**2).mean(0).cpu().numpy(), unknowns.batch.mask)
    return Found(meaning.ln_k.cpu().numpy(), variance, fraction.cpu().numpy())


def _visited(mask: Floats, weight: Floats, fraction: Floats) -> tuple[float, float]:
    seen = np.any(weight > 0, axis=(2, 3), keepdims=True) & (mask > 0)[:, None]
    low, high = np.percentile(fraction[seen], [100 * VISITED_SHARE, 100 * (1 - VISITED_SHARE)])
    return float(np.clip(low, GRID[0], GRID[-1])), float(np.clip(high, GRID[0], GRID[-1]))
