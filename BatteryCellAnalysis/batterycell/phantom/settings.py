"""Settings of a generated cylindrical cell; every default is that of a real 21700 cell."""

from __future__ import annotations

from dataclasses import dataclass, field

from batterycell.volume import UM_PER_MM

from .checks import require, require_numbers
from .defect_settings import CoreKink, Delamination, Inclusion, MissingCathode
from .roll_settings import EndDefect, JellyRoll, MissingAnode, RollEnd, Tab

Defect = EndDefect | MissingAnode | MissingCathode | Delamination | CoreKink | Inclusion

# Depth of the groove's lowest point below the rim over the can's radius, as in a real 21700 cell.
GROOVE_SHARE = 0.306


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
        present: Whether there is a can; without, the jelly roll stands alone, as wound for this can.
    """

    outer_diameter_mm: float = 21.27
    wall_um: float = 225.0
    base_um: float = 300.0
    height_mm: float = 70.0
    cap: bool = True
    ovality: float = 0.0
    ovality_angle_deg: float = 30.0
    dents: tuple[Dent, ...] = ()
    present: bool = True

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
    defects: tuple[Defect, ...] = ()
    greys: Greys = field(default_factory=Greys)

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.core_radius_mm > 0.3, f"{self.roll.turns} turns do not fit into the can.",
                "Lower turns or the sheets' thickness, or widen the can.")  # fmt: skip
        require(self.roll_height_mm > 1, "The jelly roll does not fit into the can's height.",
                "Raise height_mm, or lower cathode_bottom_mm or cathode_top_mm.")  # fmt: skip
        require(self.headroom_mm > 0, f"The anodes reach {-self.headroom_mm:.2f} mm into the groove below the cap.",
                "Raise cathode_top_mm or lower the overhang.")  # fmt: skip
        require(self.collapse_mm < self.core_radius_mm - 0.1, "The sheets are pushed inward beyond the cell's axis.",
                f"Kinks and gaps may take up {(self.core_radius_mm - 0.1) * UM_PER_MM:.0f} µm.")  # fmt: skip
        for defect in (each for each in self.defects if not isinstance(each, CoreKink)):
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
    def collapse_mm(self) -> float:
        """How far sheets may have moved into the hollow core, in mm, where no two gaps or kinks meet."""
        kinks = max((defect.depth_um for defect in self.defects if isinstance(defect, CoreKink)), default=0.0)
        gaps = max((defect.opening_um for defect in self.defects if isinstance(defect, Delamination)), default=0.0)
        return (kinks + gaps) / UM_PER_MM

    @property
    def headroom_mm(self) -> float:
        """Room left between the highest anodes and the groove below the cap (the rim of an open can), in mm."""
        groove = GROOVE_SHARE * self.can.radius_mm + self.can.wall_um / 2 / UM_PER_MM if self.can.cap else 0.0
        return self.roll.cathode_top_mm - self.top.reach_um / UM_PER_MM - groove

    @property
    def roll_height_mm(self) -> float:
        """Height of the outermost cathode, in mm."""
        return self.can.height_mm - self.roll.cathode_top_mm - self.roll.cathode_bottom_mm
