"""What preparing a movie and its chemistry found, as stages: numbers, tables, what must be told."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Quantity, Stage
from batterycell.tables import Column, Table

from .chemistry import Chemistry
from .prepare import Prepared

_MOST_VALUES = 1 << 26
FRAME_COLUMNS = (
    Column("frame", "Frame", "", "Number of the frame, from 1."),
    Column("time_s", "Time", "s", "When it was taken; empty where times are not stated."),
    Column("energy_ev", "Energy", "eV", "Photon energy; empty where energies are not stated."),
    Column("beam", "Beam", "", "Intensity without sample, in the units of the file."),
    Column("drift_row_px", "Drift down", "pixel", "How far the frame had drifted down the rows."),
    Column("drift_column_px", "Drift right", "pixel", "How far the frame had drifted along the columns."),
    Column(
        "u_drift_px", "Uncertainty (95 %)", "pixel", "Of the drift by the noise, the worse of both; empty: not seen."
    ),
    Column("flagged_percent", "Flagged", "%", "Pixels without a value: dark, saturated, no number, or from outside."),
)


def prepared_stage(found: Prepared) -> Stage:
    """Frames, drift, noise and particles."""
    return Stage("movie_frames", "Frames", _prepared_quantities(found), {"frames": frame_table(found)}, (), found.notes)


def frame_table(found: Prepared) -> Table:
    """One row a frame, with `FRAME_COLUMNS`."""
    index, frames = found.movie.index, len(found.density)
    empty = np.full(frames, np.nan)
    flagged = [100 * float(1 - np.isfinite(frame).mean()) for frame in found.density]
    data = {
        "frame": np.arange(1, frames + 1),
        "time_s": empty if index.times_s is None else index.times_s,
        "energy_ev": empty if index.energies_ev is None else index.energies_ev,
        "beam": found.beam,
        "drift_row_px": found.shifts_px[:, 0],
        "drift_column_px": found.shifts_px[:, 1],
        "u_drift_px": K95 * found.shift_u_px.max(axis=1),
        "flagged_percent": np.array(flagged),
    }
    return Table(FRAME_COLUMNS, data)


def _prepared_quantities(found: Prepared) -> tuple[Quantity, ...]:
    exact = 0.0
    noise = found.noise
    kind = "Photons of a value of 1" if noise.kind == "poisson" else "σ of optical density"
    span, u_span = drift_span(found.shifts_px, found.shift_u_px)
    return (
        Quantity("movie_frames_count", "Frames", len(found.density), exact, "", "Frames that were read."),
        Quantity("movie_points_count", "Points in time", len(found.points.frames), exact, "", "Sets of all energies."),
        Quantity("movie_particles_count", "Particles", found.particles, exact, "", "Regions of the mask."),
        Quantity(
            "movie_drift_span_px",
            "Drift",
            span,
            K95 * u_span,
            "pixel",
            "Largest way between two frames along an axis; ± by the noise of both.",
        ),
        Quantity("movie_noise", kind, noise.value, np.nan, "", f"Noise of a value, from {noise.source}."),
    )


def drift_span(shifts_px: NDArray[np.float64], sigma_px: NDArray[np.float64]) -> tuple[float, float]:
    """Largest way between two frames along an axis, and its standard uncertainty; NaN where one was not registered.

    Args:
        shifts_px: Rows and columns, shape (frames, 2).
        sigma_px: Standard uncertainties, same shape.
    """
    if not len(shifts_px):
        return 0.0, 0.0
    axis = int(np.ptp(shifts_px, axis=0).argmax())
    along = shifts_px[:, axis]
    ends = [int(along.argmin()), int(along.argmax())]
    return float(np.ptp(along)), float(np.hypot(*sigma_px[ends, axis])) if ends[0] != ends[1] else 0.0


def chemistry_stage(found: Chemistry) -> Stage:
    """Lithium of the particles, and how far the fit can be trusted."""
    tables = {"particles": found.particles}
    return Stage("movie_chemistry", "Chemistry", tuple(_chemistry_quantities(found)), tables, (), found.notes)


def _chemistry_quantities(found: Chemistry) -> list[Quantity]:
    design, rows = found.design, found.particles
    last = int(rows["point"].max())
    means = (
        "Mean of the particles weighted by their amount of metal; the interval holds the noise, not the end members."
    )
    numbers = [
        _mean(rows.where(rows["point"] == 1), "movie_fraction_first", "Lithium fraction at first", means),
    ]
    if last > 1:
        numbers.append(
            _mean(rows.where(rows["point"] == last), "movie_fraction_last", "Lithium fraction at last", means)
        )
    return [
        *numbers,
        _plain("movie_sigma_median", "σ of a pixel's fraction", _median(found.sigma), "Median over pixels and times."),
        _plain(
            "movie_chi_square",
            "χ² per degree of freedom",
            _average(found.chi_square),
            "Mean of all pixels; 1 where the noise explains what the fit leaves; empty where no energy is left over.",
        ),
        _plain(
            "movie_residual_od",
            "Residual",
            _median(found.residual),
            "Median over pixels of the root mean square of what the fit leaves, as optical density.",
        ),
        _plain(
            "movie_condition",
            "Condition number",
            design.condition,
            "Of end members and background at the movie's energies, each of length 1; noise grows with it.",
        ),
        _plain("movie_energies_count", "Energies", len(design.columns), "Energies of a point in time."),
    ]


def _plain(name: str, title: str, value: float, description: str) -> Quantity:
    return Quantity(name, title, value, np.nan, "", description)


def _mean(rows: Table, name: str, title: str, description: str) -> Quantity:
    weights = rows["total_mean"] * rows["pixels"]
    known = np.isfinite(rows["fraction"]) & np.isfinite(weights)
    if not known.any():
        return Quantity(name, title, np.nan, np.nan, "", description)
    share = weights[known] / weights[known].sum()
    value = float(share @ rows["fraction"][known])
    whole, shared = rows["u_fraction"][known], rows["u_fraction_shared"][known]
    # What all particles share does not average out.
    u = float(np.sqrt(share**2 @ (whole**2 - shared**2) + (share @ shared) ** 2))
    return Quantity(name, title, value, u, "", description)


def _median(maps: NDArray[Any]) -> float:
    """Of all pixels and points in time; of stacks that memory may not hold every n-th point."""
    some = maps[:: maps.size // _MOST_VALUES + 1]
    known = some[np.isfinite(some)]
    return float(np.median(known)) if known.size else np.nan


def _average(maps: NDArray[Any]) -> float:
    total = count = 0.0
    for point in maps:
        known = point[np.isfinite(point)]
        total += float(known.sum(dtype=np.float64))
        count += known.size
    return total / count if count else np.nan
