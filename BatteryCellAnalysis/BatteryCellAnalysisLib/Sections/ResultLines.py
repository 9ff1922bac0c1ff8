"""A stage's result in one line."""

from collections.abc import Mapping, Sequence

from batterycell.annotate.defects import SEVERITIES
from batterycell.annotate.rulers import ANGLE, LENGTH
from batterycell.clip import Cut
from batterycell.measured import Quantity, Stage
from batterycell.orient import Cell
from batterycell.summary import Statistics
from batterycell.tables import Table
from batterycell.told import plus_minus

from BatteryCellAnalysisLib.I18n import _


def uprightLine(cell: Cell) -> str:
    """Tilt, and whether the cell was turned over: ``tilt 1.3°, turned over``."""
    words = [_("tilt {tilt:.1f}°").format(tilt=cell.tilt_deg)]
    if cell.upside_down:
        words.append(_("turned over"))
    if cell.top_from == "unknown":
        words.append(_("top unknown: as scanned"))
    return ", ".join(words)


def cutLine(cut: Cut | None, angle: float | None) -> str:
    """How a cell is cut open: ``quarter``, ``half at 30°, inverted``; empty for a whole one."""
    if cut is None:
        return ""
    kinds = {"fit": _("whole"), "quarter": _("quarter"), "half": _("half"), "slab": _("slab"), "hand": _("by hand")}
    line = kinds[cut.kind]
    if angle:
        line = _("{cut} at {angle:g}°").format(cut=line, angle=angle)
    return _("{cut}, inverted").format(cut=line) if cut.removes_inside != (cut.kind == "quarter") else line


def lookLine(angle: float | None, isUnrolled: bool, span: tuple[int, int] | None) -> str:
    """What is looked at: ``137°, unrolled along winding 3``."""
    words = [] if angle is None else [_("{angle:g}°").format(angle=round(angle, 1))]
    if isUnrolled:
        words.append(_("unrolled along {curve}").format(curve=curveLine(span)))
    return ", ".join(words)


def unrolledLine(span: tuple[int, int] | None) -> str:
    """What was unrolled, and what can be done with it."""
    words = _("Unrolled along {curve}. Click, or hold Shift and move the mouse, in one view: all views go there.")
    return words.format(curve=curveLine(span))


def curveLine(span: tuple[int, int] | None) -> str:
    """Along what a cell was unrolled: ``a circle``, ``winding 3``, ``windings 3 to 5``."""
    if span is None:
        return _("a circle")
    first, last = span
    return _("winding {n}").format(n=first) if first == last else _("windings {a} to {b}").format(a=first, b=last)


def placeLine(angle: float, radius_mm: float) -> str:
    """Where a place lies about the axis: ``137.2°, radius 7,912 µm``."""
    return _("{angle:.1f}°, radius {radius:,.0f} µm").format(angle=angle, radius=radius_mm * 1000)


def defectLine(defects: Table) -> str:
    """How many defects are marked, and how many of them are critical: ``12 defects (2 critical)``."""
    count, critical = len(defects), int((defects["severity"] == SEVERITIES[-1]).sum())
    if not count:
        return ""
    line = _("1 defect") if count == 1 else _("{count} defects").format(count=count)
    return line + _(" ({critical} critical)").format(critical=critical) if critical else line


def rulerLine(kinds: list[str]) -> str:
    """How many rulers and angles there are: ``4 rulers, 1 angle``."""
    rulers, angles = kinds.count(LENGTH), kinds.count(ANGLE)
    words = [_("1 ruler") if rulers == 1 else _("{count} rulers").format(count=rulers)] if rulers else []
    if angles:
        words.append(_("1 angle") if angles == 1 else _("{count} angles").format(count=angles))
    return ", ".join(words)


def overhangLine(statistics: Statistics, stages: Sequence[Stage] = ()) -> str:
    """Count, mean with its 95 % interval, negatives: ``1,980 values, 684 ± 14 µm, 0 negative``.

    The interval is the one that the stage states, where there is one: it holds what all values of a cell share.
    """
    if not statistics.n_readable:
        return _("no value readable, {negative} negative").format(negative=statistics.n_negative)
    stated = [one.uncertainty for stage in stages for one in stage.quantities if one.name == "overhang_mean_um"]
    half = stated[0] if stated else statistics.u_mean_um
    spread = plus_minus(half if statistics.n_readable > 1 else None, 0)
    return _("{count:,} values, {mean:.0f}{spread} µm, {negative} negative").format(
        count=statistics.n_readable, mean=statistics.mean_um, spread=spread, negative=statistics.n_negative
    )


