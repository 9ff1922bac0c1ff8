"""Settings of a generated cylindrical cell and of its scan; every default is that of a real 21700 cell."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, Literal

from batterycell.errors import UsageError
from batterycell.volume import UM_PER_MM

# Depth of the groove's lowest point below the rim over the can's radius, as in a real 21700 cell.
GROOVE_SHARE = 0.306
EndName = Literal["top", "bottom"]
AxisName = Literal["i", "j", "k"]


def require(condition: bool, message: str, hint: str) -> None:
    """Refuse a setting that no cell or scan can have.

    Raises:
        UsageError: if the condition does not hold.
    """
    if not condition:
        raise UsageError("phantom-setting", message, hint)


def require_numbers(settings: Any) -> None:
    """Refuse NaN and infinity in any field of a dataclass.

    Raises:
        UsageError: if there is one.
    """
    for each in fields(settings):
        value = getattr(settings, each.name)
        numbers = [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, int | float)]
        require(all(map(isfinite, numbers)), f"{each.name} is {value}, which is no number.", "Give a number.")


@dataclass(frozen=True)
class Dent:
    """A dimple in the can that fades away towards the core.

    Args:
        angle_deg: Angle of its deepest point.
        height_mm: Height of its deepest point above the can's base.
        depth_um: How far the can's wall is pushed in there.
        width_mm: Full width at half its depth, around and along the cell.
    """

    angle_deg: float = 40.0
    height_mm: float = 8.0
    depth_um: float = 250.0
    width_mm: float = 3.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.depth_um >= 0 and self.width_mm > 0, f"A dent cannot be {self}.", "Depth and width are positive.")


@dataclass(frozen=True)
class Can:
    """The can and what closes it.

    Args:
        outer_diameter_mm: Mean outer diameter.
        wall_um: Thickness of the wall.
        base_um: Thickness of the base.
        height_mm: From the base's outer face to the top of the crimped rim.
        cap: Whether the crimp has its groove and the cap its discs; without, the can is an open tube.
        ovality: Largest minus smallest outer diameter over their mean.
        ovality_angle_deg: Where the diameter is largest.
        dents: Dents of the wall.
    """

    outer_diameter_mm: float = 21.27
    wall_um: float = 225.0
    base_um: float = 300.0
    height_mm: float = 70.0
    cap: bool = True
    ovality: float = 0.0
    ovality_angle_deg: float = 30.0
    dents: tuple[Dent, ...] = ()

    def __post_init__(self) -> None:
        require_numbers(self)
        require(0 < 2 * self.wall_um < self.outer_diameter_mm * UM_PER_MM,
                f"A can of {self.outer_diameter_mm} mm cannot have a wall of {self.wall_um} µm.",
                "Give outer_diameter_mm in mm and wall_um in µm.")  # fmt: skip
        require(self.height_mm > 0, f"A can cannot be {self.height_mm} mm tall.", "Give a positive height_mm.")
        require(0 <= self.ovality < 0.2, f"An ovality of {self.ovality} is no cell's.", "Give 0 to 0.2.")

    @property
    def radius_mm(self) -> float:
        """Mean outer radius in mm."""
        return self.outer_diameter_mm / 2


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


@dataclass(frozen=True)
class Greys:
    """Grey values of the materials, on the scale of an 8-bit scan; below 0 is black even where there is noise.

    The foil's value is far above what is seen because the foil is much thinner than a voxel: its share is seen.
    """

    air: float = -8.0
    gas: float = 4.0
    can: float = 197.0
    cathode: float = 77.0
    anode: float = 30.0
    foil: float = 225.0
    separator: float = 26.0
    electrolyte: float = 24.0
    cap: float = 197.0
    plastic: float = 24.0
    insulator: float = 15.0
    tab: float = 42.0


@dataclass(frozen=True)
class CylindricalCell:
    """A cylindrical cell."""

    can: Can = field(default_factory=Can)
    roll: JellyRoll = field(default_factory=JellyRoll)
    top: RollEnd = field(default_factory=RollEnd)
    bottom: RollEnd = field(default_factory=lambda: RollEnd(core_rise_um=-150.0, lean_can_deg=-5.0))
    tab: Tab | None = field(default_factory=Tab)
    defects: tuple[EndDefect | MissingAnode, ...] = ()
    greys: Greys = field(default_factory=Greys)

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.core_radius_mm > 0.3, f"{self.roll.turns} turns do not fit into the can.",
                "Lower turns or the sheets' thickness, or widen the can.")  # fmt: skip
        require(self.roll_height_mm > 1, "The jelly roll does not fit into the can's height.",
                "Raise height_mm, or lower cathode_bottom_mm or cathode_top_mm.")  # fmt: skip
        require(self.headroom_mm > 0, f"The anodes reach {-self.headroom_mm:.2f} mm into the groove below the cap.",
                "Raise cathode_top_mm or lower the overhang.")  # fmt: skip
        for defect in self.defects:
            require(1 <= defect.winding <= self.roll.turns + 1, f"There is no winding {defect.winding}.",
                    f"Choose 1 to {int(self.roll.turns)}.")  # fmt: skip

    @property
    def first_radius_mm(self) -> float:
        """Radius of the cathode's middle at turn 0, in mm."""
        roll, can = self.roll, self.can
        outer = can.radius_mm - (can.wall_um + roll.gap_um + roll.anode_um / 2 + roll.separator_um) / UM_PER_MM
        return outer - roll.pitch_um / UM_PER_MM * (0.5 + max(roll.anode_lead_turns - 1, 0))

    @property
    def core_radius_mm(self) -> float:
        """Radius of the hollow core, in mm."""
        tab = self.tab.opening_um if self.tab else 0.0
        turns = self.roll.turns + self.roll.anode_trail_turns + 1.5
        return self.first_radius_mm - turns * self.roll.pitch_um / UM_PER_MM - tab / UM_PER_MM

    @property
    def headroom_mm(self) -> float:
        """Room left between the highest anodes and the groove below the cap (the rim of an open can), in mm."""
        groove = GROOVE_SHARE * self.can.radius_mm + self.can.wall_um / 2 / UM_PER_MM if self.can.cap else 0.0
        return self.roll.cathode_top_mm - self.top.reach_um / UM_PER_MM - groove

    @property
    def roll_height_mm(self) -> float:
        """Height of the outermost cathode, in mm."""
        return self.can.height_mm - self.roll.cathode_top_mm - self.roll.cathode_bottom_mm


