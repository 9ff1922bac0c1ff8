"""Radial deformations of a cell: ovality, dents, a buckled core, the gap of a tab and delamination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .defect_settings import CoreKink, Delamination
from .openings import Gap, kink_push, kink_radii_mm
from .roll_settings import Tab
from .settings import CylindricalCell, Dent
from .spiral import nearby_turns, turn_fraction, wrapped

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
        opened = self.open_gaps(self.open_tab(ideal, angle), angle, height)
        return self.deformed(self.kinked(self.settled(opened, angle), angle, height), angle, height)

    def deformed(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius of the settled roll, or of the can, once the cell is buckled, dented and oval."""
        return self.dented(radius - self.push(angle) * _fade(radius, self._buckle_end, self._core), angle, height)

    def dented(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius once the cell is dented and oval."""
        radius = radius - self._dents(angle, height) * _fade(radius, self._core, self._can)
        return np.asarray(radius * self.oval(angle))

    def to_ideal(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius in the perfect cell: the inverse of `to_real`."""
        settled = self.unkinked(self.without_push(radius, angle, height), angle, height)
        return self.close_tab(self.close_gaps(self.unsettled(settled, angle), angle, height), angle)

    def without_push(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius in the round cell: before it was dented, buckled and made oval."""
        radius = radius / self.oval(angle)
        if self.spec.can.dents:
            radius = _unfade(radius, self._dents(angle, height), self._core, self._can)
        if self.spec.roll.buckle_um:
            radius = _unfade(radius, self.push(angle), self._buckle_end, self._core)
        return radius

    def settled(self, radius: Array, angle: Array) -> Array:
        """Radius at which a spiral's sheet comes to lie: wound tight, the outer windings touch the can all around."""
        return np.asarray(radius + self._settle(angle) * _fade(radius, self._core, self._roll_radius))

    def unsettled(self, radius: Array, angle: Array) -> Array:
        """The inverse of `settled`."""
        return _unfade(radius, -self._settle(angle), self._core, self._roll_radius)

    def kinked(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius in the settled roll once its core has collapsed."""
        for kink in self._kinks:
            radius = radius - kink_push(kink, angle, height) * _fade(radius, *kink_radii_mm(self.spec, kink))
        return radius

    def unkinked(self, radius: Array, angle: Array, height: Array) -> Array:
        """The inverse of `kinked`."""
        for kink in reversed(self._kinks):
            radius = _unfade(radius, kink_push(kink, angle, height), *kink_radii_mm(self.spec, kink))
        return radius

    def kink_stretch(self, settled: Array, angle: Array, height: Array) -> Array:
        """How much farther apart the sheets lie in a collapsed core than in the settled roll."""
        stretch = np.ones_like(settled)
        for kink in self._kinks:
            still, moved = kink_radii_mm(self.spec, kink)
            wider = 1 + kink_push(kink, angle, height) / np.float32(still - moved)
            stretch *= np.where((settled < still) & (settled > moved), wider, np.float32(1))
        return stretch

    def open_gaps(self, radius: Array, angle: Array, height: Array) -> Array:
        """Radius once the sheets have come apart."""
        for gap, edge in self.gap_edges(angle, height):
            radius = np.where(radius < edge, radius - gap.opening(angle, height), radius)
        return radius

    def close_gaps(self, radius: Array, angle: Array, height: Array) -> Array:
        """Undo `open_gaps`; radii inside a gap go to what faced the cathode."""
        for gap, edge in reversed(self.gap_edges(angle, height)):
            radius = gap.closed(radius, edge, gap.opening(angle, height))
        return radius

    def gap_edges(self, angle: Array, height: Array) -> list[tuple[Gap, Array]]:
        """The gaps and the radius in mm of the outer face of each, in the roll before it settles."""
        found: list[tuple[Gap, Array]] = []
        for setting in (defect for defect in self.spec.defects if isinstance(defect, Delamination)):
            gap = Gap(self.spec, setting)
            edge = self.open_tab(gap.face(angle), angle)
            for other, outer in found:
                edge = np.where(edge < outer, edge - other.opening(angle, height), edge)
            found.append((gap, edge))
        return found

    @property
    def _kinks(self) -> list[CoreKink]:
        return [defect for defect in self.spec.defects if isinstance(defect, CoreKink)]

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

    def oval(self, angle: Array) -> Array:
        """How many times farther from the axis everything lies at an angle than in the round cell."""
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

    def push(self, angle: Array) -> Array:
        """How far the core is pushed in, in mm."""
        roll = self.spec.roll
        bump = 0.5 + 0.5 * np.cos(angle - np.float32(np.radians(roll.buckle_deg)))
        return np.asarray(roll.buckle_um / UM_PER_MM * bump**6)

    def open_tab(self, ideal: Array, angle: Array) -> Array:
        """Radius once the gap of the tab is open."""
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
        roll = self.spec.roll
        turn = nearby_turns(roll, int(tab.turn) + 1, tab.angle_deg, angle)
        return np.asarray(self.spec.first_radius_mm - turn * (roll.pitch_um / UM_PER_MM), angle.dtype)

    def tab_gap(self, tab: Tab, angle: Array) -> Array:
        """How far the gap of the tab opens in mm at an angle in radians."""
        away = np.abs(wrapped(angle - np.float32(np.radians(tab.angle_deg)))) / float(np.radians(tab.bare_deg / 2))
        return np.asarray(tab.opening_um / UM_PER_MM * (0.5 + 0.5 * np.cos(np.pi * np.clip(away, 0, 1))), angle.dtype)


def dent_depth(dent: Dent, angle: Array, height: Array, radius_mm: float) -> Array:
    """Depth in mm of one dent at angles (radians) and heights (mm)."""
    sigma = dent.width_mm / FULL_WIDTH
    around = wrapped(angle - np.float32(np.radians(dent.angle_deg))) * radius_mm
    return np.asarray(
        dent.depth_um / UM_PER_MM * np.exp(-(around**2 + (height - dent.height_mm) ** 2) / (2 * sigma**2))
    )


def _fade(radius: Array, still: float, moving: float) -> Array:
    """Share of a displacement at a radius: 0 up to the radius that stands still, 1 from the one that moves fully."""
    return np.clip((radius - still) / (moving - still), 0, 1)


def _unfade(radius: Array, shift: Array, still: float, moving: float) -> Array:
    """Solve ``radius = ideal - shift * _fade(ideal, still, moving)`` for the ideal radius."""
    between = still + (radius - still) / (1 - shift / (moving - still))
    share = np.clip((between - still) / (moving - still), 0, 1)
    return np.asarray(radius + shift * share)
