"""Measure cell after cell, judge them, and table them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from batterycell.errors import Cancelled, explain
from batterycell.output import replace_file
from batterycell.progress import Progress
from batterycell.tables import Table, write_csv
from batterycell.tolerance import Tolerances

from .cells import LotCell
from .columns import LOT_FILE, REPORT_FILE, STATISTICS_FILE, VERDICT_FILE
from .judging import Judged, judge_folder, judged_otherwise
from .statistics import Series, collect, statistics_table
from .table import cell_numbers, lot_table, verdict_table

Measure = Callable[[Path, Path, Progress], dict[str, Any]]


@dataclass
class Lot:
    """A lot, as far as it is measured.

    Args:
        tolerances: What its cells are judged by.
        rows: What is known of each cell, by column.
        judged: Numbers and verdict of each cell; None where nothing was measured.
    """

    tolerances: Tolerances | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    judged: list[Judged | None] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether the last cell's row would be lost with this run: what was kept is read again in a moment."""
        return bool(self.rows[-1]["status"] != "kept")

    @property
    def cells(self) -> list[str]:
        """The names of its cells."""
        return [row["cell"] for row in self.rows]

    @property
    def series(self) -> list[Series]:
        """Every quantity over the cells."""
        return collect([one.quantities if one else None for one in self.judged], self.tolerances)

    @property
    def table(self) -> Table:
        """One row a cell: `LOT_COLUMNS`, `VERDICT_COLUMNS`, and two columns a quantity."""
        return lot_table(self.rows, self.judged, self.series)


def run_lot(
    cells: Sequence[LotCell], out: Path, measure: Measure, progress: Progress, tolerances: Tolerances | None = None
) -> Table:
    """Measure cell after cell; the table in ``out`` is complete after every measured one, also where a run is killed.

    A cell that cannot be measured becomes a row that says why; the others go on.

    Args:
        cells: The cells.
        out: The lot's folder; made where it is not there.
        measure: ``measure(source, folder, progress)`` writes a result folder and returns its summary.
        progress: Told how far it is; asked whether to stop.
        tolerances: What the cells are judged by; None for the hard rule on negative overhang alone.

    Returns:
        One row a cell, `LOT_COLUMNS`, `VERDICT_COLUMNS` and the quantities.
    """
    lot = Lot(tolerances)
    try:
        for number, cell in enumerate(cells):
            part = progress.part(number / len(cells), (number + 1) / len(cells))
            add_cell(lot, cell, out, measure, _named(part, f"{cell.name} ({number + 1} of {len(cells)})"))
            if lot.is_new:
                write_lot(lot, out)
    finally:
        if lot.rows:
            write_lot(lot, out)
    write_page(lot, out)
    return lot.table


def add_cell(lot: Lot, cell: LotCell, out: Path, measure: Measure, progress: Progress) -> None:
    """Measure a cell into its folder in ``out``, and add its row and its verdict to the lot."""
    row = _row(cell, out, measure, progress)
    lot.rows.append(row)
    lot.judged.append(_judged(row, cell.source if cell.is_result else out / cell.name, lot.tolerances))


def write_lot(lot: Lot, out: Path) -> None:
    """Write the lot's tables, each in one step."""
    out.mkdir(parents=True, exist_ok=True)
    tables = {
        LOT_FILE: lot.table,
        STATISTICS_FILE: statistics_table(lot.series, lot.cells),
        VERDICT_FILE: verdict_table(lot.cells, lot.judged),
    }
    for name, table in tables.items():
        replace_file(out / name, partial(write_csv, table))


def write_page(lot: Lot, out: Path) -> None:
    """Write the lot's report."""
    from batterycell.report.lot import LotPage, write_lot_report

    statistics = statistics_table(lot.series, lot.cells)
    page = LotPage(out.resolve().name, lot.table, statistics, lot.series, lot.tolerances)
    replace_file(out / REPORT_FILE, partial(write_lot_report, page))


def _named(progress: Progress, name: str) -> Progress:
    """A progress whose messages begin with the cell's name."""
    return Progress(lambda fraction, message: progress.report(fraction, f"{name}: {message}"), progress.is_cancelled)


def _row(cell: LotCell, out: Path, measure: Measure, progress: Progress) -> dict[str, Any]:
    place = {"cell": cell.name, "input": str(cell.source)}
    try:
        if cell.is_result:
            summary = json.loads((cell.source / "summary.json").read_text(encoding="utf-8"))
            return {**place, **cell_numbers(summary), "status": "kept", "folder": str(cell.source)}
        summary = measure(cell.source, out / cell.name, progress)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one cell must not stop a night's work
        return {**place, "status": "failed", "message": str(explain(error))}
    return {**place, **cell_numbers(summary), "status": summary.get("status", "measured"), "folder": cell.name}


def _judged(row: dict[str, Any], folder: Path, tolerances: Tolerances | None) -> Judged | None:
    """The verdict on a cell; a folder that cannot be read is told in its row."""
    if row["status"] == "failed":
        return None
    try:
        if row["status"] == "kept" and judged_otherwise(folder, tolerances):
            row["message"] = "Judged anew; the report in its folder shows the verdict of other tolerances."
        return judge_folder(folder, tolerances)
    except (OSError, ValueError, KeyError) as error:
        row["message"] = f"Its tables cannot be read: {error}"
        return None
