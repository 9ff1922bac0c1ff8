"""The numbers of the stage "winding", each with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Quantity
from batterycell.volume import UM_PER_MM

from .core import core_leverage
from .shape import AXIS_VOXELS
from .stage_maps import Findings

Floats = NDArray[np.float64]

_END_VOXELS = 0.15  # the outermost turn beside the can and the innermost at the core are read less well than others


def winding_numbers(found: Findings) -> tuple[Quantity, ...]:
    """Count, pitch, deviation, core and gaps."""
    return (*_counts(found), *_pitch(found), *_deviation(found), *_core(found), *_gaps(found))


def _counts(found: Findings) -> tuple[Quantity, ...]:
    turns, u = found.turns[0], K95 * found.turns[1]
    least, most = np.ceil([turns - u, turns + u])
    return (
        Quantity("winding_count", "Windings", float(np.ceil(turns)), float(most - least), "",
                 "Cathode layers between the can and the core where there are most of them."),
        Quantity("winding_turns", "Length of the cathode in turns", turns, u, "",
                 "Turns from the cathode's outer end to its inner end; each where its grey value has fallen halfway "
                 "to the dark between the sheets."),
    )  # fmt: skip


def _pitch(found: Findings) -> tuple[Quantity, ...]:
    pitches = found.shape.pitches_mm
    u = float(np.hypot(_u_mean(found), _END_VOXELS * found.faces.voxel_mm / max(found.turns[0] - 1, 1)) * np.sqrt(2))
    return (
        _um("winding_pitch_um", "Pitch", _stat(pitches, np.mean), u,
            "Mean distance along the radius from one cathode turn to the next, over all turns, angles and heights."),
        _um("winding_pitch_sd_um", "Spread of the pitch", _stat(pitches, np.std), u,
            "Standard deviation of that distance over the roll."),
    )  # fmt: skip


def _deviation(found: Findings) -> tuple[Quantity, ...]:
    off, oval = found.shape.deviation_mm, found.shape.corrected_mm
    u_axis = AXIS_VOXELS * found.faces.voxel_mm
    u, u_one = np.hypot(_u_mean(found), 0.5 * u_axis), np.hypot(_u_greatest(found, off), u_axis)
    return (
        _um("winding_deviation_mean_um", "Mean deviation from the ideal spiral", _stat(np.abs(off), np.mean), u,
            "Mean absolute distance of the cathode's middle from the Archimedean spiral about the cell's axis that "
            "fits the whole roll robustly."),
        _um("winding_deviation_max_um", "Greatest deviation from the ideal spiral", _stat(np.abs(off), np.max), u_one,
            "Greatest such distance."),
        _um("winding_deviation_sd_um", "Spread about the ideal spiral", _stat(off, np.std), u,
            "Standard deviation of the distance from that spiral."),
        _um("winding_deviation_oval_mean_um", "Mean deviation from the oval spiral", _stat(np.abs(oval), np.mean),
            _u_mean(found), "Mean absolute distance from the spiral that may stand off the axis and be oval."),
    )  # fmt: skip


def _core(found: Findings) -> tuple[Quantity, ...]:
    u = found.shape.u_radius_mm * core_leverage(found.faces)
    return (
        _um("core_buckling_um", "Core pushed in", max(0.0, -_stat(found.core_mm, np.min)), u,
            "Greatest distance inward of the innermost cathode turn from where the outer half of the turns, carried on "
            "straight over the radius, lets it be expected."),
        _um("core_bulge_um", "Core pushed out", max(0.0, _stat(found.core_mm, np.max)), u,
            "Greatest such distance outward."),
    )  # fmt: skip


def _gaps(found: Findings) -> tuple[Quantity, ...]:
    gaps = found.gaps
    widest = _stat(np.where(gaps.labels > 0, gaps.opening_mm, np.nan), np.max) if gaps.count else 0.0
    u = gaps.u_opening_mm if gaps.count else gaps.least_mm / K95
    return (
        _um("gap_max_um", "Widest gap", widest, u, "Greatest free width between two cathode turns beyond the usual; "
            "0 where no gap is found, and then the uncertainty is the smallest that would be."),
        Quantity("gap_count", "Gaps", gaps.count, gaps.doubtful, "",
                 f"Places where neighbouring turns stand {UM_PER_MM * gaps.least_mm:.0f} µm or more too far apart; "
                 "uncertainty: those whose interval reaches down to that."),
    )  # fmt: skip


def _um(name: str, title: str, value_mm: float, u_mm: float, description: str) -> Quantity:
    return Quantity(name, title, UM_PER_MM * value_mm, UM_PER_MM * K95 * u_mm, "µm", description)


def _stat(values: Floats, how: Callable[[Floats], float]) -> float:
    known = values[np.isfinite(values)]
    return float(how(known)) if known.size else float("nan")


def _u_mean(found: Findings) -> float:
    """Standard uncertainty of a mean: noise averages out over the turns, what depends on the sheets does not."""
    return found.shape.u_radius_mm / float(np.sqrt(max(found.faces.windings.turns, 1.0)))


def _u_greatest(found: Findings, values: Floats) -> float:
    """Standard uncertainty of a greatest value: of the radius, and of its place, a sample along the sheet."""
    row, sample = np.unravel_index(int(np.nanargmax(np.abs(values))), values.shape)
    beside = values[row, max(sample - 1, 0) : sample + 2]
    return float(np.hypot(found.shape.u_radius_mm, np.nanmax(np.abs(beside - values[row, sample]))))
