"""Label volumes in a folder, packed slice by slice: numbers of objects take a fiftieth of their room, on any disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import EllipsisType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint32]
Place = int | slice | tuple[slice, ...]
# Of zstd: higher levels take longer and hardly pack better.
_LEVEL = 1


def packed_labels(folder: Path, shape: tuple[int, int, int]) -> Labels:
    """A label volume in a folder, which is used like an array in memory; see `PackedLabels`."""
    return cast("Labels", PackedLabels(folder, shape))


def folder_of(labels: Labels) -> Path:
    """The folder that holds a label volume.

    Raises:
        TypeError: if it lies elsewhere.
    """
    if not isinstance(labels, PackedLabels):
        raise TypeError("instances that workers write lie in a folder")
    return labels.folder


class PackedLabels:
    """Labels (k, j, i), uint32, read and written like an array; what is read is a copy, which cannot be written to.

    Several processes may write different slices, or the same ones with the same labels. What nobody wrote is 0.

    Args:
        folder: Where they lie, a file a slice; made where it is not there.
        shape: (k, j, i).
    """

    dtype = np.dtype(np.uint32)

    def __init__(self, folder: Path, shape: tuple[int, int, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.shape = folder, shape

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def size(self) -> int:
        """Number of voxels."""
        return self.shape[0] * self.shape[1] * self.shape[2]

    def __getitem__(self, place: Place) -> Labels:
        slices, inside = self._parted(place)
        if isinstance(slices, int):
            return self._read(slices)[inside]
        found = np.empty((len(slices), *np.broadcast_to(False, self.shape[1:])[inside].shape), self.dtype)
        for one, k in zip(found, slices, strict=True):
            one[...] = self._read(k)[inside]
        found.flags.writeable = False
        return found

    def __setitem__(self, place: Place, values: Labels | int) -> None:
        slices, inside = self._parted(place)
        several = [slices] if isinstance(slices, int) else slices
        for k, own in zip(several, _each(values, several), strict=True):
            plane = np.empty(self.shape[1:], self.dtype) if inside is ... else np.array(self._read(k))
            plane[inside] = own
            self._write(k, plane)

    def __iter__(self) -> Iterator[Labels]:
        return map(self._read, range(len(self)))

    def is_whole(self, k: int) -> bool:
        """Whether somebody wrote a slice, and it can be read."""
        try:
            return self._path(k).is_file() and self._read(k).shape == self.shape[1:]
        except (OSError, ValueError, RuntimeError):  # of the disk, of the size, of the packer
            return False

    def forget(self, k: int) -> None:
        """As if nobody had written a slice."""
        self._path(k).unlink(missing_ok=True)

    def _parted(self, place: Place) -> tuple[int | range, EllipsisType | tuple[slice, ...]]:
        """Which slices, and where in them."""
        along, *rest = place if isinstance(place, tuple) else (place,)
        return range(len(self))[along], tuple(rest) or ...

    def _read(self, k: int) -> Labels:
        import imagecodecs

        try:
            packed = self._path(k).read_bytes()
        except FileNotFoundError:
            return np.zeros(self.shape[1:], self.dtype)
        return np.frombuffer(imagecodecs.zstd_decode(packed), self.dtype).reshape(self.shape[1:])

    def _write(self, k: int, plane: Labels) -> None:
        """Write a slice under another name first: a worker that is lost leaves a whole one, or none."""
        import imagecodecs

        path = self._path(k)
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            partial.write_bytes(imagecodecs.zstd_encode(plane.tobytes(), _LEVEL))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def _path(self, k: int) -> Path:
        return self.folder / f"{k:06d}.zst"


def _each(values: Any, slices: Sequence[int]) -> Iterator[Any]:
    """What each slice gets of values for all of them."""
    return iter(values) if np.ndim(values) == 3 else iter([values] * len(slices))
