"""What each particle holds at each point in time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.movie.prepare.prepared import Prepared
from batterycell.tables import Column, Table

from .design import Design
from .fit import Fit
from .fraction import mean_fraction

Floats = NDArray[np.float64]
PARTICLE_COLUMNS = (
    Column("particle", "Particle", "", "Number of the particle, the largest 1."),
    Column("point", "Point", "", "Number of the point in time, from 1."),
    Column("time_s", "Time", "s", "Middle of the point's frames; empty where times are not stated."),
    Column("pixels", "Pixels", "", "Pixels of the particle."),
    Column("area_um2", "Area", "µm²", "Their area."),
    Column(
        "fraction", "Lithium fraction", "", "Lithium per metal of the whole particle, thicker places counting more."
    ),
    Column(
        "u_fraction", "Uncertainty (95 %)", "", "Half width of its interval by the noise, without the end members' own."
    ),
    Column(
        "u_fraction_shared", "... shared (95 %)", "", "The part of it by the beam's error, which all particles share."
    ),
    Column("fraction_sd", "Spread", "", "Standard deviation of the pixels' fractions, noise taken off in squares."),
    Column("sigma_median", "σ of a pixel", "", "Median standard uncertainty of a pixel's fraction."),
    Column("total_mean", "Amount", "", "Mean amount of metal in units of the end members."),
    Column("residual_od", "Residual", "", "Median of the pixels' root mean square residual, as optical density."),
    Column(
        "chi_square", "χ² per degree of freedom", "", "Mean of the pixels; 1 where the noise explains the residual."
    ),
    Column(
        "pixels_unsure",
        "Pixels without fraction",
        "",
        "Pixels that hold too little metal, or whose values were flagged.",
    ),
)
PARTICLE_DTYPES: dict[str, type] = dict.fromkeys(("particle", "point", "pixels", "pixels_unsure"), int)


def particle_rows(
    prepared: Prepared, design: Design, fit: Fit, maps: dict[str, Floats], point: int
) -> list[dict[str, Any]]:
    """A row a particle of one point in time; ``fit`` is the free one of the pixels inside, in their order."""
    inside = prepared.labels > 0
    numbers = prepared.labels[inside]
    return [
        _row(prepared, design, fit, {name: one[inside] for name, one in maps.items()}, (n, point, numbers == n))
        for n in range(1, prepared.particles + 1)
    ]


def _row(
    prepared: Prepared,
    design: Design,
    fit: Fit,
    pixels: dict[str, Floats],
    which: tuple[int, int, NDArray[np.bool_]],
) -> dict[str, Any]:
    number, point, own = which
    metal = np.flatnonzero(design.metal)
    amounts, covariance = fit.amounts[metal][:, own], fit.covariance[np.ix_(metal, metal)][:, :, own]
    shared, lithium = fit.shared[np.ix_(metal, metal)], design.lithium[metal]
    value, sigma = mean_fraction(amounts, covariance, shared, lithium)
    _, alone = mean_fraction(amounts, covariance, np.zeros_like(shared), lithium)
    height, width = prepared.pixel_um
    return {
        "particle": number,
        "point": point + 1,
        "time_s": prepared.points.times_s[point],
        "pixels": int(own.sum()),
        "area_um2": own.sum() * height * width,
        "fraction": value,
        "u_fraction": K95 * sigma,
        "u_fraction_shared": K95 * float(np.sqrt(max(sigma**2 - alone**2, 0.0))),
        "fraction_sd": _spread(pixels["free"][own], pixels["sigma"][own]),
        "sigma_median": _median(pixels["sigma"][own]),
        "total_mean": _mean(pixels["total"][own]),
        "residual_od": _median(pixels["residual"][own]),
        "chi_square": _mean(pixels["chi_square"][own]),
        "pixels_unsure": int((~np.isfinite(pixels["fraction"][own])).sum()),
    }


def particle_table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a table with `PARTICLE_COLUMNS`."""
    return Table(
        PARTICLE_COLUMNS,
        {c.name: np.array([row[c.name] for row in rows], PARTICLE_DTYPES.get(c.name, float)) for c in PARTICLE_COLUMNS},
    )


def _spread(values: Floats, sigma: Floats) -> float:
    known = np.isfinite(values) & np.isfinite(sigma)
    if known.sum() < 2:
        return np.nan
    return float(np.sqrt(max(values[known].var(ddof=1) - (sigma[known] ** 2).mean(), 0.0)))


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.nan


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan
