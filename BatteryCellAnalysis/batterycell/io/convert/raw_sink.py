"""Formats of a header and then the voxels as they are: NRRD, MetaImage, NIfTI, TIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from batterycell.io.label_pictures import tiff_stack

from .content import Content
from .headers import header_of
from .sinks import slab_depth, slice_bytes

_COPIES = 4


class RawSink:
    """Writes a header, then the voxels, each slab at its place.

    Args:
        content: What is converted.
        path: The file; one that is there already is gone on with.
    """

    def __init__(self, content: Content, path: Path) -> None:
        self._path, self._bytes = path, slice_bytes(content)
        self.depth, self.later = slab_depth(content), 0
        self.memory = _COPIES * self.depth * self._bytes
        header = header_of(content, path)
        if not path.exists():
            header.write(path)
        self._offset = tiff_stack(path).offset if header.offset is None else header.offset
        self._dtype = header.dtype

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Write slices where they belong."""
        with self._path.open("r+b") as file:
            file.seek(self._offset + start * self._bytes)
            _put(file, slices.astype(self._dtype, copy=False))

    def add(self, piece: int) -> None:
        """Nothing comes after."""

    def close(self) -> None:
        """All is there."""


def _put(file: BinaryIO, array: NDArray[Any]) -> None:
    file.write(np.ascontiguousarray(array).data)
