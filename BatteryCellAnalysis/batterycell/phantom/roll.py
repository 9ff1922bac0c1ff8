"""Shares of the jelly roll's sheets in each voxel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .roll_ends import SheetEnds, anode_presence, cathode_presence, cathode_range, within
from .settings import CylindricalCell
from .spiral import turn_fraction
from .voxels import Voxels, box_share

Array = NDArray[Any]
NEAR_END_MM = 0.3


@dataclass(frozen=True)
class AnodePlace:
    """Where voxels lie beside one turn of the anode.

    Args:
        turn: Turn coordinate of the anode, (n,).
        offset: Signed distance in mm from the anode's middle, positive away from the axis.
        inside: Distance in mm along the sheet before its nearer end, negative beyond it.
    """

    turn: Array
    offset: Array
    inside: Array


@dataclass(frozen=True)
class Roll:
    """The sheets of one cell.

    Args:
        spec: The cell.
        ends: The sheets' ends at the top and at the bottom.
    """

    spec: CylindricalCell
    ends: tuple[SheetEnds, ...]

    @cached_property
    def pitch(self) -> float:
        """Thickness of the stack in mm."""
        return self.spec.roll.pitch_um / UM_PER_MM

    def cathode_radius(self, turn: Array) -> Array:
        """Radius in mm of the cathode's middle in the perfect cell."""
        return np.asarray(self.spec.first_radius_mm - self.pitch * turn)

    def anode_radius(self, turn: Array, height: Array) -> Array:
        """Radius in mm of the anode's middle in the perfect cell at a height in mm."""
        return np.asarray(self.cathode_radius(turn + 0.5) + self.stand_off(turn, height))

    def stand_off(self, turn: Array, height: Array) -> Array:
        """How far a leaning anode stands off its place in the roll, in mm."""
        return np.asarray(sum((self._lean(end, turn, height)[0] for end in self.ends), 0 * turn))

    def paint(self, voxels: Voxels, target: tuple[Array, Array]) -> None:
        """Draw the sheets over the grey values and labels of voxels."""
        grey, label = target
        self._fill(voxels, grey)
        near = replace(self, ends=tuple(end for end in self.ends if _reaches(end, voxels.height)))
        # A leaning anode may come near a voxel that lies nearer to the next one's place in the roll.
        for step in (-1, 1, 0) if near.ends else (0,):
            near._paint_anode(voxels, step, grey, label)
        near._paint_cathode(voxels, grey, label)

    def _fill(self, voxels: Voxels, grey: Array) -> None:
        """Electrolyte up to the cathode's ends: what is seen where a sheet is missing."""
        turn, _ = self._nearest(voxels.radius, voxels.angle, 0.0)
        depth = _smallest([end.cathode(turn) - end.sign * voxels.height for end in self.ends], voxels)
        wound = cathode_range(self.spec)[1] + self.spec.roll.anode_trail_turns + 0.5 - turn
        share = box_share(depth, voxels.along) * box_share(wound * np.float32(self.pitch), voxels.wide)
        grey += share * (self.spec.greys.electrolyte - grey)

    def _paint_cathode(self, voxels: Voxels, grey: Array, label: Array) -> None:
        turn, distance = self._nearest(voxels.radius, voxels.angle, 0.0)
        thickness = self.spec.roll.cathode_um / UM_PER_MM
        distance = distance * voxels.stretch
        depth = _smallest([end.cathode(turn) - end.sign * voxels.height for end in self.ends], voxels)
        arc = within(turn, cathode_presence(self.spec)) * (2 * np.pi * voxels.radius)
        share = voxels.slab_share(distance, thickness) * box_share(arc, voxels.wide)
        share *= box_share(depth, voxels.along)
        # The electrolyte that the cathode displaces ends at the same level: shares of the two must not multiply.
        grey += share * (self.spec.greys.cathode - self.spec.greys.electrolyte)
        within_sheet = np.abs(distance) < thickness / 2
        label[within_sheet & (depth > 0) & (arc > 0)] = CellLabel.CATHODE
        last = cathode_range(self.spec)[1] + self.spec.roll.anode_trail_turns
        label[(label == CellLabel.OUTSIDE) & ~within_sheet & (depth > 0) & (turn < last)] = CellLabel.SEPARATOR

    def _paint_anode(self, voxels: Voxels, step: int, grey: Array, label: Array) -> None:
        roll, greys, place = self.spec.roll, self.spec.greys, self._beside_anode(voxels, step)
        tip = box_share(place.inside, voxels.along)
        sheet, foil = roll.anode_um / UM_PER_MM, roll.foil_um / UM_PER_MM
        wrapped = sheet + 2 * roll.separator_um / UM_PER_MM
        reach = place.inside + roll.separator_beyond_um / UM_PER_MM
        arc = self._anode_arc(place.turn, voxels.radius)
        tip *= box_share(arc, voxels.wide)
        solid, bare = voxels.slab_share(place.offset, sheet), voxels.slab_share(place.offset, foil) * tip
        apart = voxels.slab_share(place.offset, wrapped) - solid
        apart *= box_share(reach, voxels.along) * self._wound(place, voxels)
        grey += apart * (greys.separator - grey) + solid * tip * (greys.anode - grey)
        grey += bare * (greys.foil - greys.anode)
        inside = np.abs(place.offset) < sheet / 2
        separator = (np.abs(place.offset) < wrapped / 2) & ~inside & (reach > 0) & (apart > 0)
        label[separator] = CellLabel.SEPARATOR
        anode = inside & (place.inside > 0) & (arc > 0)
        label[anode] = np.where(self._overhangs(place, voxels), CellLabel.OVERHANG, CellLabel.ANODE)[anode]

    def _wound(self, place: AnodePlace, voxels: Voxels) -> Array:
        """Share within the stretch that the separators cover: all of the roll."""
        first, last = cathode_range(self.spec)
        lead, trail = self.spec.roll.anode_lead_turns, self.spec.roll.anode_trail_turns
        arc = np.minimum(place.turn - first + lead, last + trail - place.turn) * (2 * np.pi * voxels.radius)
        return box_share(arc, voxels.wide)

    def _overhangs(self, place: AnodePlace, voxels: Voxels) -> Array:
        """Whether voxels of the anode lie beyond the level of the cathode they face, or of the only one there is."""
        outward = place.offset > 0
        facing = np.where(outward == self._has_cathode(place.turn + ~outward), place.turn, place.turn + 1)
        beyond = [end.sign * voxels.height > end.cathode(facing) for end in self.ends]
        return np.asarray(np.any(beyond, axis=0) & self._has_cathode(facing))

    def _has_cathode(self, turn: Array) -> Array:
        return np.asarray(within(turn, cathode_presence(self.spec)) >= 0)

    def _anode_arc(self, turn: Array, radius: Array) -> Array:
        """Distance in mm along the spiral from the nearest place where the anode stops, negative where it is absent."""
        return within(turn, anode_presence(self.spec)) * (2 * np.pi * radius)

    def _beside_anode(self, voxels: Voxels, step: int) -> AnodePlace:
        turn, _ = self._nearest(voxels.radius, voxels.angle, 0.5)
        straight = voxels.radius - self.stand_off(turn, voxels.height)
        turn = self._nearest(straight, voxels.angle, 0.5)[0] + step
        offset = voxels.radius - self.cathode_radius(turn + np.float32(0.5))
        inside = []
        cosine: Array = np.ones_like(offset)
        for end in self.ends:
            stand_off, slope = self._lean(end, turn, voxels.height)
            offset = offset - stand_off
            cosine = cosine / np.sqrt(1 + slope**2)
            inside.append(self._before_tip(end, turn, voxels))
        return AnodePlace(turn, offset * cosine * voxels.stretch, _smallest(inside, voxels))

    def _before_tip(self, end: SheetEnds, turn: Array, voxels: Voxels) -> Array:
        """Signed distance in mm from the plane across the anode's end, positive on the sheet's side."""
        tip = end.tip(turn)
        stand_off, slope = self._lean(end, turn, end.sign * tip)
        tip_radius = self.cathode_radius(turn + np.float32(0.5)) + stand_off
        ahead = (end.sign * voxels.height - tip) + (voxels.radius - tip_radius) * slope
        return np.asarray(-ahead / np.sqrt(1 + slope**2))

    def _lean(self, end: SheetEnds, turn: Array, height: Array) -> tuple[Array, Array]:
        """Stand-off in mm and slope of an anode at a height in mm."""
        beyond = np.maximum(end.sign * height - end.bend(turn), 0)
        slope = end.curvature(turn) * beyond
        return slope * beyond / 2, slope

    def _nearest(self, radius: Array, angle: Array, offset: float) -> tuple[Array, Array]:
        """Turn coordinate of the nearest sheet and the signed distance from it in mm; offset 0 cathode, 0.5 anode."""
        fraction = turn_fraction(self.spec.roll, angle)
        turns = (np.float32(self.spec.first_radius_mm) - radius) / np.float32(self.pitch) - np.float32(offset)
        turn = np.rint(turns - fraction) + fraction
        return turn, (turns - turn) * np.float32(-self.pitch)


def _reaches(end: SheetEnds, height: Array) -> bool:
    """Whether some heights lie so far out that the sheets there lean or end."""
    first = min(float(table.values.min()) for table in (end.bend, end.tip, end.cathode))
    return float(np.max(end.sign * height)) > first - NEAR_END_MM


def _smallest(distances: list[Array], voxels: Voxels) -> Array:
    """Distance to the nearest end in mm; infinite in the body of the roll."""
    return np.asarray(np.min([np.full_like(voxels.radius, np.inf), *distances], axis=0))
