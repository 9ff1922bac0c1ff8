"""Where the cell stands in the scanned volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import UsageError
from batterycell.orient import CellFrame
from batterycell.volume import UM_PER_MM, Volume

from .scan_settings import Scan

Array = NDArray[Any]
MOST_VOXELS = 2_000_000_000
FEWEST_VOXELS = 1000
NARROWEST = 0.03


@dataclass(frozen=True)
class Extent:
    """The cylinder that the volume has to hold.

    Args:
        radius_mm: Its radius.
        height_mm: Its height.
    """

    radius_mm: float
    height_mm: float


def place_cell(extent: Extent, scan: Scan) -> tuple[Volume, CellFrame]:
    """An empty volume that holds the cell, and the frame of the cell in it; heights count from the can's base."""
    crop = scan.crop_mm or (0.0, extent.height_mm)
    volume, up, centre = empty_volume(scan, scan.shape or _needed_shape(extent.radius_mm, crop[1] - crop[0], scan))
    middle_height = extent.height_mm - (crop[0] + crop[1]) / 2
    return volume, CellFrame.from_axis(centre - middle_height * up, up, volume.ijk_to_ras)


def empty_volume(scan: Scan, shape: tuple[int, int, int]) -> tuple[Volume, Array, Array]:
    """A volume of a shape (k, j, i), the cell's direction in it (base to cap) and the cell's middle, in RAS mm.

    Raises:
        UsageError: if the volume would not fit into memory.
    """
    if not MOST_VOXELS >= np.prod(shape, dtype=float) >= FEWEST_VOXELS:
        size = " x ".join(map(str, shape))
        raise UsageError("phantom-shape", f"A volume of {size} voxels holds no cell.", "Choose other voxels or crop.")
    volume = Volume.from_stack(np.zeros(shape, np.uint8), scan.voxel_size_um, "phantom", "phantom")
    centre = (np.array(shape[::-1]) - 1) / 2 + np.array(scan.shift_um) / np.array(scan.voxel_size_um[::-1])
    return volume, _axis_in_ras(volume, scan), volume.to_ras(centre)


def _needed_shape(radius: float, height: float, scan: Scan) -> tuple[int, int, int]:
    tilt = np.radians(scan.tilt_deg)
    along = height * np.cos(tilt) + (0 if scan.crop_mm else 2 * radius * np.sin(tilt) + 2 * scan.margin_mm)
    across = 2 * radius * np.cos(tilt) + height * np.sin(tilt) + 2 * scan.margin_mm
    size = np.where(np.array(["k", "j", "i"]) == scan.axis, along, across)
    k, j, i = np.ceil(size * UM_PER_MM / np.array(scan.voxel_size_um)).astype(int).tolist()
    return k, j, i


def _axis_in_ras(volume: Volume, scan: Scan) -> NDArray[np.float64]:
    """Unit vector from the base to the cap."""
    axes = volume.ijk_to_ras[:3, :3] / np.linalg.norm(volume.ijk_to_ras[:3, :3], axis=0)
    along = "ijk".index(scan.axis)
    first, second = (index for index in range(3) if index != along)
    tilt, toward = np.radians(scan.tilt_deg), np.radians(scan.tilt_toward_deg)
    sideways = np.cos(toward) * axes[:, first] + np.sin(toward) * axes[:, second]
    up = axes[:, along] * (-1 if scan.upside_down else 1)
    return np.asarray(np.cos(tilt) * up + np.sin(tilt) * sideways)


@dataclass(frozen=True)
class Grid:
    """The voxels of a volume in the cell's coordinates: x at angle 0°, y at angle 90°, z up, in mm.

    Args:
        matrix: Shape (3, 3); displacement in x, y, z for a step in k, j, i.
        start: x, y, z of voxel (0, 0, 0).
        shape: Shape (k, j, i).
        soften_mm: Width of a box that voxels average over along the radius besides their own extent: the part of the
            scanner's point spread that must act before sampling, or a foil thinner than a voxel jumps between voxels.
    """

    matrix: NDArray[np.float64]
    start: NDArray[np.float64]
    shape: tuple[int, int, int]
    soften_mm: float

    @classmethod
    def of(cls, volume: Volume, frame: CellFrame, soften_mm: float = 0.0) -> Grid:
        """The grid of a volume around a cell."""
        step = frame.basis.T @ volume.ijk_to_ras[:3, :3]
        start = frame.basis.T @ (volume.ijk_to_ras[:3, 3] - frame.origin)
        k, j, i = volume.array.shape
        return cls(step[:, ::-1], start, (k, j, i), soften_mm)

    def points(self, slices: slice, rows: slice) -> tuple[Array, Array, Array]:
        """x, y, z of the voxels in some slices and rows, float32, each of shape (slices, rows, columns)."""
        k = np.arange(slices.start, slices.stop, dtype=np.float64)[:, None, None]
        j = np.arange(rows.start, rows.stop, dtype=np.float64)[None, :, None]
        i = np.arange(self.shape[2], dtype=np.float64)[None, None, :]
        x, y, z = (
            (row[0] * k + start).astype(np.float32) + (row[1] * j).astype(np.float32) + (row[2] * i).astype(np.float32)
            for row, start in zip(self.matrix, self.start, strict=True)
        )
        return x, y, z

    @property
    def along(self) -> float:
        """Width in mm of the box with a voxel's variance along the cell's axis."""
        return float(np.linalg.norm(self.matrix[2]))

    def across(self, cosine: Array, sine: Array) -> tuple[Array, Array]:
        """Widths in mm of two boxes whose convolution is a voxel and its softening seen along the radius.

        The wider first. The voxel's projection is a convolution of three boxes, one an edge; all but the widest join
        the narrower one by their variance.
        """
        edges = [np.abs(np.float32(x) * cosine + np.float32(y) * sine) for x, y, _ in self.matrix.T]
        wide = np.maximum(np.maximum(edges[0], edges[1]), np.maximum(edges[2], np.float32(NARROWEST * self.along)))
        squares = edges[0] ** 2 + edges[1] ** 2 + edges[2] ** 2 + np.float32(self.soften_mm**2)
        rest = np.sqrt(np.maximum(squares - wide**2, (np.float32(NARROWEST) * wide) ** 2))
        return np.maximum(wide, rest), np.minimum(wide, rest)

    @property
    def along_boxes(self) -> tuple[float, float]:
        """Widths in mm of two boxes whose convolution is a voxel and its softening seen along the cell's axis."""
        widths = sorted([self.along, max(self.soften_mm, NARROWEST * self.along)])
        return widths[1], widths[0]

    @property
    def in_plane(self) -> float:
        """Width in mm of the box with a voxel's mean variance across the cell's axis."""
        return float(np.sqrt((self.matrix[:2] ** 2).sum() / 2))
