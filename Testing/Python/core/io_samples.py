"""Small images that the tests of loading write and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from batterycell.io import LoadOptions
from numpy.typing import NDArray

SHAPE = (17, 18, 20)
VOXEL = (20.0, 10.0, 12.5)
GIVEN = LoadOptions(voxel_size_um=VOXEL)


def grey(dtype: str = "uint16", shape: tuple[int, ...] = SHAPE) -> NDArray[Any]:
    """Voxels that differ from each other in every direction, over the whole range of small types."""
    values = np.random.default_rng(1).integers(0, 256, shape)
    return (values - 128 if np.dtype(dtype).kind != "u" else values).astype(dtype)


def write_slices(folder: Path, array: NDArray[Any], pattern: str = "im{:03d}.tif", **options: Any) -> list[Path]:
    """One TIFF file a slice, numbered from 1."""
    import tifffile

    folder.mkdir(exist_ok=True)
    files = [folder / pattern.format(index + 1) for index in range(len(array))]
    for file, image in zip(files, array, strict=True):
        tifffile.imwrite(file, image, **options)
    return files


def write_nrrd(path: Path, array: NDArray[Any], fields: str) -> Path:
    """An NRRD file with just these header fields, uncompressed."""
    sizes = " ".join(str(n) for n in reversed(array.shape))
    order = "big" if array.dtype.byteorder == ">" else "little"
    names = {"uint8": "uchar", "int16": "short", "uint16": "ushort", "float32": "float", "int64": "longlong"}
    header = f"NRRD0004\ntype: {names[array.dtype.name]}\ndimension: {array.ndim}\nsizes: {sizes}\nendian: {order}\n"
    path.write_bytes(f"{header}encoding: raw\n{fields}\n\n".encode() + array.tobytes())
    return path


def write_mha(path: Path, array: NDArray[Any], fields: str = "") -> Path:
    """A MetaImage file of uint16 with just these header fields, uncompressed."""
    sizes = " ".join(str(n) for n in reversed(array.shape))
    header = f"ObjectType = Image\nNDims = 3\nBinaryData = True\n{fields}DimSize = {sizes}\nElementType = MET_USHORT\n"
    path.write_bytes(f"{header}ElementDataFile = LOCAL\n".encode() + array.astype("<u2").tobytes())
    return path


def write_nifti(path: Path, array: NDArray[Any], spacing: tuple[float, float, float], unit: int) -> Path:
    """A NIfTI-1 file of uint16 with spacing (x, y, z) and a unit: 0 none, 1 m, 2 mm, 3 µm."""
    import gzip
    import struct

    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *reversed(array.shape), 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 512, 16)
    struct.pack_into("<8f", header, 76, 1.0, *spacing, 0, 0, 0, 0)
    struct.pack_into("<fff", header, 108, 352.0, 1.0, 0.0)
    struct.pack_into("<B", header, 123, unit)
    struct.pack_into("<hh", header, 252, 0, 1)
    for row, size in enumerate(spacing):
        struct.pack_into("<f", header, 280 + 16 * row + 4 * row, size)
    header[344:348] = b"n+1\0"
    content = bytes(header) + array.astype("<u2").tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
