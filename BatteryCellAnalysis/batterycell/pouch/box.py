"""Grey values on a box of places that stands along a cell's own axes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.progress import Progress
from batterycell.reslice.sampling import in_threads
from batterycell.reslice.trilinear import trilinear
from batterycell.volume import Volume

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """Grey values of columns through a stack.

    Args:
        frame: x and y lie in the sheets, z is the direction of stacking.
        x: Evenly spaced places in mm, shape (nx,).
        y: Likewise, shape (ny,).
        z: Likewise, shape (nz,).
        grey: Shape (ny, nx, nz), float32; 0 outside the volume.
        known: Whether the volume reaches there, same shape.
    """

    frame: CellFrame
    x: Floats
    y: Floats
    z: Floats
    grey: NDArray[np.float32]
    known: NDArray[np.bool_]

    @property
    def step(self) -> float:
        """Distance of columns in mm."""
        return float(self.x[1] - self.x[0])

    @property
    def z_step(self) -> float:
        """Distance of places along a column in mm."""
        return float(self.z[1] - self.z[0])

    def between(self, part: slice) -> Box:
        """Only a part of every column."""
        return replace(self, z=self.z[part], grey=self.grey[..., part], known=self.known[..., part])

    def shifted(self, shift: Floats) -> Box:
        """Every column moved by its own distance (ny, nx) in mm: what was at z + shift is at z then."""
        position = np.arange(len(self.z)) + shift[..., None] / self.z_step
        low = np.clip(np.floor(position).astype(int), 0, len(self.z) - 2)
        share = (position - low).astype(np.float32)
        left, right = (np.take_along_axis(self.grey, low + step, axis=2) for step in (0, 1))
        known = np.take_along_axis(self.known, low, axis=2) & (position >= 0) & (position <= len(self.z) - 1)
        return replace(self, grey=left + share * (right - left), known=known)


def sample_box(volume: Volume, frame: CellFrame, x: Floats, y: Floats, z: Floats, progress: Progress) -> Box:
    """Grey values, linearly interpolated, at all combinations of places in mm along the frame's axes."""
    grey = np.empty((len(y), len(x), len(z)), np.float32)
    known = np.empty(grey.shape, bool)
    matrix, offset = to_kji(volume, frame)
    across = matrix[:, 0, None, None] * x[:, None] + matrix[:, 2, None, None] * z

    def fill(row: int) -> None:
        kji = (across + (matrix[:, 1] * y[row] + offset)[:, None, None]).astype(np.float32)
        grey[row], known[row] = sample(volume, kji)

    in_threads(fill, len(y), progress, "looking for the stack")
    return Box(frame, x, y, z, grey, known)


def to_kji(volume: Volume, frame: CellFrame) -> tuple[Floats, Floats]:
    """Matrix (3, 3) and offset (3,) from x, y, z in mm of a frame to array indices (k, j, i)."""
    inverse = np.linalg.inv(volume.ijk_to_ras[:3, :3])[::-1]
    return inverse @ frame.basis, inverse @ (frame.origin - volume.ijk_to_ras[:3, 3])


def sample(volume: Volume, kji: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Values at continuous indices (3, ...) and whether they lie in the volume; 0 where they do not."""
    last = np.array(volume.array.shape, np.float32).reshape(3, *(1,) * (kji.ndim - 1)) - np.float32(0.5)
    known = np.all((kji >= np.float32(-0.5)) & (kji <= last), axis=0)
    grey = trilinear(volume.array, kji, np.float32)
    return np.where(known, grey, np.float32(0)), known


def reach_mm(volume: Volume, frame: CellFrame) -> tuple[Floats, Floats]:
    """Lowest and highest x, y, z in mm of a frame that the volume reaches, shape (3,) each."""
    last = np.array(volume.array.shape[::-1]) - 1
    corners = np.array([[i, j, k] for i in (0, last[0]) for j in (0, last[1]) for k in (0, last[2])])
    places = (volume.to_ras(corners) - frame.origin) @ frame.basis
    return places.min(axis=0), places.max(axis=0)
