"""Volumes as NRRD files, in small steps: Slicer's own writer takes them in one go."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .volumes import volume_from_node

_CHUNK_BYTES = 4_000_000
# Objects pack well at any level; to zlib, the bits of a window with gzip's header around it.
_FAST, _GZIP = 1, 31


def write_raw_nrrd(node: Any, path: Path) -> Iterator[float]:
    """Write a scalar volume; yields the share that is written, after each step of a few milliseconds."""
    volume = volume_from_node(node)
    flat = volume.array.reshape(-1)
    step = max(1, _CHUNK_BYTES // flat.itemsize)
    with path.open("wb") as file:
        file.write(nrrd_header(volume.array, volume.ijk_to_ras).encode("ascii"))
        for start in range(0, flat.size, step):
            file.write(flat[start : start + step].data)
            yield min(1.0, (start + step) / flat.size)


def write_packed_nrrd(array: NDArray[Any], ijk_to_ras: NDArray[np.float64], path: Path) -> Iterator[float]:
    """Write a deflated label volume slice by slice, so that none of it is held twice; yields the share written.

    Args:
        array: Shape (k, j, i), unsigned whole numbers.
        ijk_to_ras: Shape (4, 4), mm.
        path: Where to, ``.nrrd``.
    """
    packing = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    with path.open("wb") as file:
        file.write(nrrd_header(array, ijk_to_ras, "gzip").encode("ascii"))
        for number, plane in enumerate(array, 1):
            file.write(packing.compress(np.ascontiguousarray(plane).data))
            yield number / len(array)
        file.write(packing.flush())


def nrrd_header(array: NDArray[Any], ijk_to_ras: NDArray[np.float64], encoding: str = "raw") -> str:
    """The header of an NRRD file with its voxels behind it; http://teem.sourceforge.net/nrrd/format.html.

    Args:
        array: Shape (k, j, i); its values are not looked at.
        ijk_to_ras: Shape (4, 4), mm.
        encoding: "raw" or "gzip".
    """
    *axes, origin = (ijk_to_ras[:3] * np.array([[-1.0], [-1.0], [1.0]])).T.tolist()
    lines = (
        "NRRD0004",
        f"type: {array.dtype.name.replace('float32', 'float').replace('float64', 'double')}",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, reversed(array.shape)))}",
        f"space directions: {' '.join(map(_vector, axes))}",
        "kinds: domain domain domain",
        f"endian: {'little' if np.little_endian else 'big'}",
        f"encoding: {encoding}",
        f"space origin: {_vector(origin)}",
    )
    return "\n".join(lines) + "\n\n"


def _vector(numbers: list[float]) -> str:
    return f"({','.join(map(repr, numbers))})"
