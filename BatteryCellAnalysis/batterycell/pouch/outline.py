"""The outline of the cathodes in the plane of the sheets, and which of its sides the volume shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .box import Box

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
SideName = Literal["x-", "x+", "y-", "y+"]
SIDES: tuple[SideName, ...] = get_args(SideName)

_FEW = 30  # percent: most layers are cathodes; those of the case are bright everywhere
_BEYOND = 2  # columns beyond the edge that must lie in the volume as well
_RING = (2, 4)  # columns beyond the outline: there a cathode has ended and the case goes on
_GOES_ON = 0.6  # of a layer's grey value within the outline


@dataclass(frozen=True)
class Side:
    """One side of the stack.

    Args:
        name: x-, x+, y- or y+ of the stack's frame.
        level_mm: How far from the frame's middle the cathodes end, about; outward is positive.
        along_mm: From and to where along the side the cathodes' edge lies in the volume.
        in_volume: Whether it does anywhere.
    """

    name: SideName
    level_mm: float
    along_mm: tuple[float, float]
    in_volume: bool

    @property
    def axis(self) -> int:
        """0 where the side faces along x, 1 along y."""
        return SIDES.index(self.name) // 2

    @property
    def sign(self) -> int:
        """+1 where outward is the axis' direction."""
        return 2 * (SIDES.index(self.name) % 2) - 1


def layer_pictures(box: Box, heights: Floats) -> NDArray[np.float32]:
    """Grey values (layers, ny, nx) of flattened columns at some heights in mm."""
    rows = np.clip(np.round((heights - box.z[0]) / box.z_step).astype(int), 0, len(box.z) - 1)
    return np.moveaxis(box.grey[..., rows], -1, 0)


def find_outline(pictures: NDArray[np.float32], middle: tuple[int, int]) -> Mask:
    """Where the cathodes lie, shape (ny, nx): about the middle, brighter than half of what it is there."""
    typical = np.percentile(pictures, _FEW, axis=0)
    row, column = middle
    inside = np.median(typical[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3])
    labels, _ = ndimage.label(ndimage.binary_opening(typical > 0.5 * inside))
    return np.asarray(ndimage.binary_fill_holes(labels == labels[row, column]) & (labels[row, column] > 0))


def without_case(pictures: NDArray[np.float32], outline: Mask, known: Mask) -> Mask:
    """Which layers end where the outline does, shape (layers,): the others belong to the case."""
    near, far = (ndimage.binary_dilation(outline, iterations=n) for n in _RING)
    ring, core = far & ~near & known, ndimage.binary_erosion(outline, iterations=2)
    if not ring.any():
        return np.ones(len(pictures), bool)
    return np.asarray(pictures[:, ring].mean(axis=1) < _GOES_ON * pictures[:, core].mean(axis=1))


def find_turn(pictures: NDArray[np.float32], outline: Mask) -> float:
    """Angle in radians, within ±45°, from the box' x to the edges' nearest direction.

    The gradients across straight edges at right angles share one direction when their angles are taken four times.
    """
    typical = ndimage.gaussian_filter(np.percentile(pictures, _FEW, axis=0), 1.0)
    border = ndimage.binary_dilation(outline, iterations=2) & ~ndimage.binary_erosion(outline, iterations=2)
    down, right = (part[border] for part in np.gradient(typical))
    return float(np.angle(np.sum((right + 1j * down) ** 4 / np.maximum(right**2 + down**2, 1e-12))) / 4)


def find_sides(box: Box, outline: Mask, known: Mask) -> tuple[Side, ...]:
    """The four sides of an outline whose edges run along the box; known: columns that lie in the volume."""
    return tuple(_side(name, box, outline, known) for name in SIDES)


def _side(name: SideName, box: Box, outline: Mask, known: Mask) -> Side:
    axis, outward = SIDES.index(name) // 2, 2 * (SIDES.index(name) % 2) - 1
    across, along = (box.x, box.y) if axis == 0 else (box.y, box.x)
    mask, inside = (picture if axis == 0 else picture.T for picture in (outline, known))  # rows run along the side
    edge = np.where(mask, outward * across, -np.inf).max(axis=1)
    column = np.searchsorted(across, outward * np.nan_to_num(edge, neginf=0.0)) + outward * _BEYOND
    within = (column >= 0) & (column < len(across))
    seen = np.isfinite(edge) & within & inside[np.arange(len(edge)), np.clip(column, 0, len(across) - 1)]
    level = float(np.median(edge[seen])) if seen.any() else float(np.median(edge[np.isfinite(edge)]))
    straight = seen & (np.abs(edge - level) < 6 * box.step)
    if straight.sum() < 4:
        return Side(name, level, (float(along[mask.any(axis=1)][0]), float(along[mask.any(axis=1)][-1])), False)
    return Side(name, level + 0.5 * box.step, (float(along[straight][0]), float(along[straight][-1])), True)
