"""A stage's result in one line."""

from batterycell.annotate.defects import SEVERITIES
from batterycell.orient import Cell
from batterycell.summary import Statistics, plus_minus
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _


def uprightLine(cell: Cell) -> str:
    """Tilt, and whether the cell was turned over: ``tilt 1.3°, turned over``."""
    words = [_("tilt {tilt:.1f}°").format(tilt=cell.tilt_deg)]
    if cell.upside_down:
        words.append(_("turned over"))
    if cell.top_from == "unknown":
        words.append(_("top unknown: as scanned"))
    return ", ".join(words)


def defectLine(defects: Table) -> str:
    """How many defects are marked, and how many of them are critical: ``12 defects (2 critical)``."""
    count, critical = len(defects), int((defects["severity"] == SEVERITIES[-1]).sum())
    if not count:
        return ""
    line = _("1 defect") if count == 1 else _("{count} defects").format(count=count)
    return line + _(" ({critical} critical)").format(critical=critical) if critical else line


def overhangLine(statistics: Statistics) -> str:
    """Count, mean with its 95 % interval, negatives: ``1,980 values, 684 ± 14 µm, 0 negative``."""
    if not statistics.n_readable:
        return _("no value readable, {negative} negative").format(negative=statistics.n_negative)
    spread = plus_minus(statistics.u_mean_um if statistics.n_readable > 1 else None, 0)
    return _("{count:,} values, {mean:.0f}{spread} µm, {negative} negative").format(
        count=statistics.n_readable, mean=statistics.mean_um, spread=spread, negative=statistics.n_negative
    )
