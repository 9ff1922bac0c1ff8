"""Defects that people mark in a cell: class, severity, note and place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.orient import CellFrame
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .defect_columns import DEFECT_COLUMNS, IJK, XYZ_MM, XYZ_UM

CLASSES = ("negative overhang", "fold", "tear", "particle", "dent", "delamination", "weld", "other")
SEVERITIES = ("minor", "major", "critical")

_DESCRIPTION = re.compile(rf"({'|'.join(SEVERITIES)})(?:: (.*))?", re.DOTALL)
_NUMBER = re.compile(r"D([1-9]\d{0,8})")

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Defect:
    """One marked defect.

    Args:
        id: Running number, ``"D3"``.
        defect_class: Kind of the defect, of `CLASSES` or of the annotator's own.
        severity: One of `SEVERITIES`.
        note: What the annotator wrote; may have several lines.
        ijk: Continuous voxel indices in the input array, from 0 at voxel centres.
        world: RAS mm as the views show it.
        ras: The volume's own RAS mm.
    """

    id: str
    defect_class: str
    severity: str
    note: str
    ijk: Place
    world: Place
    ras: Place


def describe(severity: str, note: str) -> str:
    """Severity and note as one text that people can read: ``"major: note"``.

    Raises:
        InputError: if the severity is none of `SEVERITIES`.
    """
    severity = severity.strip().lower()
    if severity not in SEVERITIES:
        raise InputError(
            "defect-severity", f"“{severity}” is no severity.", f"Known are {', '.join(SEVERITIES)}."
        )  # fmt: skip
    note = re.sub(r"\r\n?", "\n", note)
    return f"{severity}: {note}" if note else severity


def severity_and_note(description: str) -> tuple[str, str]:
    """What `describe` put together; any other text is the note of a minor defect."""
    found = _DESCRIPTION.fullmatch(description)
    return (found[1], found[2] or "") if found else (SEVERITIES[0], description)


def is_described(description: str) -> bool:
    """Whether a text states a severity as `describe` writes it."""
    return bool(_DESCRIPTION.fullmatch(description))


def number_of(defect_id: str) -> int:
    """The number in ``"D3"``; 0 for any other text, and for numbers too large for Slicer."""
    found = _NUMBER.fullmatch(defect_id)
    return int(found[1]) if found else 0


def make_table(defects: Sequence[Defect], frame: CellFrame | None = None, windings: ArrayLike | None = None) -> Table:
    """The table of defects.

    Args:
        defects: The defects, one row each.
        frame: The cell's upright coordinates in the volume's own RAS; without it angle and height stay empty.
        windings: The cathode turn of each defect, 1 is the outermost, shape (n,); NaN where it is not known.

    Returns:
        A table with `DEFECT_COLUMNS`.
    """
    world, ijk = _places([d.world for d in defects]), _places([d.ijk for d in defects])
    angle, height = _angle_and_height(_places([d.ras for d in defects]), frame)
    data = {
        "id": np.array([d.id for d in defects], str),
        "class": np.array([d.defect_class for d in defects], str),
        "severity": np.array([d.severity for d in defects], str),
        "note": np.array([d.note for d in defects], str),
        "winding": _whole(np.full(len(defects), np.nan) if windings is None else np.asarray(windings, float)),
        "angle_deg": angle,
        "height_um": height * UM_PER_MM,
        **dict(zip(XYZ_MM, world.T, strict=True)),
        **dict(zip(XYZ_UM, world.T * UM_PER_MM, strict=True)),
        **dict(zip(IJK, ijk.T, strict=True)),
    }
    return Table(DEFECT_COLUMNS, data)


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.str_]:
    return np.array([f"{number:.0f}" if np.isfinite(number) else "" for number in numbers.tolist()], str)


def _places(points: Sequence[Place]) -> NDArray[np.float64]:
    return np.array(points, float).reshape(len(points), 3)


def _angle_and_height(
    ras: NDArray[np.float64], frame: CellFrame | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if frame is None:
        return np.full(len(ras), np.nan), np.full(len(ras), np.nan)
    angle, _, height = frame.to_cylindrical(ras)
    return angle, height
