"""What sections need to know of a generated cell, wound or stacked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.pose import Grid

Array = NDArray[Any]
Kind = Literal["half", "whole", "offset", "oblique", "across"]
Size = tuple[float, float, float]
_LITTLE, _ANY = 0.25, 0.1


@dataclass(frozen=True)
class Pose:
    """How a plane lies in a cell, in the cell's coordinates.

    Args:
        anchor: A point that it shows, in mm.
        right: Unit vector along its rows.
        down: Unit vector along its columns.
        starts: Where along ``right`` it starts at the earliest, in mm from the origin; None where the cell does.
    """

    anchor: Array
    right: Array
    down: Array
    starts: float | None = None


class Cell(Protocol):
    """A generated cell that can be painted on any plane, in its own coordinates; see `Cylinder` and `Stack`."""

    @property
    def pitch_um(self) -> float:
        """From sheet to sheet."""

    @property
    def cathode_um(self) -> float:
        """Thickness of a cathode."""

    @property
    def has_can(self) -> bool:
        """Whether what is labelled as can is one: a pouch is none."""

    @property
    def is_round(self) -> bool:
        """Whether a pixel stands for all around the axis."""

    def paint(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Grey values and labels on a grid."""

    def voxel_um(self, across: float, along: float) -> Size:
        """Voxels along x, y, z, from their size across and along the sheets."""

    def softened(self, direction: Array) -> float:
        """How far painting softens along a unit vector: across the sheets."""

    def radius(self, points: Array) -> Array:
        """How far points (..., 3) lie from the middle, as a share of the cell's size."""

    def encloses(self, points: Array) -> Array:
        """Whether points (..., 3) lie inside the can or case."""

    def beyond_mm(self, points: Array) -> Array:
        """How far points lie beyond where the anodes end on the whole, in mm; negative within."""

    def box_mm(self) -> tuple[Array, Array]:
        """Lowest and highest corner in mm."""

    def pose(self, rng: np.random.Generator, kind: Kind) -> Pose:
        """A plane through the ends of some sheets."""


def turned(direction: Array, about: Array, angle: float) -> Array:
    """A unit vector turned about another one that it is normal to, by an angle in radians."""
    return np.asarray(direction * np.cos(angle) + np.cross(about, direction) * np.sin(angle))


def tilted(rng: np.random.Generator, pose: Pose) -> Pose:
    """A pose turned in its plane: seldom any way, else a little or not at all, as cells stand in scans."""
    chance = rng.random()
    most = 0.12 if chance < _LITTLE else np.pi if chance < _LITTLE + _ANY else 0.0
    angle, through = rng.uniform(-most, most), np.cross(pose.right, pose.down)
    right, down = (turned(one, through, angle) for one in (pose.right, pose.down))
    return Pose(pose.anchor, right, down, pose.starts if most == 0.0 else None)
