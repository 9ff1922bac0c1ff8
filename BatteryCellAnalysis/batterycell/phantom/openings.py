"""Places where the sheets of a roll come apart: delamination and a collapsed core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .defect_settings import CoreKink, Delamination
from .settings import CylindricalCell
from .spiral import nearby_turns, wrapped

Array = NDArray[Any]


@dataclass(frozen=True)
class Gap:
    """A gap on one face of a cathode; the stack inside of it lies deeper by the opening.

    Args:
        spec: The cell.
        setting: The gap.
    """

    spec: CylindricalCell
    setting: Delamination

    def opening(self, angle: Array, height: Array) -> Array:
        """Opening in mm at angles in radians and heights in mm, before the roll is settled and deformed."""
        return np.asarray(self.setting.opening_um / UM_PER_MM * bump(self.setting, angle, height))

    def face(self, angle: Array) -> Array:
        """Radius in mm, as wound, of the cathode's face at which the gap opens."""
        gap, roll = self.setting, self.spec.roll
        turn = nearby_turns(roll, gap.winding, gap.angle_deg, angle)
        face = roll.cathode_um / 2 * (1 if gap.side == "outer" else -1)
        return np.asarray(self.spec.first_radius_mm + (face - turn * roll.pitch_um) / UM_PER_MM, angle.dtype)

    def closed(self, radius: Array, edge: Array, opening: Array) -> Array:
        """Undo the gap; inside it, a radius in the separator and anode that faced the cathode.

        Where the gap is drawn, what it displaces must be uniform: not the cathode on its other side.
        """
        depth = (self.spec.roll.separator_um + self.spec.roll.anode_um / 4) / UM_PER_MM
        if self.setting.side == "outer":
            return np.asarray(np.maximum(radius, np.minimum(radius + opening, edge + depth)))
        return np.asarray(np.minimum(radius + opening, np.maximum(radius, edge - depth)))


def kink_push(kink: CoreKink, angle: Array, height: Array) -> Array:
    """How far the core is pushed in at angles in radians and heights in mm, in mm."""
    return np.asarray(kink.depth_um / UM_PER_MM * bump(kink, angle, height))


def kink_radii_mm(spec: CylindricalCell, kink: CoreKink) -> tuple[float, float]:
    """Radii in mm beyond which a kink moves nothing, and within which it moves everything as far."""
    inner, pitch = spec.roll.turns, spec.roll.pitch_um / UM_PER_MM
    return spec.first_radius_mm - (inner - kink.turns) * pitch, spec.first_radius_mm - inner * pitch


def bump(setting: Delamination | CoreKink, angle: Array, height: Array) -> Array:
    """1 in the middle of a place, 0 outside of it."""
    around = wrapped(angle - np.float32(np.radians(setting.angle_deg))) / np.float32(np.radians(setting.width_deg / 2))
    along = (height - np.float32(setting.height_mm)) / np.float32(setting.extent_mm / 2)
    return np.asarray(_raised_cosine(around) * _raised_cosine(along))


def _raised_cosine(share: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.cos(np.float32(np.pi) * np.clip(share, -1, 1)))
