"""The columns of the table of marked defects: one row per defect."""

from __future__ import annotations

from batterycell.tables import Column

_VOXEL_AXES = {"i": "column", "j": "row", "k": "slice"}
_WORLD_AXES = {"x": "R", "y": "A", "z": "S"}


def _world_columns(unit: str, title: str) -> list[Column]:
    return [
        Column(f"{axis}_{unit}", axis.upper(), title,
               f"{axis.upper()} in the views, as the cell stood when the table was made: {ras} of RAS.")
        for axis, ras in _WORLD_AXES.items()
    ]  # fmt: skip


DEFECT_COLUMNS: tuple[Column, ...] = (
    Column("id", "No.", "", "Running number, the point's label in the views; unique over all classes of a cell."),
    Column("class", "Class", "", "Kind of the defect: the name of the point list that holds it."),
    Column("severity", "Severity", "", "minor, major or critical."),
    Column("note", "Note", "", "What the annotator wrote."),
    *_world_columns("mm", "mm"),
    *_world_columns("um", "µm"),
    *(
        Column(axis, axis, "voxel",
               f"Continuous {word} index in the input array, from 0 at voxel centres: stays when the cell is turned.")
        for axis, word in _VOXEL_AXES.items()
    ),
    Column("angle_deg", "Angle", "deg", "Angle about the cell's axis from +i towards +j of the input array; "
           "empty while the axis is not known."),
    Column("winding", "Winding", "", "Cathode turn nearest to the point, 1 is the outermost; empty where not known."),
    Column("height_um", "Height", "µm", "Height along the cell's axis towards the cap, from the middle of the part "
           "of the can in the volume; empty while the axis is not known."),
)  # fmt: skip

DEFECT_DTYPES: dict[str, type] = dict.fromkeys(("id", "class", "severity", "note", "winding"), str)

IJK = ("i", "j", "k")
XYZ_MM = ("x_mm", "y_mm", "z_mm")
XYZ_UM = ("x_um", "y_um", "z_um")
