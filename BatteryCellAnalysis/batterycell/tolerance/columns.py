"""The columns of the table of nominal and actual values."""

from __future__ import annotations

from batterycell.tables import Column

TOLERANCE_COLUMNS = (
    Column("quantity", "Quantity", "", "Machine name, as the file of tolerances writes it."),
    Column("title", "Title", "", "Name for people."),
    Column("nominal", "Nominal", "", "What it should be, in the units of its row; empty where nothing is said."),
    Column("actual", "Actual", "", "What was measured; of every overhang, the one that is worst."),
    Column("uncertainty", "Uncertainty (95 %)", "", "Half width of the actual value's 95 % interval."),
    Column("deviation", "Deviation", "", "Actual minus nominal value."),
    Column("lower", "Lower limit", "", "Least value that is allowed; empty where there is none."),
    Column("upper", "Upper limit", "", "Greatest value that is allowed; empty where there is none."),
    Column("units", "Units", "", "Units of nominal, actual, uncertainty, deviation and limits."),
    Column("severity", "Severity", "", "critical or major: the cell fails with it; minor: only told."),
    Column("verdict", "Verdict", "", "pass, fail, or cannot tell: the 95 % interval straddles a limit, or nothing "
           "was measured."),
    Column("why", "Why", "", "The reason in one sentence."),
)  # fmt: skip
TOLERANCE_DTYPES: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "severity", "verdict", "why"), str)

# What the table of single overhangs that do not pass has beside the columns of the overhang table.
ROW_COLUMNS = (
    Column("lower_um", "Lower limit", "µm", "Least overhang that is allowed here; empty where there is none."),
    Column("upper_um", "Upper limit", "µm", "Greatest overhang that is allowed here; empty where there is none."),
    Column("verdict", "Verdict", "", "fail, or cannot tell: the 95 % interval straddles a limit."),
)
