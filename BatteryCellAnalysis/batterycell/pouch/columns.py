"""The columns of a stack's tables."""

from __future__ import annotations

from batterycell.overhang.columns import FLAGS, OVERHANG_COLUMNS
from batterycell.tables import Column

FACES = ("lower", "upper")
_PLACES = [f"{part}_{axis}{unit}" for part in ("cathode", "anode") for unit in ("", "_mm")
           for axis in ("ras" if unit else "ijk")]  # fmt: skip

POUCH_OVERHANG_COLUMNS: tuple[Column, ...] = (
    Column("layer", "Layer", "", "Cathode from the base of the stack, 1 is the lowest."),
    Column("face", "Face", "", "Whether the anode lies on the lower or the upper face of that cathode."),
    Column("edge", "Edge", "", "Side of the stack: x-, x+, y- or y+."),
    Column("position_mm", "Position", "mm", "Place along the edge, from the middle of the stack."),
    Column("overhang_um", "Overhang", "µm", "Length along the anode sheet from the level at which the cathode ends to "
           "the anode's end, across the edge; negative where the anode ends first; empty where it cannot be read."),
    Column("uncertainty_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of overhang_um."),
    Column("flag", "Flag", "", "ok, negative, or why the overhang cannot be read."),
    *(column for name in _PLACES for column in OVERHANG_COLUMNS if column.name == name),
)  # fmt: skip

POUCH_OVERHANG_DTYPES: dict[str, type] = {"layer": int, "face": str, "edge": str, "flag": str}

# As those of wound cells, and what only stacks have.
POUCH_FLAGS: dict[str, str] = {
    **FLAGS,
    "tab": "a tab leaves the sheet here: its end does not show",
    "outside-volume": "this part of the edge lies outside the volume",
}

LAYER_COLUMNS: tuple[Column, ...] = (
    Column("sheet", "Sheet", "", "Kind of sheet: cathode or anode."),
    Column("layer", "Layer", "", "Number of the sheet among its kind from the base of the stack, 1 is the lowest."),
    Column("height_mm", "Height", "mm", "Height of the sheet's middle along the direction of stacking."),
    Column("offset_x_um", "Offset along x", "µm", "Displacement of the sheet's middle along x from the stack's mean."),
    Column("u_offset_x_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of offset_x_um."),
    Column("offset_y_um", "Offset along y", "µm", "Displacement of the sheet's middle along y from the stack's mean."),
    Column("u_offset_y_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of offset_y_um."),
    Column("rotation_deg", "Rotation", "deg", "Rotation of the sheet in its plane from x towards y, from the stack's "
           "mean."),
    Column("u_rotation_deg", "Uncertainty (95 %)", "deg", "Half width of the 95 % interval of rotation_deg."),
    Column("length_x_mm", "Length along x", "mm", "Size of the sheet along x; empty where not both sides were read."),
    Column("length_y_mm", "Length along y", "mm", "Size of the sheet along y; empty where not both sides were read."),
    Column("edges_read", "Edges read", "", "Number of places at which its edges were read."),
    *(Column(f"{axis}_mm", axis.upper(), "mm", f"{axis.upper()} of the sheet's middle in the volume's own RAS.")
      for axis in "ras"),
)  # fmt: skip
