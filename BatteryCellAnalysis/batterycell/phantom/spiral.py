"""Turn coordinates: how far a wound sheet has run, in turns from the outside inwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .roll_settings import JellyRoll

Array = NDArray[Any]


def turns_per_radian(roll: JellyRoll) -> float:
    """Turns that a sheet runs per radian; negative where it runs against the sense of the angle."""
    return (-1 if roll.clockwise else 1) / (2 * np.pi)


def turn_fraction(roll: JellyRoll, angle: Array) -> Array:
    """Fraction of a turn (0..1) that a sheet has run through at an angle in radians; 0 where the cathode begins."""
    return np.asarray((turns_per_radian(roll) * (angle - np.float32(np.radians(roll.start_deg)))) % 1.0, angle.dtype)


def cathode_turn(roll: JellyRoll, winding: int, angle_deg: float) -> float:
    """Turn coordinate of a cathode's winding, 1 is the outermost, at an angle."""
    return winding - 1 + float(turn_fraction(roll, np.radians(angle_deg)))


def nearby_turns(roll: JellyRoll, winding: int, angle_deg: float, angle: Array) -> Array:
    """Turn coordinates, at angles in radians, of the sheet that is a winding at an angle."""
    away = wrapped(angle - float(np.radians(angle_deg)))
    return np.asarray(cathode_turn(roll, winding, angle_deg) + turns_per_radian(roll) * away)


def wrapped(angle: Array) -> Array:
    """Angles in -pi..pi."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)
