"""The columns of the overhang table: one row per end, angle, winding and side."""

from __future__ import annotations

from batterycell.tables import Column

_AXES = {"i": "column", "j": "row", "k": "slice"}


def _index_columns(part: str) -> list[Column]:
    return [
        Column(f"{part}_{axis}", f"{part.capitalize()} end {axis}", "voxel",
               f"Where the {part} ends in the input array: continuous {word} index, from 0 at voxel centres.")
        for axis, word in _AXES.items()
    ]  # fmt: skip


def _ras_columns(part: str) -> list[Column]:
    return [
        Column(f"{part}_{axis}_mm", f"{part.capitalize()} end {axis.upper()}", "mm",
               f"Where the {part} ends: {axis.upper()} of the volume's own RAS, whatever transform it stands under.")
        for axis in "ras"
    ]  # fmt: skip


OVERHANG_COLUMNS: tuple[Column, ...] = (
    Column("end", "End", "", "End of the cell once it stands upright: top (cap) or bottom (base)."),
    Column("angle_deg", "Angle", "deg", "Angle about the cell's axis from +i towards +j of the input array."),
    Column("winding", "Winding", "", "Cathode turn at this angle, 1 is the outermost; the number changes at the "
           "seam, the angle at which the cathode begins."),
    Column("turn", "Turn", "", "Continuous place along the cathode in turns from its outer end: its whole part is "
           "winding − 1; empty where the windings were not traced."),
    Column("arc_mm", "Length along cathode", "mm", "Length along the cathode's middle from its outer end."),
    Column("side", "Side", "", "Whether the anode lies on the outer or the inner face of the cathode."),
    Column("overhang_um", "Overhang", "µm", "Length along the anode sheet from the level at which the cathode ends "
           "to the anode's end; negative where the anode ends first; empty where it cannot be read."),
    Column("overhang_axial_um", "Overhang along axis", "µm", "Distance of the two ends along the cell's axis."),
    Column("uncertainty_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of overhang_um."),
    Column("tilt_deg", "Tilt", "deg", "Lean of the anode's overhang (the straight line from the level at which the "
           "cathode ends to the anode's end) against the cell's axis, positive away from it."),
    Column("base_deviation_um", "Base deviation", "µm", "How much farther out of the cell, along its axis, the cathode "
           "ends than the median of the cathodes at that end."),
    Column("flag", "Flag", "", "ok, negative, or why the overhang cannot be read."),
    Column("source", "Source", "", "What the ends were read from: edges of the grey values, labels, or a model."),
    *_index_columns("cathode"),
    *_index_columns("anode"),
    *_ras_columns("cathode"),
    *_ras_columns("anode"),
)  # fmt: skip

OVERHANG_DTYPES: dict[str, type] = {"end": str, "winding": int, "side": str, "flag": str, "source": str}

# Flags, and what each means. Rows with any flag but the readable ones carry no overhang.
FLAGS: dict[str, str] = {
    "ok": "read",
    "negative": "read: the anode ends before the cathode",
    "negative-unclear": "the anode does not stand above the cathode; where it ends cannot be read",
    "no-anode": "no anode sheet stands on this side of the cathode",
    "cathode-unclear": "the cathode's end cannot be read",
    "anode-unclear": "the anode's end cannot be read",
    "outside-volume": "this end of the cell lies outside the volume",
}
READABLE_FLAGS = ("ok", "negative")
NEGATIVE_FLAGS = ("negative", "negative-unclear")
