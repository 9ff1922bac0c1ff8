"""The chemistry of one point in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.prepare.prepared import Prepared
from batterycell.movie.settings import ChemistrySettings

from .design import Design
from .fit import Fit, fit_spectra
from .fraction import Fraction, fraction_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """What came of one point in time: the free fit of the pixels of particles, and the maps."""

    free: Fit
    maps: dict[str, Floats]

    @classmethod
    def of(cls, prepared: Prepared, design: Design, frames: NDArray[np.int64], settings: ChemistrySettings) -> Point:
        """Fit the pixels of all particles: for their sums, for the maps, and with the bounds of the maps."""
        inside = prepared.labels > 0
        spectra = np.stack([prepared.density[n][inside] for n in frames]).astype(float)
        own = np.stack([prepared.variance(n)[inside] for n in frames])
        shared, narrowed = prepared.beam_variance[frames], own * prepared.narrowing[frames, None] ** 2
        free = fit_spectra(design.columns, spectra, own, shared)
        narrow = fit_spectra(design.columns, spectra, narrowed, shared)
        bound = design.members if settings.non_negative else 0
        shown = fit_spectra(design.columns, spectra, narrowed, shared, bound)
        return cls(free, _maps(inside, design, narrow, shown, settings.least_snr))


def _maps(inside: NDArray[np.bool_], design: Design, free: Fit, shown: Fit, least_snr: float) -> dict[str, Floats]:
    plain, bounded = (_fraction(design, fit, unbiased) for fit, unbiased in ((free, True), (shown, False)))
    seen = plain.total > least_snr * plain.total_sigma
    values = {
        "fraction": np.where(seen, bounded.value, np.nan),
        "sigma": np.where(seen, plain.sigma, np.nan),
        "free": np.where(seen, plain.value, np.nan),
        "total": bounded.total,
        "total_sigma": plain.total_sigma,
        "residual": shown.residual,
        "chi_square": free.chi_square,
    }
    maps = {name: np.full(inside.shape, np.nan) for name in values}
    for name, pixels in values.items():
        maps[name][inside] = pixels
    return maps


def _fraction(design: Design, fit: Fit, unbiased: bool) -> Fraction:
    metal = np.flatnonzero(design.metal)
    return fraction_of(fit.amounts[metal], fit.covariance[np.ix_(metal, metal)], design.lithium[metal], unbiased)


def mean_spectra(prepared: Prepared, design: Design, frames: NDArray[np.int64], fit: Fit) -> tuple[Floats, Floats]:
    """Mean measured and fitted spectrum of each particle, each shape (particles, energies)."""
    numbers = prepared.labels[prepared.labels > 0]
    values = np.stack([prepared.density[n][prepared.labels > 0] for n in frames]).astype(float)
    model = design.columns @ fit.amounts
    known = np.isfinite(values) & np.isfinite(model)
    counts = np.stack([known[:, numbers == n].sum(axis=1) for n in range(1, prepared.particles + 1)])
    sums = [
        np.stack([np.where(known, one, 0.0)[:, numbers == n].sum(axis=1) for n in range(1, prepared.particles + 1)])
        for one in (values, model)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[0] / counts, sums[1] / counts
