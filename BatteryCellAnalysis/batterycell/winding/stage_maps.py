"""The maps of the stage "winding"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Axis, Map
from batterycell.volume import UM_PER_MM

from .faces import Faces, fold
from .flat import About, FlatSheet
from .gaps import Gaps
from .shape import Shape

Floats = NDArray[np.float64]

_COLUMN_SAMPLES = 2  # of a turn's samples in one column of a map around the cell

_DEVIATION = About(
    "winding_deviation_um", "Deviation from the ideal spiral", "µm",
    "Distance outward of the cathode's middle from the Archimedean spiral that fits the whole roll.",
)  # fmt: skip
_GAP = About(
    "winding_gap_um", "Gap to the next turn", "µm",
    "Free width between this cathode turn and the next one inside, beyond the usual; the greatest in each place.",
)  # fmt: skip
_CATHODE = About("cathode_grey", "Cathode", "", "Grey value in the middle of the cathode.")
_BETWEEN = About(
    "gap_darkness", "Darkness between the turns", "",
    "How much darker than usual it is between this cathode turn and the next inside, over the contrast to the cathode.",
)  # fmt: skip
_PITCH = About("winding_pitch_um", "Pitch", "µm", "Mean distance from turn to turn along the radius.")
_CORE = About(
    "core_buckling_um", "Core", "µm",
    "Distance outward of the innermost turn from where the outer half of the roll lets it be expected: negative where "
    "the core has been pushed in.",
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What was found of the windings.

    Args:
        faces: The cathode's faces.
        turns: Length of the cathode in turns, and its standard uncertainty.
        shape: Deviation from the ideal spiral.
        gaps: Openings between neighbouring turns.
        core_mm: How far outward of its place the innermost turn lies, shape (h, per_turn), angles rising.
        core_radius_mm: Its radius, likewise.
    """

    faces: Faces
    turns: tuple[float, float]
    shape: Shape
    gaps: Gaps
    core_mm: Floats
    core_radius_mm: Floats


def winding_maps(found: Findings) -> tuple[Map, ...]:
    """Maps over the flat sheet, and over height and angle."""
    sheet, faces = FlatSheet(found.faces), found.faces
    half = 0.5 * found.shape.pitch_mm
    return (
        sheet.map(_DEVIATION, UM_PER_MM * found.shape.deviation_mm),
        sheet.map(_GAP, UM_PER_MM * found.gaps.opening_mm, half, "most"),
        _around(found, _PITCH, UM_PER_MM * _mean_pitch(found), np.nanmean(faces.middle_mm, axis=1, keepdims=True)),
        _around(found, _CORE, UM_PER_MM * found.core_mm, found.core_radius_mm),
        sheet.map(_CATHODE, faces.grey),
        sheet.map(_BETWEEN, found.gaps.darkness, half),
    )


def _mean_pitch(found: Findings) -> Floats:
    """Mean over the turns at each height and angle, shape (h, per_turn), angles rising."""
    per_turn = found.faces.windings.per_turn
    folded = fold(found.shape.pitches_mm, per_turn)
    seen = np.isfinite(folded).sum(axis=1)
    mean = np.where(seen > 0, np.nansum(folded, axis=1) / np.maximum(seen, 1), np.nan)
    return np.asarray(mean[:, np.argsort(found.faces.angle_deg[:per_turn])], np.float64)


def _around(found: Findings, about: About, values: Floats, radius: Floats) -> Map:
    """A map over height and angle from values (h, per_turn) at rising angles."""
    faces = found.faces
    angles = np.sort(faces.angle_deg[: faces.windings.per_turn])
    middle = angles.reshape(-1, _COLUMN_SAMPLES).mean(axis=1)
    pooled = _pooled(values)
    place = np.where(np.isfinite(radius), radius, np.nanmean(radius, axis=1, keepdims=True))
    place = _pooled(np.broadcast_to(place, values.shape))
    ras = faces.windings.frame.from_cylindrical(middle, place, faces.heights_mm[:, None])
    u = np.where(np.isfinite(pooled), UM_PER_MM * K95 * found.shape.u_radius_mm, np.nan)
    rows = Axis("height_mm", "Height", "mm", faces.heights_mm)
    columns = Axis("angle_deg", "Angle", "deg", middle)
    return Map(about.name, about.title, about.units, about.description, rows, columns, pooled, ras, u)


def _pooled(values: Floats) -> Floats:
    """Means of neighbouring columns; NaN where all are."""
    folded = values.reshape(len(values), -1, _COLUMN_SAMPLES)
    seen = np.isfinite(folded).sum(axis=2)
    return np.where(seen > 0, np.nansum(folded, axis=2) / np.maximum(seen, 1), np.nan)
