"""What Slicer's readers do not tell of a file: units of length, and whether its end is missing."""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

from batterycell.errors import InputError

_HEADER_BYTES = 65536
# NRRD: space units: "um" "um" "um", or units: ... for each axis; MetaImage: DistanceUnits = um
_TEXT_UNIT = re.compile(rb'^(?:space units:|units:|DistanceUnits\s*=)\s*"?([^"\r\n]+)', re.MULTILINE)
_END_OF_TEXT = re.compile(rb"\r?\n\r?\n|^ElementDataFile", re.MULTILINE)
_UNSTATED = ("", "?", "none", "???")
_NIFTI_BYTES = 544


@dataclass(frozen=True)
class _Layout:
    """Where (byte, type) dimensions, bits a voxel, first voxel, units and rescaling stand in a NIfTI header."""

    length: int
    start: bytes
    order: str
    fields: tuple[tuple[int, str], ...]


_NIFTI_LAYOUTS = tuple(
    _Layout(size, struct.pack(order + "i", size), order, fields)
    for order in "<>"
    for size, fields in (
        (348, ((40, "8h"), (72, "h"), (108, "f"), (123, "B"), (112, "2f"))),
        (540, ((16, "8q"), (14, "h"), (168, "q"), (500, "i"), (176, "2d"))),
    )
)


def text_header_unit(path: Path) -> str | None:
    """The unit of length in the header of an NRRD or MetaImage file, None where it states none."""
    with path.open("rb") as file:
        header = _END_OF_TEXT.split(file.read(_HEADER_BYTES), maxsplit=1)[0]
    found = _TEXT_UNIT.search(header)
    unit = found[1].decode("utf-8", "replace").strip() if found else ""
    return None if unit.lower() in _UNSTATED else unit


@dataclass(frozen=True)
class NiftiHeader:
    """What counts here of a NIfTI header.

    Args:
        has_unit: Whether it states its unit of length.
        length: Bytes of the whole file, uncompressed.
        offset: Bytes before the first voxel.
        is_scaled: Whether stored values must be rescaled to grey values.
        big_endian: Whether the most significant byte comes first.
    """

    has_unit: bool
    length: int
    offset: int
    is_scaled: bool
    big_endian: bool


def read_nifti_header(path: Path) -> NiftiHeader:
    """Read the header of a NIfTI file, version 1 or 2 (nifti.nimh.nih.gov), gzipped or not.

    Raises:
        InputError: if it has none.
    """
    try:
        with _open_nifti(path) as file:
            header = file.read(_NIFTI_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _no_nifti(path) from error
    layout = next((layout for layout in _NIFTI_LAYOUTS if header[: len(layout.start)] == layout.start), None)
    if layout is None or len(header) < layout.length:
        raise _no_nifti(path)
    dims, bits, offset, unit, scale = (
        struct.unpack_from(layout.order + code, header, at) for at, code in layout.fields
    )
    length = int(offset[0]) + prod(dims[1 : dims[0] + 1]) * bits[0] // 8
    is_scaled = scale not in ((0.0, 0.0), (1.0, 0.0))
    return NiftiHeader(bool(unit[0] & 7), length, int(offset[0]), is_scaled, layout.order == ">")


def check_nifti_length(path: Path, length: int) -> None:
    """Refuse a NIfTI file whose end is missing: Slicer's reader would fill the rest with anything.

    Args:
        path: The file.
        length: Bytes that its header promises, uncompressed.

    Raises:
        InputError: if it is shorter.
    """
    with path.open("rb") as file:
        file.seek(-4, 2)
        stated = int.from_bytes(file.read(), "little")
    packed = path.suffix.lower() == ".gz"
    # A whole gzip file ends with its uncompressed length; only where it does not is there need to count.
    if packed and stated == length % 2**32:
        return
    if (_count_unpacked(path) if packed else path.stat().st_size) < length:
        raise InputError("cut-off", f"{path} ends before its last slice.", "Copy it again.")


def _count_unpacked(path: Path) -> int:
    total = 0
    try:
        with gzip.open(path) as file:
            while block := file.read(_HEADER_BYTES):
                total += len(block)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return total
    return total


def _open_nifti(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb"))


def _no_nifti(path: Path) -> InputError:
    return InputError("volume-unreadable", f"{path} is no NIfTI file.", "It is damaged, cut off, or something else.")
