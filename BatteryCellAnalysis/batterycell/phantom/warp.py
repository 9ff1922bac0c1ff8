"""Radial deformations of a cell: ovality, dents, a buckled core and the gap of a tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .roll_settings import JellyRoll, Tab
from .settings import CylindricalCell, Dent

Array = NDArray[Any]
# The step that the end of the sheets makes in the outer windings is this many times steeper than their spiral.
STEP_STEEPNESS = 6.0
FULL_WIDTH = 2 * np.sqrt(2 * np.log(2))


@dataclass(frozen=True)
class Warp:
    """Maps the radius in a perfect round cell to the radius in the deformed one and back, at one angle and height.

    Each deformation is linear in the radius between fixed radii, so the way back is exact.
    """

    spec: CylindricalCell

    def to_real(self, ideal: Array, angle: Array, height: Array) -> Array:
        """Radius in the deformed cell; ideal radius and height in mm, angle in radians; the three broadcast."""
        radius = self.settled(self._open_tab(ideal, angle), angle)
        radius = radius - self._push(angle) * _fade(radius, self._buckle_end, self._core)
        dent = self._dents(angle, height)
        radius = radius - dent * _fade(radius, self._core, self._can)
        return np.asarray(radius * self._oval(angle))

    def to_ideal(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius in the perfect cell: the inverse of `to_real`."""
        return self.close_tab(self.unsettled(self.without_push(radius, angle, height), angle), angle)

    def without_push(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius in the round cell: before it was dented, buckled and made oval."""
        radius = radius / self._oval(angle)
        if self.spec.can.dents:
            radius = _unfade(radius, self._dents(angle, height), self._core, self._can)
        if self.spec.roll.buckle_um:
            radius = _unfade(radius, self._push(angle), self._buckle_end, self._core)
        return radius

    def settled(self, radius: Array, angle: Array) -> Array:
        """Radius at which a spiral's sheet comes to lie: wound tight, the outer windings touch the can all around."""
        return np.asarray(radius + self._settle(angle) * _fade(radius, self._core, self._roll_radius))

    def unsettled(self, radius: Array, angle: Array) -> Array:
        """The inverse of `settled`."""
        return _unfade(radius, -self._settle(angle), self._core, self._roll_radius)

    @property
    def _core(self) -> float:
        return self.spec.core_radius_mm

    @property
    def _can(self) -> float:
        return self.spec.can.radius_mm

    @property
    def _roll_radius(self) -> float:
        can, roll = self.spec.can, self.spec.roll
        return can.radius_mm - (can.wall_um + roll.gap_um) / UM_PER_MM

    @property
    def _buckle_end(self) -> float:
        return (self._core + self._can) / 2

    def _oval(self, angle: Array) -> Array:
        can = self.spec.can
        return np.asarray(1 + can.ovality / 2 * np.cos(2 * (angle - np.float32(np.radians(can.ovality_angle_deg)))))

    def _dents(self, angle: Array, height: Array) -> Array:
        return sum((dent_depth(dent, angle, height, self._can) for dent in self.spec.can.dents), 0 * angle)

    def stretch(self, ideal: Array, angle: Array) -> Array:
        """How much farther apart the sheets lie in the settled roll than in the spiral."""
        wider = 1 + self._settle(angle) / np.float32(self._roll_radius - self._core)
        tab = self.spec.tab
        if tab is None:
            return np.asarray(wider)
        edge = self.tab_radius(tab, angle)
        inside = 1 - self.tab_gap(tab, angle) / (edge - np.float32(self._core))
        return np.asarray(np.where(ideal < edge, wider * inside, wider))

    def _settle(self, angle: Array) -> Array:
        """How far the outermost winding lies outside its spiral, in mm."""
        run = turn_fraction(self.spec.roll, angle)
        slack = np.minimum(run, (1 - run) * STEP_STEEPNESS)
        return np.asarray(slack * (self.spec.roll.pitch_um / UM_PER_MM), angle.dtype)

    def _push(self, angle: Array) -> Array:
        """How far the core is pushed in, in mm."""
        roll = self.spec.roll
        bump = 0.5 + 0.5 * np.cos(angle - np.float32(np.radians(roll.buckle_deg)))
        return np.asarray(roll.buckle_um / UM_PER_MM * bump**6)

    def _open_tab(self, ideal: Array, angle: Array) -> Array:
        tab = self.spec.tab
        if tab is None:
            return ideal
        edge = self.tab_radius(tab, angle)
        fade = np.clip((ideal - self._core) / (edge - self._core), 0, 1)
        return np.where(ideal < edge, ideal - self.tab_gap(tab, angle) * fade, ideal)

    def close_tab(self, radius: Array, angle: Array) -> Array:
        """Undo the gap of the tab; radii inside the gap go to its outer face."""
        tab = self.spec.tab
        if tab is None:
            return radius
        edge, gap = self.tab_radius(tab, angle), self.tab_gap(tab, angle)
        share = np.clip((radius - self._core) / (edge - gap - self._core), 0, 1)
        return np.where(radius < edge, np.minimum(radius + gap * share, edge), radius)

    def tab_radius(self, tab: Tab, angle: Array) -> Array:
        """Radius in mm, along the spiral, at which the gap opens: the middle of the missing cathode."""
        roll, middle = self.spec.roll, float(np.radians(tab.angle_deg))
        turn = int(tab.turn) + turn_fraction(roll, np.float32(middle)) + _sense(roll) * wrapped(angle - middle)
        return np.asarray(self.spec.first_radius_mm - turn * (roll.pitch_um / UM_PER_MM), angle.dtype)

    def tab_gap(self, tab: Tab, angle: Array) -> Array:
        """How far the gap of the tab opens in mm at an angle in radians."""
        away = np.abs(wrapped(angle - np.float32(np.radians(tab.angle_deg)))) / float(np.radians(tab.bare_deg / 2))
        return np.asarray(tab.opening_um / UM_PER_MM * (0.5 + 0.5 * np.cos(np.pi * np.clip(away, 0, 1))), angle.dtype)


def turn_fraction(roll: JellyRoll, angle: Array) -> Array:
    """Fraction of a turn (0..1) that a sheet has run through at an angle in radians; 0 where the cathode begins."""
    return np.asarray((_sense(roll) * (angle - np.float32(np.radians(roll.start_deg)))) % 1.0, angle.dtype)


def _sense(roll: JellyRoll) -> float:
    """Turns per radian."""
    return (-1 if roll.clockwise else 1) / (2 * np.pi)


def dent_depth(dent: Dent, angle: Array, height: Array, radius_mm: float) -> Array:
    """Depth in mm of one dent at angles (radians) and heights (mm)."""
    sigma = dent.width_mm / FULL_WIDTH
    around = wrapped(angle - np.float32(np.radians(dent.angle_deg))) * radius_mm
    return np.asarray(
        dent.depth_um / UM_PER_MM * np.exp(-(around**2 + (height - dent.height_mm) ** 2) / (2 * sigma**2))
    )


def wrapped(angle: Array) -> Array:
    """Angles in -pi..pi."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _fade(radius: Array, still: float, moving: float) -> Array:
    """Share of a displacement at a radius: 0 up to the radius that stands still, 1 from the one that moves fully."""
    return np.clip((radius - still) / (moving - still), 0, 1)


def _unfade(radius: Array, shift: Array, still: float, moving: float) -> Array:
    """Solve ``radius = ideal - shift * _fade(ideal, still, moving)`` for the ideal radius."""
    between = still + (radius - still) / (1 - shift / (moving - still))
    share = np.clip((between - still) / (moving - still), 0, 1)
    return np.asarray(radius + shift * share)
