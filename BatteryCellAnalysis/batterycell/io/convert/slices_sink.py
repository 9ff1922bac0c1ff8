"""Folders of TIFF slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .content import Content
from .sinks import slab_depth, slice_bytes

_UM_PER_CM = 1e4
_COPIES = 4


class SlicesSink:
    """Writes a file a slice, with the pixel size; the distance of slices has no place in such files.

    Args:
        content: What is converted.
        path: The folder.
    """

    def __init__(self, content: Content, path: Path) -> None:
        path.mkdir(exist_ok=True)
        self._content, self._path = content, path
        self._digits = max(4, len(str(content.source.shape[0])))
        self.depth, self.later = slab_depth(content), 0
        self.memory = _COPIES * self.depth * slice_bytes(content)

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Write a file a slice."""
        import tifffile

        x, y, _ = self._content.place.spacing_mm * UM_PER_MM
        for number, image in enumerate(slices, start + 1):
            path = self._path / f"slice_{number:0{self._digits}d}.tif"
            resolution = (_UM_PER_CM / x, _UM_PER_CM / y)
            tifffile.imwrite(path, image, resolution=resolution, resolutionunit="CENTIMETER", metadata=None)

    def add(self, piece: int) -> None:
        """Nothing comes after."""

    def close(self) -> None:
        """All is there."""
