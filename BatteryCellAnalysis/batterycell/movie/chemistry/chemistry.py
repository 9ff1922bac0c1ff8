"""The chemistry of a movie: maps at every point in time, and what particles hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.load.spectra import EndMember
from batterycell.movie.prepare.density import room
from batterycell.movie.prepare.prepared import Prepared
from batterycell.movie.settings import ChemistrySettings
from batterycell.progress import Progress
from batterycell.tables import Table

from .design import Design, make_design
from .particles import particle_rows, particle_table
from .point import Point, mean_spectra

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]
# χ² per degree of freedom from which on the residual is something else than noise.
_ILL_FITTED = 2.0
MAPS = ("fraction", "sigma", "free", "total", "total_sigma", "residual", "chi_square")


@dataclass(frozen=True)
class Chemistry:
    """Maps, float32, of shape (points, rows, columns), NaN where nothing could be said.

    Args:
        prepared: What they were made from.
        design: What spectra were fitted with.
        fraction: Lithium per metal, from amounts that are not negative where the settings say so.
        sigma: Its standard uncertainty by the noise, without the bound.
        free: Lithium per metal without the bound: unbiased, for means and rates.
        total: Amount of metal, in units of the end members.
        total_sigma: Its standard uncertainty.
        residual: Root mean square of what the fit leaves, as optical density.
        chi_square: What the fit without the bound leaves, weighted by the noise, per degree of freedom; NaN where there
            is none.
        particles: One row a particle and point in time.
        spectra: Mean spectrum of each particle at the first point, shape (particles, energies).
        fitted: Its fit, shape (particles, energies).
        notes: What must be told.
    """

    prepared: Prepared
    design: Design
    fraction: Maps
    sigma: Maps
    free: Maps
    total: Maps
    total_sigma: Maps
    residual: Maps
    chi_square: Maps
    particles: Table
    spectra: Floats
    fitted: Floats
    notes: tuple[str, ...] = ()


def find_chemistry(
    prepared: Prepared,
    members: Sequence[EndMember],
    settings: ChemistrySettings,
    progress: Progress,
    scratch: Path | None = None,
) -> Chemistry:
    """Fit the spectrum of every pixel at every point in time.

    Args:
        prepared: The movie.
        members: End members, in the order of ``settings.lithium``.
        settings: How.
        progress: Told after every point; asked whether to stop.
        scratch: A folder that may hold large maps instead of memory, as ``<name>.npy``.

    Raises:
        InputError: if energies are unknown or too few, or the end members cannot be told apart.
        Cancelled: if the user asked to stop.
    """
    design = make_design(members, prepared.points.energies_ev, settings)
    count = len(prepared.points.frames)
    shape = (count, *prepared.labels.shape)
    maps = {name: room(shape, scratch and scratch / f"{name}.npy") for name in MAPS}
    rows, spectra = [], []
    for point, frames in enumerate(prepared.points.frames):
        progress.report(point / count, f"chemistry, point {point + 1} of {count}")
        found = Point.of(prepared, design, frames, settings)
        for name in MAPS:
            maps[name][point] = found.maps[name]
        rows += particle_rows(prepared, design, found.free, found.maps, point)
        if point == 0:
            spectra = [mean_spectra(prepared, design, frames, found.free)]
    table = particle_table(rows)
    notes = (*design.notes, *_notes(maps, design, settings))
    measured, fitted = spectra[0]
    told: dict[str, Any] = {**maps, "particles": table, "spectra": measured, "fitted": fitted, "notes": notes}
    return Chemistry(prepared, design, **told)


def _notes(maps: dict[str, Maps], design: Design, settings: ChemistrySettings) -> list[str]:
    found = _count(maps, design)
    notes = []
    if found["unseen"]:
        share = 100 * found["unseen"] / found["fitted"]
        notes.append(
            f"{share:.2g} % of the pixels hold too little metal for a fraction (under {settings.least_snr:g} σ)."
        )
    chi_square = found["chi_square"] / found["known"] if found["known"] else 0.0
    if chi_square > _ILL_FITTED:
        notes.append(
            f"The fit leaves {np.sqrt(chi_square):.2g} times what the noise explains (χ² {chi_square:.3g}): end "
            "members or noise do not fit this movie, and σ holds the noise only."
        )
    outside = found["outside"] / found["free"] if found["free"] else 0.0
    if settings.non_negative and outside > 0.01:
        notes.append(
            f"{100 * outside:.2g} % of the fractions lie at the bounds of the map; means are taken without the bounds."
        )
    return notes


def _count(maps: dict[str, Maps], design: Design) -> Counter[str]:
    """Pixels of each kind and the sum of χ², one point at a time: stacks may be larger than memory."""
    metal = design.lithium[design.metal]
    found: Counter[str] = Counter()
    for point in range(len(maps["total"])):
        fitted, free = np.isfinite(maps["total"][point]), maps["free"][point]
        chi_square = maps["chi_square"][point]
        known, seen = np.isfinite(chi_square), np.isfinite(free)
        found["fitted"] += int(fitted.sum())
        found["unseen"] += int((fitted & ~np.isfinite(maps["fraction"][point])).sum())
        found["known"] += int(known.sum())
        found["chi_square"] += chi_square[known].sum(dtype=np.float64)
        found["free"] += int(seen.sum())
        found["outside"] += int(((free < metal.min()) | (free > metal.max())).sum())
    return found
