"""NIfTI as one stream of gzip: written slice after slice, and begun again after a break."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .content import Content
from .headers import header_of
from .sinks import slab_depth, slice_bytes

_COPIES = 4
_LEVEL = 6  # as zlib's own


class GzipSink:
    """Writes a header and then the voxels, deflated.

    Args:
        content: What is converted.
        path: The file; one that is there already is written anew.
    """

    def __init__(self, content: Content, path: Path) -> None:
        self.depth, self.later = slab_depth(content), 0
        self.memory = _COPIES * self.depth * slice_bytes(content)
        header = header_of(content, path.with_suffix(""))
        header.write(path)
        start = path.read_bytes()
        self._dtype = header.dtype
        self._file = gzip.open(path, "wb", _LEVEL)  # noqa: SIM115 - `close` closes it
        self._file.write(start)

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Write slices behind those before them."""
        self._file.write(np.ascontiguousarray(slices.astype(self._dtype, copy=False)).data)

    def add(self, piece: int) -> None:
        """Nothing comes after."""

    def close(self) -> None:
        """Write what is left."""
        self._file.close()
