"""Where the voxels of NRRD, MetaImage and NIfTI files lie, to read them slice by slice.

Sources: teem.sourceforge.net/nrrd/format.html, itk.org/Wiki/ITK/MetaIO/Documentation, nifti.nimh.nih.gov/nifti-1.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress

from .binning import Target
from .handed import is_left_handed
from .headers import read_nifti_header

_HEADER_BYTES = 65536
_BLOCK_BYTES = 1 << 20
# To zlib: gzip or zlib, as the data begin.
_ANY_PACKING = 47
_NRRD_LINE = re.compile(r"^([\w ]+?)\s*:=?\s*(.*?)\s*$", re.MULTILINE)
_META_LINE = re.compile(r"^(\w+)\s*=\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class VoxelData:
    """Voxels that follow each other in one file.

    Args:
        path: The file.
        offset: Bytes before them.
        packed: Whether they are deflated.
        big_endian: Whether the most significant byte comes first.
        skip: Bytes to leave out once they are unpacked.
    """

    path: Path
    offset: int
    packed: bool
    big_endian: bool
    skip: int = 0


def find_voxels(path: Path) -> VoxelData | None:
    """Where the voxels of a file lie; None where they lie in a way that only Slicer's readers know."""
    name = path.name.lower()
    if is_left_handed(path):
        return None
    if name.endswith((".nii", ".nii.gz")):
        return _in_nifti(path)
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    found = _in_nrrd(path, start) if name.endswith((".nrrd", ".nhdr")) else _in_metaimage(path, start)
    return found if found is None or found.path.is_file() else None


class PackedSlices:
    """Deflated slices, read as they are asked for; forward at no cost, back by beginning again.

    Args:
        voxels: Where they are.
        shape: Slices, rows, columns.
        dtype: Their type.
    """

    def __init__(self, voxels: VoxelData, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> None:
        self._voxels, self._shape = voxels, shape
        self._dtype = dtype.newbyteorder(">" if voxels.big_endian else "<")
        self._source: _Unpacked | None = None
        self._next = 0

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Slices ``start`` to ``stop`` (not included), shape (stop - start, rows, columns).

        Raises:
            InputError: if the file ends too early, or is damaged.
        """
        if self._source is None or start < self._next:
            self._open()
        while self._next < start:
            self._slice()
        slices = [self._slice() for _ in range(start, stop)]
        plain = self._dtype.newbyteorder("=")
        return np.array(slices, plain) if slices else np.empty((0, *self._shape[1:]), plain)

    def _open(self) -> None:
        file = self._voxels.path.open("rb")
        file.seek(self._voxels.offset)
        self._source, self._next = _Unpacked(file), 0
        _read(self._source, self._voxels.skip, self._voxels.path)

    def _slice(self) -> NDArray[Any]:
        slices, rows, columns = self._shape
        assert self._source is not None
        data = _read(self._source, rows * columns * self._dtype.itemsize, self._voxels.path)
        if len(data) < rows * columns * self._dtype.itemsize:
            raise _cut_off(self._voxels.path, self._next, slices)
        self._next += 1
        return np.frombuffer(data, self._dtype).reshape(rows, columns)


def fill_from_voxels(target: Target, voxels: VoxelData, dtype: np.dtype[Any], progress: Progress) -> None:
    """Fill a volume slice by slice.

    Args:
        target: What to fill.
        voxels: Where they are.
        dtype: Their type.
        progress: Told after every slice.

    Raises:
        InputError: if the file ends too early, or is damaged.
    """
    slices, rows, columns = target.shape
    dtype = dtype.newbyteorder(">" if voxels.big_endian else "<")
    size = rows * columns * dtype.itemsize
    with voxels.path.open("rb") as file:
        file.seek(voxels.offset)
        source = _Unpacked(file) if voxels.packed else file
        _read(source, voxels.skip, voxels.path)
        for index in range(slices):
            data = _read(source, size, voxels.path)
            if len(data) < size:
                raise _cut_off(voxels.path, index, slices)
            target[index] = np.frombuffer(data, dtype).reshape(rows, columns)
            progress.report((index + 1) / slices, f"loading slice {index + 1} of {slices}")


class _Unpacked:
    """Deflated data, unpacked as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._packing = file, zlib.decompressobj(_ANY_PACKING)

    def read(self, size: int) -> bytes:
        parts, missing = [], size
        while missing and not self._packing.eof:
            packed = self._packing.unconsumed_tail or self._file.read(_BLOCK_BYTES)
            part = self._packing.decompress(packed, missing)
            if not part and not packed:
                break
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _read(source: BinaryIO | _Unpacked, size: int, path: Path) -> bytes:
    try:
        return source.read(size)
    except zlib.error as error:
        raise InputError("volume-unreadable", f"{path} is damaged: {error}.", "Copy it again.") from error


def _in_nrrd(path: Path, start: bytes) -> VoxelData | None:
    end = re.search(rb"\r?\n\r?\n", start)
    header = start[: end.start()] if end else start
    fields = {key.lower(): value for key, value in _NRRD_LINE.findall(header.decode("latin-1"))}
    packing = {"raw": False, "gzip": True, "gz": True}.get(fields.get("encoding", "").lower())
    data = fields.get("data file", fields.get("datafile", ""))
    unusual = any(key in fields for key in ("line skip", "lineskip", "byte skip", "byteskip")) or "%" in data
    if packing is None or unusual or (end is None and not data):
        return None
    place, offset = (path.parent / data, 0) if data else (path, end.end() if end else 0)
    return VoxelData(place, offset, packing, fields.get("endian", "").lower() == "big")


def _in_metaimage(path: Path, start: bytes) -> VoxelData | None:
    end = re.search(rb"^ElementDataFile\s*=.*\n?", start, re.MULTILINE)
    if end is None:
        return None
    fields = dict(_META_LINE.findall(start[: end.end()].decode("latin-1")))
    data = fields["ElementDataFile"]
    if fields.get("BinaryData", "True") != "True" or int(fields.get("HeaderSize", 0)) or " " in data or "%" in data:
        return None
    msb = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False"))
    place, offset = (path, end.end()) if data == "LOCAL" else (path.parent / data, 0)
    return VoxelData(place, offset, fields.get("CompressedData", "False") == "True", msb == "True")


def _in_nifti(path: Path) -> VoxelData | None:
    header = read_nifti_header(path)
    if header.is_scaled:
        return None
    packed = path.suffix.lower() == ".gz"
    before = (0, header.offset) if packed else (header.offset, 0)  # the header is packed with the voxels
    return VoxelData(path, before[0], packed, header.big_endian, before[1])


def _cut_off(path: Path, index: int, slices: int) -> InputError:
    return InputError("cut-off", f"{path} ends within slice {index + 1} of {slices}.", "Copy it again.")
