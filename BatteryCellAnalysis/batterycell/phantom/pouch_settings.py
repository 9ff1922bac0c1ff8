"""Settings of a generated pouch cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .checks import require, require_numbers
from .settings import Greys

Edge = Literal["x-", "x+", "y-", "y+"]
EDGES: tuple[Edge, Edge, Edge, Edge] = ("x-", "x+", "y-", "y+")


@dataclass(frozen=True)
class MisplacedLayer:
    """One anode sheet that was laid down wrongly.

    Args:
        anode: Number of the anode from the base of the stack, 1 is the lowest.
        shift_x_um: Displacement along x.
        shift_y_um: Displacement along y.
        turn_deg: Rotation in the plane.
    """

    anode: int = 4
    shift_x_um: float = 0.0
    shift_y_um: float = 0.0
    turn_deg: float = 0.0


@dataclass(frozen=True)
class PouchTab:
    """A strip of bare foil that leaves every sheet of one kind on one side.

    Args:
        sheet: Which sheets it belongs to.
        edge: Side on which it leaves them.
        position_mm: Its middle along that side.
        width_mm: Its width.
        thickness_um: Thickness of the foil.
    """

    sheet: Literal["cathode", "anode"] = "anode"
    edge: Edge = "y+"
    position_mm: float = 1.5
    width_mm: float = 1.5
    thickness_um: float = 12.0

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.edge in EDGES and self.sheet in ("cathode", "anode"), f"A tab cannot be {self}.",
                "Give a sheet, cathode or anode, and an edge: x-, x+, y- or y+.")  # fmt: skip
        require(min(self.width_mm, self.thickness_um) > 0, f"A tab cannot be {self}.", "Give positive sizes.")


@dataclass(frozen=True)
class PouchCell:
    """Flat sheets stacked in a pouch or a hard case, an anode below and above every cathode.

    The cell's x and y lie in the sheets, z is the direction of stacking; x is toward_i of the frame.

    Args:
        cathodes: Number of cathodes; there is one anode more.
        cathode_mm: Size of a cathode along x and y.
        overhang_um: How much larger the anodes are on every side.
        cathode_um: Thickness of a cathode with both coatings.
        anode_um: Thickness of an anode with both coatings.
        foil_um: Thickness of the anode's copper foil.
        separator_um: Thickness of one separator.
        separator_beyond_um: How much larger than the anodes the separators are on every side.
        shift_sd_um: Standard deviation of each sheet's displacement along x and y.
        turn_sd_deg: Standard deviation of each sheet's rotation in its plane.
        bow_um: How much higher the middle of the sheets lies than their edges: a swollen cell.
        curl_um: How far the anodes' rims are bent upward at their edge.
        laminate_um: Thickness of the pouch's laminate, or of the hard case's wall.
        flange_mm: Width of the sealed rim.
        clearance_um: Room between the stack and its case, above and below.
        case: A soft pouch, or the hard case of a prismatic cell, which has no rim.
        turn_deg: Rotation of the whole cell about the direction of stacking.
        tabs: Strips of foil that leave the sheets.
        misplaced: Anodes that were laid down wrongly.
        greys: Grey values.
    """

    cathodes: int = 7
    cathode_mm: tuple[float, float] = (8.0, 6.0)
    overhang_um: float = 500.0
    cathode_um: float = 150.0
    anode_um: float = 170.0
    foil_um: float = 10.0
    separator_um: float = 20.0
    separator_beyond_um: float = 300.0
    shift_sd_um: float = 60.0
    turn_sd_deg: float = 0.15
    bow_um: float = 0.0
    curl_um: float = 0.0
    laminate_um: float = 120.0
    flange_mm: float = 1.0
    clearance_um: float = 30.0
    case: Literal["pouch", "prismatic"] = "pouch"
    turn_deg: float = 0.0
    tabs: tuple[PouchTab, ...] = ()
    misplaced: tuple[MisplacedLayer, ...] = ()
    greys: Greys = field(default_factory=Greys)

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.cathodes >= 1 and min(self.cathode_mm) > 0.5, "A pouch cell needs a cathode of some size.",
                "Give cathodes >= 1 and cathode_mm above 0.5.")  # fmt: skip
        sheets = (self.cathode_um, self.anode_um, self.foil_um, self.separator_um, self.laminate_um)
        require(min(sheets) > 0, f"Sheets of {sheets} µm cannot be stacked.", "Every thickness must be positive.")
        require(min(self.shift_sd_um, self.turn_sd_deg) >= 0, "A standard deviation cannot be negative.", "Give 0.")
        require(min(self.clearance_um, self.flange_mm) >= 0, "Clearance and rim cannot be negative.", "Give 0.")
        require(self.case in ("pouch", "prismatic"), f"There is no case {self.case}.", "Choose pouch or prismatic.")
        for layer in self.misplaced:
            require(1 <= layer.anode <= self.cathodes + 1, f"There is no anode {layer.anode}.",
                    f"Choose 1 to {self.cathodes + 1}.")  # fmt: skip

    @property
    def pitch_um(self) -> float:
        """Thickness of one cathode, one anode and their separators."""
        return self.cathode_um + self.anode_um + 2 * self.separator_um

    @property
    def stack_um(self) -> float:
        """Thickness of the whole stack."""
        return self.cathodes * self.pitch_um + self.anode_um + 2 * self.separator_um