@dataclass(frozen=True)
class Scan:
    """How the cell was scanned.

    Args:
        voxel_size_um: Voxel size (z, y, x) in µm.
        axis: Array axis along which the cell lies.
        upside_down: Whether the cap points to index 0 of that axis.
        tilt_deg: Angle between the cell's axis and the array axis.
        tilt_toward_deg: Direction of the tilt about the array axis.
        shift_um: Displacement (x, y, z) of the cell from the volume's middle, along i, j, k.
        crop_mm: Part of the cell in the volume, from and to below the top of its rim; None is the whole cell.
        margin_mm: Air left around the cell.
        shape: Shape (k, j, i); None takes what crop and margin need.
        blur_um: Standard deviation of the Gaussian point spread.
        noise: Standard deviation of the noise in grey values.
        noise_um: Standard deviation of the Gaussian that correlates the noise.
        rings: Standard deviation of ring artefacts in grey values.
        cupping: Share of the grey value lost in the middle.
        streaks: Strength of the streaks and halos around the cap's metal.
        dtype: Type of the grey values; uint16 values are 256 times those of uint8.
    """

    voxel_size_um: tuple[float, float, float] = (67.94, 33.97, 33.97)
    axis: AxisName = "k"
    upside_down: bool = False
    tilt_deg: float = 0.0
    tilt_toward_deg: float = 0.0
    shift_um: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crop_mm: tuple[float, float] | None = None
    margin_mm: float = 0.8
    shape: tuple[int, int, int] | None = None
    blur_um: float = 24.0
    noise: float = 3.0
    noise_um: float = 20.0
    rings: float = 0.6
    cupping: float = 0.04
    streaks: float = 1.0
    dtype: Literal["uint8", "uint16"] = "uint8"

    def __post_init__(self) -> None:
        require_numbers(self)
        sizes = self.voxel_size_um
        require(len(sizes) == 3 and min(sizes) > 0, f"A voxel cannot be {sizes} µm.", "Give three positive numbers.")
        require(self.axis in ("i", "j", "k"), f"There is no array axis {self.axis}.", "Choose i, j or k.")
        require(0 <= self.tilt_deg <= 45, f"A tilt of {self.tilt_deg}° is not offered.", "Give 0 to 45 degrees.")
        strengths = (self.blur_um, self.noise, self.noise_um, self.rings, self.streaks)
        require(min(strengths) >= 0 and 0 <= self.cupping < 1, "Blur, noise and artefacts cannot be negative.",
                "Give 0 to leave one out.")  # fmt: skip
        require(self.crop_mm is None or self.crop_mm[0] < self.crop_mm[1], f"Nothing lies between {self.crop_mm} mm.",
                "Give crop_mm as (from, to) below the rim, from < to.")  # fmt: skip
