"""What was seen of the kinetics, as a stage: numbers, tables, what must be told."""

from __future__ import annotations

import numpy as np

from batterycell.measured import Quantity, Stage

from .kinetics import Kinetics

_MOST_POINTS = 50


def kinetics_stage(found: Kinetics) -> Stage:
    """C-rates, uniformity and asymmetry."""
    tables = {
        "particle_kinetics": found.particle_kinetics,
        "half_cycles": found.half_cycles,
        "uniformity": found.uniformity,
    }
    numbers = (*_counts(found), *_rates(found), *_asymmetry(found), *_quality(found))
    return Stage("movie_kinetics", "Kinetics", numbers, tables, (), found.notes)


def _counts(found: Kinetics) -> list[Quantity]:
    halves = sum(len(one.moving) for one in found.particles)
    return [
        Quantity("movie_particles_count", "Particles", len(found.particles), 0.0, "", "Regions of the mask."),
        Quantity("movie_points_count", "Points in time", found.movie.points, 0.0, "", "Maps of lithium."),
        Quantity("movie_half_cycles_count", "Half cycles", halves, np.nan, "", "Of all particles, rests not counted."),
    ]


def _rates(found: Kinetics) -> list[Quantity]:
    """C-rate and uniformity of each direction, the mean of its half cycles."""
    quantities = []
    for direction in ("insertion", "extraction"):
        rows = found.half_cycles.where(found.half_cycles["direction"] == direction)
        for column, title, units, words in (
            ("c_rate_per_h", f"C-rate, {direction}", "1/h", "Mean C-rate of the half cycles of all particles."),
            ("uniformity", f"Uniformity, {direction}", "", "Mean uniformity coefficient of these half cycles."),
        ):
            known = np.isfinite(rows[column])
            if known.any():
                value = float(rows[column][known].mean())
                unsure = float(np.sqrt((rows[f"u_{column}"][known] ** 2).sum()) / known.sum())
                quantities.append(Quantity(f"movie_{column}_{direction}", title, value, unsure, units, words))
    return quantities


def _asymmetry(found: Kinetics) -> list[Quantity]:
    one = found.asymmetry
    if not one.particles:
        return []
    words = "insertion minus extraction, the same particles at the same mean composition"
    return [
        Quantity(
            "movie_uniformity_asymmetry",
            "Asymmetry of uniformity",
            one.uniformity,
            one.u_uniformity,
            "",
            f"Uniformity coefficient, {words}.",
        ),
        Quantity(
            "movie_c_rate_asymmetry_per_h",
            "Asymmetry of C-rate",
            one.c_rate,
            one.u_c_rate,
            "1/h",
            f"Absolute C-rate, {words}.",
        ),
    ]


def _quality(found: Kinetics) -> list[Quantity]:
    # Of long movies some points in time say as much.
    sigma = found.maps.rate_sigma[:: found.movie.points // _MOST_POINTS + 1]
    sigma = sigma[np.isfinite(sigma)]
    return [
        Quantity(
            "movie_rate_sigma_median_per_h",
            "σ of a pixel's rate",
            float(np.median(sigma)) if sigma.size else np.nan,
            np.nan,
            "1/h",
            "Median over pixels and points in time, by the noise.",
        ),
        Quantity(
            "movie_rate_left",
            "Left by local fits",
            float(np.sqrt(found.maps.left)),
            np.nan,
            "",
            "Root mean square of what the local fits leave, in σ: 1 where noise explains it.",
        ),
    ]
