"""Settings of what can go wrong inside a jelly roll: gaps, a collapsed core, missing cathode, foreign particles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .checks import require, require_numbers


@dataclass(frozen=True)
class MissingCathode:
    """A stretch of the winding without cathode.

    Args:
        winding: Cathode winding, 1 is the outermost at that angle.
        angle_deg: Middle of the stretch.
        width_deg: Its extent around the cell.
    """

    winding: int = 3
    angle_deg: float = 300.0
    width_deg: float = 30.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.width_deg > 0, f"A defect cannot be {self.width_deg}° wide.", "Give a positive width_deg.")


@dataclass(frozen=True)
class Delamination:
    """A gap between a cathode and the separator on one of its faces; everything inside of it is pushed inward.

    The opening is largest in the middle and falls as a raised cosine to nothing at the edges.

    Args:
        winding: Cathode winding, 1 is the outermost at that angle.
        side: Face of that cathode.
        angle_deg: Middle of the gap.
        height_mm: Height of its middle above the can's base.
        width_deg: Its extent around the cell.
        extent_mm: Its extent along the cell.
        opening_um: Its largest opening.
    """

    winding: int = 3
    side: Literal["outer", "inner"] = "inner"
    angle_deg: float = 60.0
    height_mm: float = 4.0
    width_deg: float = 60.0
    extent_mm: float = 3.0
    opening_um: float = 150.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(min(self.width_deg, self.extent_mm, self.opening_um) > 0 and self.width_deg <= 360,
                f"A gap cannot be {self}.", "Give positive sizes, and at most 360 degrees.")  # fmt: skip


@dataclass(frozen=True)
class CoreKink:
    """A collapse of the core: the innermost turns are pushed inward at one place.

    Args:
        angle_deg: Angle of its deepest point.
        height_mm: Height of its deepest point above the can's base.
        width_deg: Its extent around the cell, with raised-cosine flanks.
        extent_mm: Its extent along the cell, with raised-cosine flanks.
        depth_um: How far the cathode's inner end, and all within, is pushed inward there.
        turns: Over how many turns from the cathode's inner end outwards the push fades away, linearly.
    """

    angle_deg: float = 80.0
    height_mm: float = 4.0
    width_deg: float = 90.0
    extent_mm: float = 100.0
    depth_um: float = 300.0
    turns: float = 3.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(min(self.width_deg, self.extent_mm, self.turns) > 0 and self.depth_um >= 0 and self.width_deg <= 360,
                f"A core cannot collapse as {self}.", "Give positive sizes, and at most 360 degrees.")  # fmt: skip


@dataclass(frozen=True)
class Inclusion:
    """A foreign particle: a sphere among the windings.

    Args:
        winding: Cathode winding, 1 is the outermost at that angle.
        angle_deg: Angle of its middle.
        height_mm: Height of its middle above the can's base.
        distance_um: Distance of its middle outward from that cathode's middle.
        diameter_um: Its diameter.
        grey: Its grey value on the scale of an 8-bit scan.
    """

    winding: int = 3
    angle_deg: float = 150.0
    height_mm: float = 4.0
    distance_um: float = 0.0
    diameter_um: float = 150.0
    grey: float = 220.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.diameter_um > 0, f"A particle of {self.diameter_um} µm is none.", "Give a positive diameter_um.")
