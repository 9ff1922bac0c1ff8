"""Headers of files whose voxels follow as they are.

Sources: teem.sourceforge.net/nrrd/format.html, itk.org/Wiki/ITK/MetaIO/Documentation, nifti.nimh.nih.gov/nifti-1.
Those of TIFF are tifffile's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import OutputError
from batterycell.io.save_tiff import tiff_words
from batterycell.io.segments import segment_fields

from .content import Content

_LPS = np.array([-1.0, -1.0, 1.0])
_NRRD = {"float32": "float", "float64": "double"}
_META = {
    "uint8": "UCHAR", "int8": "CHAR", "uint16": "USHORT", "int16": "SHORT", "uint32": "UINT", "int32": "INT",
    "uint64": "ULONG_LONG", "int64": "LONG_LONG", "float32": "FLOAT", "float64": "DOUBLE",
}  # fmt: skip
_NIFTI = {
    "uint8": 2, "int16": 4, "int32": 8, "float32": 16, "float64": 64, "int8": 256, "uint16": 512, "uint32": 768,
    "int64": 1024, "uint64": 1280,
}  # fmt: skip
_NIFTI_BYTES, _NIFTI_MM, _MOST_SIDE = 352, 2, 32767


@dataclass(frozen=True)
class Header:
    """What comes before the voxels.

    Args:
        offset: Bytes before the first voxel; None where only the file itself tells.
        dtype: Of the voxels in the file.
        write: Writes it into a new file.
    """

    offset: int | None
    dtype: np.dtype[Any]
    write: Callable[[Path], Any]


def header_of(content: Content, path: Path) -> Header:
    """The header of a file of a volume, by the file's name.

    Raises:
        OutputError: if the format cannot hold it.
    """
    name = path.name.lower()
    if name.endswith(".nrrd"):
        return _bytes(_nrrd(content, name), content)
    if name.endswith(".mha"):
        return _bytes(_metaimage(content), content)
    return _bytes(_nifti(content), content) if name.endswith(".nii") else _tiff(content)


def _bytes(header: bytes, content: Content) -> Header:
    return Header(len(header), content.source.dtype.newbyteorder("<"), lambda path: path.write_bytes(header))


def _nrrd(content: Content, name: str) -> bytes:
    matrix = content.place.ijk_to_ras
    lps = matrix[:3] * _LPS[:, None]
    fields = segment_fields(content.segments, content.source.shape) if name.endswith(".seg.nrrd") else {}
    lines = [
        "NRRD0004",
        f"type: {_NRRD.get(content.source.dtype.name, content.source.dtype.name)}",
        "dimension: 3",
        "space: left-posterior-superior",
        "sizes: " + _row(content.source.shape[::-1]),
        "space directions: " + " ".join(f"({_row(lps[:, axis], ',')})" for axis in range(3)),
        "kinds: domain domain domain",
        "endian: little",
        "encoding: raw",
        f"space origin: ({_row(lps[:, 3], ',')})",
        *(f"{key}:={value}" for key, value in fields.items()),
    ]
    return ("\n".join(lines) + "\n\n").encode()


def _metaimage(content: Content) -> bytes:
    volume = content.place
    lps = volume.ijk_to_ras[:3] * _LPS[:, None]
    directions = lps[:, :3] / volume.spacing_mm
    lines = [
        "ObjectType = Image",
        "NDims = 3",
        "BinaryData = True",
        "BinaryDataByteOrderMSB = False",
        "CompressedData = False",
        "TransformMatrix = " + _row(directions.T.ravel()),
        "Offset = " + _row(lps[:, 3]),
        "ElementSpacing = " + _row(volume.spacing_mm),
        "DimSize = " + _row(content.source.shape[::-1]),
        f"ElementType = MET_{_META[content.source.dtype.name]}",
        "ElementDataFile = LOCAL",
    ]
    return ("\n".join(lines) + "\n").encode()


def _nifti(content: Content) -> bytes:
    shape, dtype = content.source.shape, content.source.dtype
    if max(shape) > _MOST_SIDE:
        message = f"NIfTI holds at most {_MOST_SIDE} voxels a side, there are {max(shape)}."
        raise OutputError("nifti-large", message, "Write .nrrd or .ome.zarr.")
    header = bytearray(_NIFTI_BYTES)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, _NIFTI[dtype.name], 8 * dtype.itemsize)
    struct.pack_into("<8f", header, 76, 1.0, *content.place.spacing_mm, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<3f", header, 108, _NIFTI_BYTES, 1.0, 0.0)
    struct.pack_into("<B", header, 123, _NIFTI_MM)
    struct.pack_into("<2h", header, 252, 0, 1)
    struct.pack_into("<12f", header, 280, *content.place.ijk_to_ras[:3].ravel())
    struct.pack_into("<4s", header, 344, b"n+1\0")
    return bytes(header)


def _tiff(content: Content) -> Header:
    import tifffile

    words = tiff_words(content.place, content.source.dtype, content.source.voxels * content.source.dtype.itemsize)
    order: Literal["<", ">"] = ">" if words.get("imagej") else "<"
    dtype = content.source.dtype.newbyteorder(order)

    def write(path: Path) -> None:
        tifffile.memmap(path, shape=content.source.shape, dtype=content.source.dtype, byteorder=order, **words)

    return Header(None, dtype, write)


def _row(values: Any, between: str = " ") -> str:
    numbers: NDArray[Any] = np.asarray(values)
    return between.join(repr(value) for value in numbers.tolist())
