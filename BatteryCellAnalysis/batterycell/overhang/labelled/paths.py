"""Midlines of segmented sheets: cathodes in straight lines, anodes out of the windings along their lean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.trace import Strips, cut_strips, sample_along
from batterycell.winding import EndPlanes

from .falls import find_falls

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]

# In pitches.
_BELOW = (0.3, 1.8)  # a cathode's end: where its line is fitted
_ASIDE = 0.35  # of a sheet's middle: where it is looked for
_REACH = 1.5  # of an anode's place in the windings: how far it may lean
_STIFF = 0.1  # a slope is believed over a length of this, a bend over its square
_FOOT_VOXELS = (0.5, 2.0)  # above an anode's beginning: where it must stand
_THIN = 0.5  # columns of a class: fewer have no middle
_QUADRATURE = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True)
class Paths:
    """Midlines: radius = middle + slope x + bend x², x the height in mm above their origin; n of them.

    Args:
        angle: Index into the planes' angles, shape (n,).
        origin: Height in mm, shape (n,).
        middle: In mm, shape (n,).
        slope: Shape (n,).
        bend: Per mm, shape (n,).
    """

    angle: Indices
    origin: Floats
    middle: Floats
    slope: Floats
    bend: Floats

    def at(self, height: Floats) -> Floats:
        """Radius at heights of shape (h,) or (n, k); shape (n, h) or (n, k)."""
        x = height - self.origin[:, None]
        return np.asarray(self.middle[:, None] + self.slope[:, None] * x + self.bend[:, None] * x**2)

    def length(self, low: Floats, high: Floats) -> Floats:
        """Length along the midlines in mm between two heights (n,), negative where high lies below low.

        ∫ sqrt(1 + r'(h)²) dh by Gauss and Legendre's quadrature.
        """
        middle, half = (high + low) / 2, (high - low) / 2
        x = middle[:, None] + half[:, None] * _QUADRATURE[0] - self.origin[:, None]
        slope = self.slope[:, None] + 2 * self.bend[:, None] * x
        return np.asarray(half * (np.sqrt(1 + slope**2) @ _QUADRATURE[1]))

    def lean_deg(self, low: Floats, high: Floats) -> Floats:
        """Lean of the straight lines between two heights (n,), positive outward."""
        return np.asarray(np.degrees(np.arctan(self.slope + 2 * self.bend * ((low + high) / 2 - self.origin))))

    def chosen(self, which: Indices) -> Paths:
        """Some of them."""
        return Paths(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def straight_paths(
    planes: EndPlanes, image: Image, angle: Indices, place: tuple[Floats, Floats], pitch: float
) -> Paths:
    """Straight midlines of sheets below their ends.

    Args:
        planes: Half-planes.
        image: Share of the sheets' class, shape (a, h, r).
        angle: Index of each sheet's plane, shape (n,).
        place: Radius in the windings and rough height of the end in mm, shape (n,) each.
        pitch: Distance from turn to turn in mm.
    """
    radius, end = place
    strips = cut_strips(image, planes, angle, radius, _ASIDE * pitch)
    below = (end[:, None] - planes.heights) / pitch
    rows = (below > _BELOW[0]) & (below < _BELOW[1])
    weight = strips.values.sum(axis=2) * rows
    middle = (strips.values @ strips.offsets) / np.maximum(strips.values.sum(axis=2), 1e-6)
    line = _fit(planes.heights - end[:, None], middle, weight, pitch, bend=False)
    return Paths(angle, end, radius + line[:, 0], line[:, 1], line[:, 2])


def leaning_paths(
    planes: EndPlanes, image: Image, angle: Indices, place: tuple[Floats, Floats, Floats], pitch: float
) -> tuple[Paths, NDArray[np.bool_]]:
    """Midlines of anodes from a height on, followed out of the windings.

    Args:
        planes: Half-planes.
        image: Share of the anodes' class, shape (a, h, r).
        angle: Index of each sheet's plane, shape (m,).
        place: Radius from which it rises, height from which it is followed, and level of the cathodes in mm, (m,) each.
        pitch: Distance from turn to turn in mm.

    Returns:
        Midlines about that level, and whether the class stands where they begin, shape (m,).
    """
    radius, start, level = place
    strips = cut_strips(image, planes, angle, radius, _REACH * pitch)
    first = np.searchsorted(planes.heights, start)
    middle, weight = _follow(strips, first, _ASIDE * pitch)
    share = sample_along(image, planes, angle, radius[:, None] + middle)
    tip = find_falls(planes.heights, share, first, planes.voxel_axial_mm).height
    rows = (planes.heights >= start[:, None]) & (planes.heights < np.nan_to_num(tip, nan=-np.inf)[:, None])
    line = _fit(planes.heights - level[:, None], middle, weight * rows, pitch, bend=True)
    stands = _stands(planes, share, middle, start, pitch)
    return Paths(angle, level, radius + line[:, 0], line[:, 1], line[:, 2]), stands


def _follow(strips: Strips, first: Indices, aside: float) -> tuple[Floats, Floats]:
    """Middle of a class, row by row never farther aside than that of the row before, and how much there is, (m, h)."""
    count, rows, _ = strips.values.shape
    middle, weight = np.zeros((count, rows)), np.zeros((count, rows))
    last = np.zeros(count)
    for row in range(rows):
        near = np.where(np.abs(strips.offsets - last[:, None]) < aside, strips.values[:, row], 0.0)
        weight[:, row] = near.sum(axis=1)
        found = (near @ strips.offsets) / np.maximum(weight[:, row], 1e-6)
        last = np.where((row >= first) & (weight[:, row] > _THIN), found, last)
        middle[:, row] = last
    return middle, weight


def _stands(planes: EndPlanes, share: Floats, aside: Floats, start: Floats, pitch: float) -> NDArray[np.bool_]:
    """Whether sheets stand where they begin: what a path finds later may be a neighbour's, (m,)."""
    above = (planes.heights - start[:, None]) / planes.voxel_axial_mm
    rows = (above > _FOOT_VOXELS[0]) & (above < _FOOT_VOXELS[1])
    held = np.where(np.abs(aside) < _ASIDE * pitch, share, 0.0)
    return np.asarray((held * rows).sum(axis=1) > 0.5 * np.maximum(rows.sum(axis=1), 1))


def _fit(x: Floats, y: Floats, weight: Floats, pitch: float, bend: bool) -> Floats:
    """Weighted least squares of y (n, h) on 1, x and x²; what few rows tell of slope and bend is held back, (n, 3)."""
    powers = np.stack([np.ones_like(x), x, x**2], axis=2)
    total = weight.sum(axis=1)
    normal = np.einsum("nh,nhp,nhq->npq", weight, powers, powers)
    right = np.einsum("nh,nhp->np", weight * y, powers)
    held = (_STIFF * pitch) ** 2 * total
    normal[:, 0, 0] += 1e-9
    normal[:, 1, 1] += held + 1e-9
    normal[:, 2, 2] += held * (_STIFF * pitch) ** 2 + (1e-9 if bend else 1e9)
    return np.asarray(np.linalg.solve(normal, right[:, :, None])[:, :, 0])
