"""Compressed formats, which are written at once, from memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.medical import write_oriented

from .content import Content
from .sinks import slab_depth


class MemorySink:
    """Collects a volume.

    Args:
        content: What is converted.
        path: The file.
    """

    def __init__(self, content: Content, path: Path) -> None:
        self._content, self._path = content, path
        self._array = np.empty(content.source.shape, content.source.dtype)
        self.depth, self.later = slab_depth(content), 0
        self.memory = 2 * self._array.nbytes  # the writer's own copy

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Keep slices."""
        self._array[start : start + len(slices)] = slices

    def add(self, piece: int) -> None:
        """Nothing comes after."""

    def close(self) -> None:
        """Write the file."""
        write_oriented(replace(self._content.place, array=self._array), self._path)
