"""Settings of a generated jelly roll: its sheets, their ends, its tab and its defects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .checks import require, require_numbers

EndName = Literal["top", "bottom"]


@dataclass(frozen=True)
class RollEnd:
    """How the sheets end at one end of the jelly roll.

    Args:
        overhang_um: Mean overhang of the anode beyond the cathode.
        overhang_sd_um: Standard deviation of the anode's end along the sheet.
        smallest_um: No overhang is smaller than this before defects are put in.
        core_rise_um: How much farther out the cathodes end at the core than at the can.
        core_dip_um: How much less far out the innermost turn of the cathode ends.
        wave_um: Amplitude of a slow wave of the cathode ends around the cell.
        cathode_sd_um: Standard deviation of the cathode's end along the sheet.
        lean_core_deg: Angle of the anode's tip against the cell's axis at the core, positive away from the axis.
        lean_can_deg: The same at the outermost winding.
        lean_sd_deg: Standard deviation of that angle along the sheet.
    """

    overhang_um: float = 800.0
    overhang_sd_um: float = 30.0
    smallest_um: float = 100.0
    core_rise_um: float = 450.0
    core_dip_um: float = 110.0
    wave_um: float = 40.0
    cathode_sd_um: float = 15.0
    lean_core_deg: float = 1.0
    lean_can_deg: float = -19.0
    lean_sd_deg: float = 1.5

    def __post_init__(self) -> None:
        require_numbers(self)
        spreads = (self.overhang_sd_um, self.cathode_sd_um, self.lean_sd_deg)
        require(min(spreads) >= 0, "A standard deviation cannot be negative.", "Give 0 or more.")
        leans = (self.lean_core_deg, self.lean_can_deg)
        require(max(map(abs, leans)) <= 45, f"Tips leaning by {leans}° would cross.", "Give -45 to 45 degrees.")

    @property
    def reach_um(self) -> float:
        """How far the longest anodes stand out beyond the level at which the outermost cathode ends."""
        spread = self.wave_um + 3 * self.overhang_sd_um
        return max(self.overhang_um, self.smallest_um) + max(self.core_rise_um, 0) + spread


@dataclass(frozen=True)
class JellyRoll:
    """The wound stack cathode | separator | anode | separator, from the outside inwards.

    Args:
        turns: Length of the cathode in turns.
        cathode_um: Thickness of the cathode with both coatings.
        anode_um: Thickness of the anode with both coatings.
        foil_um: Thickness of the anode's copper foil.
        separator_um: Thickness of one separator.
        gap_um: From the can's inner face to the outermost anode.
        cathode_bottom_mm: Height at which the outermost cathode begins, above the base's outer face.
        cathode_top_mm: How far below the can's rim the outermost cathode ends.
        start_deg: Angle at which the cathode's outer end lies.
        anode_lead_turns: How far the anode runs on beyond the cathode's outer end.
        anode_trail_turns: How far the anode runs on beyond the cathode's inner end.
        clockwise: Whether the sheets run inwards against the sense of the angle.
        separator_beyond_um: How far the separators stand out beyond the anode.
        buckle_um: How far the core is pushed in on one side.
        buckle_deg: At which angle the core is pushed in.
    """

    turns: float = 21.3
    cathode_um: float = 187.0
    anode_um: float = 159.0
    foil_um: float = 10.0
    separator_um: float = 14.0
    gap_um: float = 40.0
    cathode_bottom_mm: float = 2.0
    cathode_top_mm: float = 4.8
    start_deg: float = 85.0
    anode_lead_turns: float = 1.05
    anode_trail_turns: float = 0.9
    clockwise: bool = False
    separator_beyond_um: float = 200.0
    buckle_um: float = 0.0
    buckle_deg: float = 200.0

    def __post_init__(self) -> None:
        require_numbers(self)
        sheets = (self.cathode_um, self.anode_um, self.foil_um, self.separator_um)
        require(min(sheets) > 0, f"Sheets of {sheets} µm cannot be wound.", "Every thickness must be positive.")
        require(self.foil_um < self.anode_um, "The copper foil is thicker than the anode.", "Lower foil_um.")
        require(self.turns >= 1, f"{self.turns} turns are no jelly roll.", "Give at least one turn.")

    @property
    def pitch_um(self) -> float:
        """Thickness of one turn of the stack."""
        return self.cathode_um + self.anode_um + 2 * self.separator_um


@dataclass(frozen=True)
class Tab:
    """A metal strip on a bare stretch of the cathode, that rises out of the roll and bends over to the cap.

    Args:
        turn: After how many turns from the outside the strip lies.
        angle_deg: Middle of the bare stretch.
        bare_deg: Angle over which the cathode has no coating; there is no cathode sheet to be seen there.
        opening_um: How much wider the gap becomes than the cathode was.
        strip_um: Thickness of the strip.
        strip_mm: Width of the strip around the cell.
    """

    turn: float = 9.0
    angle_deg: float = 185.0
    bare_deg: float = 100.0
    opening_um: float = 150.0
    strip_um: float = 100.0
    strip_mm: float = 4.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(0 < self.bare_deg < 300 and self.turn >= 1, f"A tab cannot be {self}.",
                "Give turn >= 1 and bare_deg below 300.")  # fmt: skip


@dataclass(frozen=True)
class EndDefect:
    """A place where one anode ends wrongly.

    Args:
        winding: Cathode winding, 1 is the outermost at that angle.
        side: Face of that cathode on which the anode lies.
        angle_deg: Middle of the place.
        width_deg: Its extent around the cell.
        end: End of the cell.
        overhang_um: Overhang over the nearer cathode there (negative: the anode ends first); None leaves it.
        lean_deg: Angle of the tip there, positive away from the axis; None leaves it.
    """

    winding: int = 3
    side: Literal["outer", "inner"] = "outer"
    angle_deg: float = 120.0
    width_deg: float = 40.0
    end: EndName = "top"
    overhang_um: float | None = -200.0
    lean_deg: float | None = None

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.width_deg > 0, f"A defect cannot be {self.width_deg}° wide.", "Give a positive width_deg.")


@dataclass(frozen=True)
class MissingAnode:
    """A stretch of the winding without anode.

    Args:
        winding: Cathode winding, 1 is the outermost at that angle.
        side: Face of that cathode on which the anode is missing.
        angle_deg: Middle of the stretch.
        width_deg: Its extent around the cell.
    """

    winding: int = 5
    side: Literal["outer", "inner"] = "outer"
    angle_deg: float = 300.0
    width_deg: float = 30.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.width_deg > 0, f"A defect cannot be {self.width_deg}° wide.", "Give a positive width_deg.")
