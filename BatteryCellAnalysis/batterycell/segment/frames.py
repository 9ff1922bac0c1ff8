"""Frames: the rectangles and boxes of images in which a person paints, validates, or only looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import Volume

Role = Literal["training", "validation", "mixed", "monitoring"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Frame:
    """A rectangle on a slice of any orientation (one voxel thick), or a box.

    Args:
        name: Short name, unique in its project.
        image: Name of the image it lies in.
        centre_mm: Its centre (3,) in the image's own RAS.
        axes: (3, 3); columns are the unit vectors along its columns (array axis -1), rows (-2) and slices (-3), in RAS.
        size_mm: Its lengths along these three axes.
        role: Training, validation, mixed (part of it validates), or monitoring (only looked at).
        full: Whether every pixel in it was labelled; else unpainted pixels are unknown.
    """

    name: str
    image: str
    centre_mm: tuple[float, float, float]
    axes: tuple[tuple[float, float, float], ...]
    size_mm: tuple[float, float, float]
    role: Role = "training"
    full: bool = False

    @classmethod
    def of_voxels(cls, name: str, image: str, volume: Volume, start: tuple[int, ...], stop: tuple[int, ...]) -> Frame:
        """The frame of a block of whole voxels of a volume.

        Args:
            name: The frame's name.
            image: The image's name.
            volume: The image's grid.
            start: First voxel (k, j, i).
            stop: One past the last voxel (k, j, i).
        """
        low, high = np.array(start[::-1], float) - 0.5, np.array(stop[::-1], float) - 0.5
        axes = volume.ijk_to_ras[:3, :3] / volume.spacing_mm
        size = (high - low) * volume.spacing_mm
        rows = tuple(tuple(row) for row in axes.tolist())
        return cls(name, image, tuple(volume.to_ras((low + high) / 2).tolist()), rows, tuple(size.tolist()))

    @classmethod
    def of_slice(cls, name: str, image: str, volume: Volume, k: int) -> Frame:
        """The frame of a whole slice of a volume."""
        _, rows, columns = volume.array.shape
        return cls.of_voxels(name, image, volume, (k, 0, 0), (k + 1, rows, columns))

    def with_role(self, role: Role) -> Frame:
        """The frame with another role."""
        return replace(self, role=role)

    @property
    def to_ras(self) -> NDArray[np.float64]:
        """(4, 4): from mm along its axes, about its centre, to RAS mm."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = np.array(self.axes), self.centre_mm
        return matrix
