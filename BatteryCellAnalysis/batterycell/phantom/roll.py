"""Shares of the jelly roll's sheets in each voxel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .roll_ends import SheetEnds, anode_presence, cathode_range
from .settings import CylindricalCell
from .warp import turn_fraction

Array = NDArray[Any]


@dataclass(frozen=True)
class Voxels:
    """Some voxels of the volume, in the coordinates of the perfect cell. All arrays float32 of one shape (n,).

    Args:
        angle: In radians.
        radius: In mm, in the cell before it was deformed.
        height: In mm.
        across: Width in mm over which a voxel averages along the radius.
        along: The same along the cell's axis; one number.
    """

    angle: Array
    radius: Array
    height: Array
    across: Array
    along: float

    def chosen(self, rows: Array) -> Voxels:
        """Only some of the voxels."""
        return Voxels(self.angle[rows], self.radius[rows], self.height[rows], self.across[rows], self.along)


def slab_share(distance: Array, thickness: float, width: Array) -> Array:
    """Share of a box of a width that lies within thickness / 2 of a plane, its middle at a distance."""
    overlap = (thickness + width) / 2 - np.abs(distance)
    return np.asarray(np.clip(overlap, 0, np.minimum(thickness, width)) / width)


def side_share(distance: Array, width: Array | float) -> Array:
    """Share of a box of a width on the positive side of a plane, its middle at a signed distance."""
    return np.asarray(np.clip(0.5 + distance / width, 0, 1))


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
    ends: tuple[SheetEnds, SheetEnds]

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
        return np.asarray(sum(self._lean(end, turn, height)[0] for end in self.ends))

    def paint(self, voxels: Voxels) -> tuple[Array, Array]:
        """Grey value and label of voxels."""
        grey = np.full_like(voxels.radius, self.spec.greys.gas)
        label = np.zeros(voxels.radius.shape, np.uint8)
        for step in self._steps(voxels.height):
            self._paint_anode(voxels, step, grey, label)
        self._paint_cathode(voxels, grey, label)
        return grey, label

    def _paint_cathode(self, voxels: Voxels, grey: Array, label: Array) -> None:
        turn, distance = self._nearest(voxels.radius, voxels.angle, 0.0)
        thickness, (first, last) = self.spec.roll.cathode_um / UM_PER_MM, cathode_range(self.spec)
        depth = [end.cathode(turn) - end.sign * voxels.height for end in self.ends]
        arc = np.minimum(turn - first, last - turn) * (2 * np.pi * voxels.radius)
        share = slab_share(distance, thickness, voxels.across) * side_share(arc, voxels.across)
        share *= side_share(np.minimum(*depth), voxels.along)
        grey += share * (self.spec.greys.cathode - grey)
        inside = (np.abs(distance) < thickness / 2) & (np.minimum(*depth) > 0) & (arc > 0)
        label[inside] = CellLabel.CATHODE

    def _paint_anode(self, voxels: Voxels, step: int, grey: Array, label: Array) -> None:
        roll, greys, place = self.spec.roll, self.spec.greys, self._beside_anode(voxels, step)
        width, tip = voxels.across, side_share(place.inside, voxels.along)
        sheet, foil = roll.anode_um / UM_PER_MM, roll.foil_um / UM_PER_MM
        wrapped = sheet + 2 * roll.separator_um / UM_PER_MM
        reach = place.inside + roll.separator_beyond_um / UM_PER_MM
        arc = self._anode_arc(place.turn, voxels.radius)
        tip *= side_share(arc, width)
        within = slab_share(place.offset, wrapped, width) * side_share(reach, voxels.along) * self._wound(place, voxels)
        coated, bare = (slab_share(place.offset, thickness, width) * tip for thickness in (sheet, foil))
        grey += within * (greys.separator - grey) + coated * (greys.anode - greys.separator)
        grey += bare * (greys.foil - greys.anode)
        label[(np.abs(place.offset) < wrapped / 2) & (reach > 0) & (within > 0)] = CellLabel.SEPARATOR
        anode = (np.abs(place.offset) < sheet / 2) & (place.inside > 0) & (arc > 0)
        label[anode] = np.where(self._overhangs(place, voxels), CellLabel.OVERHANG, CellLabel.ANODE)[anode]

    def _wound(self, place: AnodePlace, voxels: Voxels) -> Array:
        """Share within the stretch that the separators cover: all of the roll."""
        first, last = cathode_range(self.spec)
        lead, trail = self.spec.roll.anode_lead_turns, self.spec.roll.anode_trail_turns
        arc = np.minimum(place.turn - first + lead, last + trail - place.turn) * (2 * np.pi * voxels.radius)
        return side_share(arc, voxels.across)

    def _overhangs(self, place: AnodePlace, voxels: Voxels) -> Array:
        """Whether voxels of the anode lie beyond the level of the cathode that their half of the sheet faces."""
        first, last = cathode_range(self.spec)
        facing = np.where(place.offset > 0, place.turn, place.turn + 1)
        facing = np.where(facing < first, facing + 1, np.where(facing > last, facing - 1, facing))
        beyond = [end.sign * voxels.height > end.cathode(facing) for end in self.ends]
        return np.logical_or(*beyond) & (facing >= first) & (facing <= last)

    def _anode_arc(self, turn: Array, radius: Array) -> Array:
        """Distance in mm along the spiral from the nearest place where the anode stops, negative where it is absent."""
        depth = [np.minimum(turn - start, stop - turn) for start, stop in anode_presence(self.spec)]
        return np.asarray(np.max(depth, axis=0) * (2 * np.pi * radius))

    def _steps(self, height: Array) -> tuple[int, ...]:
        """Which neighbours of the nearest anode to look at: leaning ones may come near only close to the ends."""
        body = [float(np.max(end.sign * height)) < float(end.bend.values.min()) for end in self.ends]
        return (0,) if all(body) else (-1, 1, 0)

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
        return AnodePlace(turn, offset * cosine, np.minimum(*inside))

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