# What a section's title leaves out: the panel is as wide as its widest title.
_LONG = ("can_wall_mean_um", "winding_deviation_max_um", "pouch_misalignment_max_um")


def stagesLine(stages: Sequence[Stage], isShort: bool = False) -> str:
    """The chief numbers of stages: ``can 21.22 ± 0.01 mm, wall 295 ± 5 µm, 21 windings``; few of them for a title."""
    said = {
        "can_outer_diameter_mm": (_("can {value:.3f}{spread} mm"), 3),
        "can_wall_mean_um": (_("wall {value:.0f}{spread} µm"), 0),
        "winding_count": (_("{value:.0f} windings"), 0),
        "winding_deviation_max_um": (_("at most {value:.0f}{spread} µm off the ideal spiral"), 0),
        "inclusion_count": (_("{value:.0f} particles"), 0),
        "pouch_cathode_count": (_("{value:.0f} cathodes"), 0),
        "pouch_misalignment_max_um": (_("at most {value:.0f}{spread} µm misaligned"), 0),
    }
    found = {one.name: one for stage in stages for one in stage.quantities if one.value == one.value}
    words = []
    for name, (line, digits) in said.items():
        if name in found and not (isShort and name in _LONG):
            half = found[name].uncertainty
            spread = plus_minus(half, digits) if half == half and half > 0 else ""
            words.append(line.format(value=found[name].value, spread=spread))
    return ", ".join(words)


def objectsLine(stages: Sequence[Stage], isShort: bool = False) -> str:
    """How many objects there are, how large, how many broken: ``1,204 objects, D50 3.2 ± 0.1 µm, 18 ± 3 % broken``.

    Those of several classes are told one after another; in a title, only how many there are of all.
    """
    found = {one.name: one for stage in stages for one in stage.quantities if one.value == one.value}
    counts = [one for name, one in found.items() if name.startswith("instances_") and _isCount(name)]
    if isShort and len(counts) > 1:
        words = _("{count:,.0f} objects of {classes} classes")
        return words.format(count=sum(one.value for one in counts), classes=len(counts))
    lines = [_classLine(one, _medianOf(one, found), isShort) for one in counts]
    broken = found.get("microstructure_broken_percent")
    line = "; ".join(lines)
    return line + _(", {share} % broken").format(share=_valued(broken, 0)) if line and broken else line


def _medianOf(count: Quantity, found: Mapping[str, Quantity]) -> Quantity | None:
    """D50 of the objects of a class; of a microstructure it stands with its other sizes."""
    name = count.name.removeprefix("instances_").removesuffix("_count")
    return found.get(f"instances_{name}_diameter_d50_um") or found.get(f"microstructure_{name}_d50_number_um")


def _classLine(count: Quantity, size: Quantity | None, isShort: bool) -> str:
    name = "" if isShort else count.title.partition(":")[0] + ": "
    words = _("1 object") if count.value == 1 else _("{count:,.0f} objects").format(count=count.value)
    return name + words + (_(", D50 {size} µm").format(size=_valued(size, 2)) if size else "")


def _isCount(name: str) -> bool:
    return name.endswith("_count") and not name.endswith("_border_count")


def _valued(quantity: Quantity, digits: int) -> str:
    half = quantity.uncertainty
    return f"{quantity.value:.{digits}f}{plus_minus(half, digits) if half == half and half > 0 else ''}"


def tablesByTitle(stages: Sequence[Stage]) -> dict[str, Table]:
    """The tables of stages as they are listed: ``Can: dents``."""
    titles = _("{stage}: {table}")
    return {
        titles.format(stage=stage.title, table=name.replace("_", " ")): table
        for stage in stages
        for name, table in stage.tables.items()
    }


def withNotes(line: str, stages: Sequence[Stage]) -> list[str]:
    """A result, and what must be told of its stages."""
    return [words for words in [line, *(note for stage in stages for note in stage.notes)] if words]


def quantityRows(quantities: Table) -> Table:
    """The numbers of stages as people read them: name, value, interval, units, definition."""
    return _columnsOf(quantities, ("title", "value", "uncertainty", "units", "description"))


def comparisonRows(comparison: Table) -> Table:
    """Samples side by side as people read them: whether they differ stands first."""
    names = ("title", "sample", "differs", "value", "uncertainty", "units", "difference", "u_difference")
    return _columnsOf(comparison, names)


def _columnsOf(table: Table, names: Sequence[str]) -> Table:
    columns = tuple(column for name in names for column in table.columns if column.name == name)
    return Table(columns, {name: table[name] for name in names})
