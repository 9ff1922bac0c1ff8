"""The columns of the tables of overhang regions: one row an object, and one row an object and half-plane."""

from __future__ import annotations

from batterycell.tables import Column

_OBJECT = Column("object", "Object", "", "Number of the object: an overhang region followed around the cell.")
_WHERE = (
    Column("end", "End", "", "End of the cell once it stands upright: top (cap) or bottom (base)."),
    Column("winding", "Winding", "", "Cathode turn outside of the anode, 1 is the outermost."),
    Column("side", "Side", "", "Face of that cathode on which the anode lies: inner; outer for the anode outside of "
           "them all."),
)  # fmt: skip
_SOURCE = Column(
    "source", "Source", "", "What the regions were read from: edges of the grey values, labels, or a model."
)
_AXIS = "of the ellipse with the region's second moments, 4 √λ, as other programs report it"


def _centroid(what: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{axis}_mm", axis.upper(), "mm", f"{what}: {axis.upper()} of the volume's own RAS.") for axis in "ras"
    )


OBJECT_COLUMNS: tuple[Column, ...] = (
    _OBJECT,
    *_WHERE,
    Column("sheet", "Sheet", "", "Number of the connected piece of anode that the object is a turn of."),
    Column("angle_from_deg", "From angle", "deg", "Angle about the cell's axis at which the object begins."),
    Column("angle_to_deg", "To angle", "deg", "Angle at which it ends; beyond 360 where it runs on past 0."),
    Column("planes", "Half-planes", "", "Number of half-planes that it was seen on."),
    Column("arc_mean_um", "Length along sheet", "µm", "Mean over half-planes of the length along the sheet from the "
           "cathode's level to the anode's end, the mean of its two faces."),
    Column("arc_min_um", "Least length along sheet", "µm", "Least such length on any half-plane."),
    Column("arc_max_um", "Greatest length along sheet", "µm", "Greatest such length on any half-plane."),
    Column("u_arc_mean_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of arc_mean_um: the mean of "
           "its half-planes', as if they all erred alike."),
    Column("major_axis_mean_um", "2D major axis", "µm", f"Mean over half-planes of the major axis {_AXIS}; 15.5 % more "
           "than the length of a straight strip."),
    Column("major_axis_max_um", "Greatest 2D major axis", "µm", "Greatest such axis on any half-plane."),
    Column("feret_mean_um", "Feret diameter", "µm", "Mean over half-planes of the longest caliper."),
    Column("feret_max_um", "Greatest Feret diameter", "µm", "Greatest such caliper on any half-plane."),
    Column("box_mean_um", "Height of bounding box", "µm", "Mean over half-planes of the bounding box' height."),
    Column("orientation_deg", "Orientation", "deg", "Mean angle of the major axis to the cell's axis, positive "
           "outward."),
    Column("area_mean_um2", "Area on half-planes", "µm²", "Mean over half-planes of the region's area."),
    Column("sheet_area_mm2", "Area of sheet", "mm²", "Area of one face of the overhang: sum over half-planes of the "
           "length along the sheet × the distance to the next half-plane."),
    Column("width_mm", "Length along winding", "mm", "Sum over half-planes of the distance to the next one, at the "
           "anode's end."),
    Column("volume_mm3", "Volume", "mm³", "Sum over half-planes of area × the distance to the next one at the area's "
           "centroid (Pappus)."),
    *_centroid("Centroid of the volume"),
    _SOURCE,
)  # fmt: skip

OBJECT_PLANE_COLUMNS: tuple[Column, ...] = (
    _OBJECT,
    *_WHERE,
    Column("angle_deg", "Angle", "deg", "Angle of the half-plane about the cell's axis."),
    Column("arc_um", "Length along sheet", "µm", "Length along the sheet from the cathode's level to the anode's end, "
           "the mean of its two faces."),
    Column("uncertainty_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of arc_um."),
    Column("major_axis_um", "2D major axis", "µm", f"Major axis {_AXIS}."),
    Column("minor_axis_um", "2D minor axis", "µm", f"Minor axis {_AXIS}."),
    Column("feret_um", "Feret diameter", "µm", "Longest caliper of the region."),
    Column("box_um", "Height of bounding box", "µm", "Height of the bounding box along the cell's axis."),
    Column("area_um2", "Area", "µm²", "Area of the region."),
    Column("orientation_deg", "Orientation", "deg", "Angle of the major axis to the cell's axis, positive outward."),
    *_centroid("Centroid of the region"),
    _SOURCE,
)  # fmt: skip
