"""Whether the axes of a file form a left hand: Slicer's readers then turn the order of its slices round."""

from __future__ import annotations

import gzip
import re
import struct
from pathlib import Path

import numpy as np

_HEADER_BYTES = 65536
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NRRD = re.compile(rb"^space directions:\s*(.*)$", re.MULTILINE)
_META = re.compile(rb"^(?:TransformMatrix|Rotation|Orientation)\s*=\s*(.*)$", re.MULTILINE)
_NIFTI_1 = 348


def is_left_handed(path: Path) -> bool:
    """Whether an NRRD, MetaImage or NIfTI file's axes, in their order, form a left hand."""
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        return _nifti(path)
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    found = (_NRRD if name.endswith((".nrrd", ".nhdr")) else _META).search(start)
    numbers = [float(text) for text in re.findall(_NUMBER, found[1].decode("latin-1"))] if found else []
    return len(numbers) == 9 and _is_negative(numbers)


def _nifti(path: Path) -> bool:
    """By the matrix of the header (sform), else by the sign that its quaternion has beside it (qfac)."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        header = file.read(_NIFTI_1)
    order = "<" if header[:4] == struct.pack("<i", _NIFTI_1) else ">"
    if len(header) < _NIFTI_1 or header[:4] != struct.pack(f"{order}i", _NIFTI_1):
        return False
    by_quaternion, by_matrix = struct.unpack_from(f"{order}2h", header, 252)
    if by_quaternion > 0:
        return bool(struct.unpack_from(f"{order}f", header, 76)[0] < 0)
    rows = np.array(struct.unpack_from(f"{order}12f", header, 280)).reshape(3, 4)
    return by_matrix > 0 and _is_negative(rows[:, :3].ravel().tolist())


def _is_negative(numbers: list[float]) -> bool:
    return bool(np.linalg.det(np.array(numbers).reshape(3, 3)) < 0)
