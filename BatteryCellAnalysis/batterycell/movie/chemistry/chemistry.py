"""The chemistry of a movie: maps at every point in time, and what particles hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.load.spectra import EndMember
from batterycell.movie.prepare.prepared import Prepared
from batterycell.movie.settings import ChemistrySettings
from batterycell.progress import Progress
from batterycell.tables import Table

from .design import Design, make_design
from .fit import Fit, fit_spectra
from .fraction import Fraction, fraction_of
from .particles import particle_rows, particle_table

Floats = NDArray[np.float64]
MAPS = ("fraction", "sigma", "free", "total", "total_sigma", "residual", "chi_square")


@dataclass(frozen=True)
class Chemistry:
    """Maps of shape (points, rows, columns), NaN where nothing could be said.

    Args:
        prepared: What they were made from.
        design: What spectra were fitted with.
        fraction: Lithium per metal, from amounts that are not negative where the settings say so.
        sigma: Its standard uncertainty by the noise, without the bound.
        free: Lithium per metal without the bound: unbiased, for means and rates.
        total: Amount of metal, in units of the end members.
        total_sigma: Its standard uncertainty.
        residual: Root mean square of what the fit leaves, as optical density.
        chi_square: The same weighted by the noise, per degree of freedom; NaN where there is none.
        particles: One row a particle and point in time.
        spectra: Mean spectrum of each particle at the first point, shape (particles, energies).
        fitted: Its fit, shape (particles, energies).
        notes: What must be told.
    """

    prepared: Prepared
    design: Design
    fraction: Floats
    sigma: Floats
    free: Floats
    total: Floats
    total_sigma: Floats
    residual: Floats
    chi_square: Floats
    particles: Table
    spectra: Floats
    fitted: Floats
    notes: tuple[str, ...] = ()


def find_chemistry(
    prepared: Prepared, members: Sequence[EndMember], settings: ChemistrySettings, progress: Progress
) -> Chemistry:
    """Fit the spectrum of every pixel at every point in time.

    Args:
        prepared: The movie.
        members: End members, in the order of ``settings.lithium``.
        settings: How.
        progress: Told after every point; asked whether to stop.

    Raises:
        InputError: if energies are unknown or too few, or the end members cannot be told apart.
        Cancelled: if the user asked to stop.
    """
    design = make_design(members, prepared.points.energies_ev, settings)
    count = len(prepared.points.frames)
    maps = {name: np.full((count, *prepared.labels.shape), np.nan) for name in MAPS}
    rows, spectra = [], []
    for point, frames in enumerate(prepared.points.frames):
        progress.report(point / count, f"chemistry, point {point + 1} of {count}")
        found = _Point.of(prepared, design, frames, settings)
        for name in MAPS:
            maps[name][point] = found.maps[name]
        rows += particle_rows(prepared, design, found.free, found.maps, point)
        if point == 0:
            spectra = [_mean_spectra(prepared, design, frames, found.free)]
    table = particle_table(rows)
    notes = (*design.notes, *_notes(maps, design, settings))
    measured, fitted = spectra[0]
    told: dict[str, Any] = {**maps, "particles": table, "spectra": measured, "fitted": fitted, "notes": notes}
    return Chemistry(prepared, design, **told)


@dataclass(frozen=True)
class _Point:
    """What came of one point in time: the free fit of the pixels of particles, and the maps."""

    free: Fit
    maps: dict[str, Floats]

    @classmethod
    def of(cls, prepared: Prepared, design: Design, frames: NDArray[np.int64], settings: ChemistrySettings) -> _Point:
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
        "fraction": np.where(seen, bounded.value if shown is not free else plain.value, np.nan),
        "sigma": np.where(seen, plain.sigma, np.nan),
        "free": np.where(seen, plain.value, np.nan),
        "total": bounded.total,
        "total_sigma": plain.total_sigma,
        "residual": shown.residual,
        "chi_square": shown.chi_square,
    }
    maps = {name: np.full(inside.shape, np.nan) for name in values}
    for name, pixels in values.items():
        maps[name][inside] = pixels
    return maps


def _fraction(design: Design, fit: Fit, unbiased: bool) -> Fraction:
    metal = np.flatnonzero(design.metal)
    return fraction_of(fit.amounts[metal], fit.covariance[np.ix_(metal, metal)], design.lithium[metal], unbiased)


def _mean_spectra(prepared: Prepared, design: Design, frames: NDArray[np.int64], fit: Fit) -> tuple[Floats, Floats]:
    """Mean measured and fitted spectrum of each particle, each shape (particles, energies)."""
    numbers = prepared.labels[prepared.labels > 0]
    values = np.stack([prepared.density[n][prepared.labels > 0] for n in frames])
    model = design.columns @ fit.amounts
    means = [
        [np.nanmean(np.where(np.isfinite(model), one, np.nan)[:, numbers == n], axis=1) for one in (values, model)]
        for n in range(1, prepared.particles + 1)
    ]
    return np.array([one[0] for one in means]), np.array([one[1] for one in means])


def _notes(maps: dict[str, Floats], design: Design, settings: ChemistrySettings) -> list[str]:
    fitted = np.isfinite(maps["total"])
    notes = []
    unseen = fitted & ~np.isfinite(maps["fraction"])
    if unseen.any():
        share = 100 * unseen.sum() / fitted.sum()
        notes.append(
            f"{share:.2g} % of the pixels hold too little metal for a fraction (under {settings.least_snr:g} σ)."
        )
    free = maps["free"][np.isfinite(maps["free"])]
    outside = float(((free < design.lithium[design.metal].min()) | (free > design.lithium[design.metal].max())).mean())
    if settings.non_negative and free.size and outside > 0.01:
        notes.append(
            f"{100 * outside:.2g} % of the fractions lie at the bounds of the map; means are taken without the bounds."
        )
    return notes
