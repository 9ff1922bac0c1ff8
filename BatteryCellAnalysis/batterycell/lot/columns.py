"""The columns of the tables of a lot."""

from __future__ import annotations

from batterycell.tables import Column
from batterycell.tolerance.columns import TOLERANCE_COLUMNS

LOT_FILE, STATISTICS_FILE, VERDICT_FILE, REPORT_FILE = (
    "lot.csv", "lot_statistics.csv", "lot_verdict.csv", "lot.html",
)  # fmt: skip
# What became of a cell.
STATES = {
    "measured": "measured in this run",
    "kept": "measured before, from the same files with the same settings",
    "failed": "could not be measured: see message",
}
LOT_WORDS = ("cell", "status", "top_from", "folder", "input", "message", "verdict", "verdict_why", "odd")
LOT_COLUMNS = (
    Column("cell", "Cell", "", "Name of the cell's folder in the lot."),
    Column("status", "Status", "", "; ".join(f"{name}: {meaning}" for name, meaning in STATES.items()) + "."),
    Column("values", "Values", "", "Number of overhangs that could be read."),
    Column("negatives", "Negative", "", "Number of negative overhangs."),
    Column("overhang_mean_um", "Mean overhang", "µm", "Mean of the readable overhangs."),
    Column("overhang_mean_uncertainty_um", "± mean", "µm", "Half width of the mean's 95 % interval."),
    Column("overhang_sd_um", "Standard deviation", "µm", "Standard deviation of the single overhangs."),
    Column("overhang_min_um", "Least", "µm", "Least overhang."),
    Column("overhang_median_um", "Median", "µm", "Median overhang."),
    Column("overhang_max_um", "Greatest", "µm", "Greatest overhang."),
    Column("windings", "Windings", "", "Greatest number of cathode turns met at one angle."),
    Column("can_diameter_um", "Can diameter", "µm", "Outer diameter of the can."),
    Column("can_diameter_uncertainty_um", "± diameter", "µm", "Half width of the diameter's 95 % interval."),
    Column("tilt_deg", "Tilt", "deg", "Angle between the cell's axis and the nearest axis of the scan."),
    Column("top_from", "Top told by", "", "What told the top from the bottom: groove, crimp or unknown."),
    Column("voxel_z_um", "Voxel z", "µm", "Voxel size from slice to slice."),
    Column("voxel_y_um", "Voxel y", "µm", "Voxel size from row to row."),
    Column("voxel_x_um", "Voxel x", "µm", "Voxel size from column to column."),
    Column("folder", "Folder", "", "The cell's result folder, beside the lot's table."),
    Column("input", "Input", "", "The image that was measured."),
    Column("message", "Message", "", "Why a cell could not be measured, or what else must be told; else empty."),
)
# These follow the status; each quantity and its uncertainty follow at the end.
VERDICT_COLUMNS = (
    Column("verdict", "Verdict", "", "pass, fail or cannot tell by the tolerances; without tolerances not judged, or "
           "fail by a negative overhang; empty where nothing was measured."),
    Column("verdict_why", "Why", "", "The verdict in a sentence or two."),
    Column("odd", "Odd in", "", "Quantities in which the cell lies far from the others (robust z beyond 3.5)."),
)  # fmt: skip
LOT_VERDICT_COLUMNS = (LOT_COLUMNS[0], *TOLERANCE_COLUMNS)

_INTERVAL = "95 % interval"
STATISTICS_COLUMNS = (
    Column("quantity", "Quantity", "", "Machine name, ending in its unit."),
    Column("title", "Title", "", "Name for people."),
    Column("units", "Units", "", "Units of all but n, Cp and Cpk; empty for counts."),
    Column("n", "Cells", "", "Number of cells in which it was measured."),
    Column("mean", "Mean", "", "Mean over the cells."),
    Column("sd", "Standard deviation", "", "Standard deviation from cell to cell, that of the measurement included."),
    Column("min", "Least", "", "Least value."),
    Column("median", "Median", "", "Median."),
    Column("max", "Greatest", "", "Greatest value."),
    Column("lower", "Lower limit", "", "Least value that the tolerances allow; empty where there is none."),
    Column("upper", "Upper limit", "", "Greatest value that the tolerances allow; empty where there is none."),
    Column("cp", "Cp", "", "(upper - lower) / 6 sd (ISO 22514-2); empty unless both limits are given."),
    Column("cp_low", "Cp from", "", f"Low end of its {_INTERVAL}, from that of the standard deviation."),
    Column("cp_high", "Cp to", "", f"High end of its {_INTERVAL}."),
    Column(
        "cpk",
        "Cpk",
        "",
        "Distance of the mean from the nearer limit, in 3 sd of these cells "
        "(ISO 22514-2; called Ppk where the process is not shown to be in control).",
    ),
    Column("cpk_low", "Cpk from", "", f"Low end of its {_INTERVAL} (Bissell 1990)."),
    Column("cpk_high", "Cpk to", "", f"High end of its {_INTERVAL}."),
    Column("odd", "Odd cells", "", "Cells whose robust z lies beyond 3.5; named from five cells on."),
)
STATISTICS_WORDS = ("quantity", "title", "units", "odd")
