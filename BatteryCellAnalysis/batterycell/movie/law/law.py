"""The reaction's law as it was learned: functions of the composition, maps of the movies, what is not known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .settings import LawSettings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LawFunction:
    """A function of the composition that was learned.

    Args:
        composition: Lithium fractions c, rising, shape (grid,).
        value: Its value there. Of the exchange current in 1/h, of the chemical potential in kT with the mean zero over
            the visited range.
        sigma: Standard uncertainty; of the exchange current relative, that is of ln j0.
        prior_sigma: The same before any movie was seen.
        identifiable: Whether the movies tell the value there, within the visited range.
        sentence: What can be told and what not, in one sentence.
    """

    composition: Floats
    value: Floats
    sigma: Floats
    prior_sigma: Floats
    identifiable: NDArray[np.bool_]
    sentence: str


@dataclass(frozen=True)
class LawMovie:
    """What was learned of one movie.

    Args:
        name: The movie's.
        k: Reactivity relative to the geometric mean of all movies' pixels, float32, shape (rows, columns), NaN outside.
        ln_k_sigma: Standard uncertainty of ln k, same shape.
        fraction: Lithium fraction that the law predicts, without noise, float32, shape (points, rows, columns).
        labels: Number of the particle of each pixel, shape (rows, columns).
        times_s: Time of each point, shape (points,).
        reservoir_kt: μ_res of each particle over time in kT, on the scale of μ(c), shape (particles, points).
        left_out: Indices of the points that were not used, rising.
        chi: Root mean square of (seen − predicted) / σ of each point; 1 where only noise is left, shape (points,).
        peer_chi: The same of a prediction without any law, the line between the neighbours in time that were used
            (behind the last: that one), moved to the same mean; shape (left out,).
        reservoir_draws: Draws of μ_res from the posterior, shape (draws, particles, points); empty without uncertainty.
        voltage_v: Stated potential of the electrode against lithium at the points in V, NaN where none is known, shape
            (points,); None where none was stated.
    """

    name: str
    k: NDArray[np.float32]
    ln_k_sigma: NDArray[np.float32]
    fraction: NDArray[np.float32]
    labels: NDArray[np.int32]
    times_s: Floats
    reservoir_kt: Floats
    left_out: NDArray[np.int64]
    chi: Floats
    peer_chi: Floats
    reservoir_draws: Floats = field(default_factory=lambda: np.empty((0, 0, 0)))
    voltage_v: Floats | None = None

    @property
    def left_out_chi(self) -> float:
        """Root mean square of (seen − predicted) / σ over all points that were left out; NaN without any."""
        return _root_mean_square(self.chi[self.left_out])

    @property
    def left_out_peer_chi(self) -> float:
        """The same of the prediction without any law."""
        return _root_mean_square(self.peer_chi)


@dataclass(frozen=True)
class Law:
    """What all movies together tell of the reaction.

    Args:
        settings: With which it was learned.
        exchange: The exchange current j0(c).
        potential: The chemical potential μ(c).
        visited: Lowest and highest composition that the particles' pixels went through.
        kappa_kt_um2: Gradient energy coefficient κ in kT µm².
        kappa_ln_sigma: Standard uncertainty of ln κ; 0 where it was stated.
        kappa_identifiable: Whether the movies tell κ.
        movies: Of each movie, in order.
        noise_scale: By how much the scatter of what the law leaves exceeds the stated noise; intervals hold it.
        hyper: What was found on the way, by name: scatter and length of ln k and of the first composition.
        curves: Draws of (ln j0, μ) from the posterior, shape (draws, 2, grid); empty without uncertainty.
        iterations: Gauss-Newton steps.
        converged: Whether the search came to rest.
        step_error: Root mean square error of a point's fractions by the time steps, the largest of all points.
        notes: What must be told.
        voltage_sigma_v: Standard uncertainty of stated voltages.
    """

    settings: LawSettings
    exchange: LawFunction
    potential: LawFunction
    visited: tuple[float, float]
    kappa_kt_um2: float
    kappa_ln_sigma: float
    kappa_identifiable: bool
    movies: tuple[LawMovie, ...]
    noise_scale: float
    hyper: dict[str, float] = field(default_factory=dict)
    curves: Floats = field(default_factory=lambda: np.empty((0, 2, 0)))
    iterations: int = 0
    converged: bool = True
    step_error: float = 0.0
    notes: tuple[str, ...] = ()
    voltage_sigma_v: float = 0.0

    @property
    def left_out_chi(self) -> float:
        """Root mean square of (seen − predicted) / σ over all movies' points that were left out; NaN without any."""
        return _root_mean_square(np.concatenate([movie.chi[movie.left_out] for movie in self.movies]))


def _root_mean_square(values: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if values.size else float("nan")
