"""The columns of the table of rulers and angles: one row each."""

from __future__ import annotations

from batterycell.tables import Column

POINTS = ("start", "vertex", "end")
_WHERE = {
    "start": "Where a ruler, or an angle's first arm, starts",
    "vertex": "Where the arms of an angle meet; empty for a ruler",
    "end": "Where a ruler, or an angle's second arm, ends",
}
_WORLD = {"x": "R", "y": "A", "z": "S"}
_VOXEL = {"i": "column", "j": "row", "k": "slice"}


def world_names(point: str) -> tuple[str, ...]:
    """Names of the columns with a point's XYZ in mm."""
    return tuple(f"{point}_{axis}_mm" for axis in _WORLD)


def voxel_names(point: str) -> tuple[str, ...]:
    """Names of the columns with a point's IJK."""
    return tuple(f"{point}_{axis}" for axis in _VOXEL)


def _world_columns(point: str) -> list[Column]:
    return [
        Column(f"{point}_{axis}_mm", f"{point.capitalize()} {axis.upper()}", "mm",
               f"{_WHERE[point]}: {ras} of RAS in the views, as the cell stood when the table was made.")
        for axis, ras in _WORLD.items()
    ]  # fmt: skip


def _voxel_columns(point: str) -> list[Column]:
    return [
        Column(f"{point}_{axis}", f"{point.capitalize()} {axis}", "voxel",
               f"{_WHERE[point]}: continuous {word} index in the input array, from 0 at voxel centres.")
        for axis, word in _VOXEL.items()
    ]  # fmt: skip


def _snap_columns(point: str) -> list[Column]:
    return [
        Column(f"{point}_snapped", f"{point.capitalize()} snapped", "", f"yes where the {point} was moved to the grey-"
               "value edge next to it; empty where it was placed by hand."),
        Column(f"{point}_uncertainty_um", f"{point.capitalize()} ± (95 %)", "µm", f"Half width of the 95 % interval of "
               f"the {point} along the ruler: of the fitted edge, or one voxel where it was placed by hand."),
    ]  # fmt: skip


RULER_COLUMNS: tuple[Column, ...] = (
    Column("name", "Name", "", "Name of the ruler or angle."),
    Column("kind", "Kind", "", "length (two points) or angle (three points)."),
    Column("length_um", "Length", "µm", "Straight distance from start to end; empty for an angle."),
    Column("uncertainty_um", "± (95 %)", "µm", "Half width of the 95 % interval of length_um, of both ends together."),
    Column("angle_deg", "Angle", "deg", "Angle between the arms, 0 to 180; empty for a length."),
    Column("uncertainty_deg", "± (95 %)", "deg", "Half width of the 95 % interval of angle_deg, of all three points."),
    Column(
        "view",
        "View",
        "",
        "Slice view in which it was drawn, by its name in the layout (Red, Green, Yellow); empty where not known.",
    ),
    *_snap_columns("start"),
    *_snap_columns("end"),
    *(column for point in POINTS for column in _world_columns(point)),
    *(column for point in POINTS for column in _voxel_columns(point)),
)

RULER_DTYPES: dict[str, type] = dict.fromkeys(("name", "kind", "view", "start_snapped", "end_snapped"), str)
