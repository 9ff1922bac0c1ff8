"""Columns of the can's tables."""

from __future__ import annotations

from batterycell.tables import Column

SECTION_COLUMNS = (
    Column("height_mm", "Height", "mm", "Height along the cell's axis; 0 in the middle of what the volume shows."),
    Column("region", "Region", "", "straight, neck, groove, rim, end, or none where there is no can."),
    Column("outer_diameter_mm", "Outer diameter", "mm", "Mean of both axes of the section's robust ellipse."),
    Column("u_outer_diameter_mm", "Uncertainty (95 %)", "mm", "Half width of the interval of the outer diameter."),
    Column("largest_diameter_mm", "Largest diameter", "mm", "Greater axis of the section's robust ellipse."),
    Column("smallest_diameter_mm", "Smallest diameter", "mm", "Lesser axis of the section's robust ellipse."),
    Column("ovality_percent", "Ovality", "%", "Largest minus smallest diameter over their mean."),
    Column("largest_at_deg", "Largest at", "deg", "Angle at which the diameter is largest, 0 to 180."),
    Column("inner_diameter_mm", "Inner diameter", "mm", "Outer diameter less twice the mean wall."),
    Column("wall_mean_um", "Wall, mean", "µm", "Mean thickness of the wall along the radius."),
    Column("wall_min_um", "Wall, least", "µm", "Least thickness, as a mean over 1 mm around the can."),
    Column("wall_max_um", "Wall, greatest", "µm", "Greatest thickness, as a mean over 1 mm around the can."),
    Column("wall_sd_um", "Wall, standard deviation", "µm", "Standard deviation of those means."),
    Column("dent_um", "Deepest", "µm", "Greatest depth below the smooth elliptic surface, as a mean over 0.4 mm."),
    Column("bend_um", "Off the axis", "µm", "Distance of the section's middle from the straight axis through all."),
)

DENT_COLUMNS = (
    Column("dent", "Dent", "", "Number, the deepest first."),
    Column("angle_deg", "Angle", "deg", "Angle of its deepest place."),
    Column("height_mm", "Height", "mm", "Height of its deepest place along the cell's axis."),
    Column(
        "depth_um",
        "Depth",
        "µm",
        "Greatest depth below the robust ellipse along the radius, of a paraboloid fitted there.",
    ),
    Column("uncertainty_um", "Uncertainty (95 %)", "µm", "Half width of the interval of the depth."),
    Column("width_around_mm", "Width around", "mm", "Full width at half its depth around the can."),
    Column("width_along_mm", "Width along", "mm", "Full width at half its depth along the can; empty for one slice."),
    Column("area_mm2", "Area", "mm²", "Area that is told from noise and from the can's form; empty for one slice."),
    Column("r_mm", "R", "mm", "R of its deepest place in the volume's own RAS."),
    Column("a_mm", "A", "mm", "A of its deepest place in the volume's own RAS."),
    Column("s_mm", "S", "mm", "S of its deepest place in the volume's own RAS."),
)

FEATURE_COLUMNS = (
    Column("feature", "Feature", "", "straight, neck, groove, rim or end: stretches of the can along its height."),
    Column("from_mm", "From", "mm", "Lowest height."),
    Column("to_mm", "To", "mm", "Greatest height."),
    Column("at_mm", "At", "mm", "Height where a groove is narrowest, a rim widest; else the middle."),
    Column("diameter_mm", "Diameter", "mm", "Twice the median outer radius there."),
    Column("depth_um", "Depth", "µm", "How far the outer surface lies inward of the straight wall's there."),
    Column("wall_um", "Wall", "µm", "Median thickness along the radius over the stretch."),
)
