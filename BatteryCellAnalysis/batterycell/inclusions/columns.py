"""The columns of the table of inclusions: one row a candidate."""

from __future__ import annotations

from batterycell.tables import Column

# Flags, and what each means. Only "ok" counts as a foreign particle or a void.
INCLUSION_FLAGS: dict[str, str] = {
    "ok": "compact, and nothing of the cell's own is known there",
    "flat": "a sheet that is displaced or thicker there rather than a particle",
    "streak": "stands out along the axis but hardly within its slice, or the other way round: an artefact, an edge",
    "faint": "too large for how little it stands out, or hardly better than noise: no metal, and no void",
    "can": "the wall of the can, pressed inward",
    "tab": "beside the bare foil of a tab",
}

INCLUSION_COLUMNS = (
    Column("kind", "Kind", "", "particle: brighter than what is expected at its place; void: darker."),
    Column("flag", "Flag", "", "ok, or why it is no inclusion: " + "; ".join(
        f"{name}: {meaning}" for name, meaning in INCLUSION_FLAGS.items()) + "."),
    Column("diameter_um", "Equivalent diameter", "µm", "Diameter of the sphere that, blurred as the scan is, fits best "
           "(empty where none does)."),
    Column("uncertainty_um", "Uncertainty (95 %)", "µm", "Half width of the 95 % interval of diameter_um."),
    Column("contrast_grey", "Contrast", "", "Grey value above what is expected there, at its peak in the scan."),
    Column("contrast_sd", "Contrast in noise", "", "The same in standard deviations of what is usual at its place."),
    Column("winding", "Winding", "", "Cathode turn it lies nearest to, 1 is the outermost at its angle."),
    Column("angle_deg", "Angle", "deg", "Angle about the cell's axis from +i towards +j of the input array."),
    Column("height_mm", "Height", "mm", "Height along the cell's axis, 0 in the middle of what the volume shows."),
    Column("depth_um", "Distance from cathode", "µm", "Distance of its middle outward from that cathode's middle."),
    Column("arc_mm", "Along the cathode", "mm", "Length along the cathode from its outer end to this place."),
    Column("edge", "Nearest edge", "", "Which electrode's end lies nearest along the axis: cathode or anode, top or "
           "bottom; empty where none lies in the volume."),
    Column("edge_distance_um", "Distance from edge", "µm", "Distance along the axis from its middle to that end; "
           "negative beyond it."),
    Column("i", "I", "voxel", "Where it is in the input array: continuous column index, from 0 at voxel centres."),
    Column("j", "J", "voxel", "Where it is in the input array: continuous row index, from 0 at voxel centres."),
    Column("k", "K", "voxel", "Where it is in the input array: continuous slice index, from 0 at voxel centres."),
    Column("r_mm", "R", "mm", "R of its middle in the volume's own RAS."),
    Column("a_mm", "A", "mm", "A of its middle in the volume's own RAS."),
    Column("s_mm", "S", "mm", "S of its middle in the volume's own RAS."),
)  # fmt: skip
INCLUSION_DTYPES: dict[str, type] = {"kind": str, "flag": str, "edge": str}
