"""A lot on a cluster: its cells as tasks, and the same tables as cell after cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from batterycell.cluster import Answer, Cluster, Task, run_tasks
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.tolerance import Tolerances

from .cells import LotCell
from .run import Lot, add_cell, write_lot, write_page


def run_lot_on(
    cluster: Cluster,
    cells: Sequence[LotCell],
    out: Path,
    task: Callable[[LotCell], Task],
    progress: Progress,
    tolerances: Tolerances | None = None,
) -> Table:
    """Measure the cells of a lot on the workers of a cluster; else as `run_lot`, with the same tables.

    Args:
        cluster: The cluster; its workers have the images and ``out`` at the same place.
        cells: The cells.
        out: The lot's folder; made where it is not there.
        task: The task that measures a cell into its folder and returns its summary.
        progress: Told how far it is; asked whether to stop.
        tolerances: What the cells are judged by; None for the hard rule on negative overhang alone.

    Raises:
        InputError: if the workers do not see the folder or a cell, or the cluster is gone; what is done is kept.
    """
    cluster.require_folder(out)
    cluster.require_inputs(cell.source for cell in cells if not cell.is_result)
    before = {cell.name for cell in cells if (out / cell.name / "summary.json").is_file()}
    done: dict[int, Lot] = {}

    def add(number: int, answer: Answer) -> Lot:
        done[number] = Lot(tolerances)
        add_cell(done[number], cells[number], out, lambda *_: _summary(answer, cells[number].name in before), progress)
        lot = _together([done[number] for number in sorted(done)], tolerances)
        if done[number].is_new:
            write_lot(lot, out)
        return lot

    lot = Lot(tolerances)
    open_ones = [number for number, cell in enumerate(cells) if not cell.is_result]
    try:
        for number in (number for number, cell in enumerate(cells) if cell.is_result):
            lot = add(number, Answer())
        for place, answer in run_tasks(cluster, [task(cells[number]) for number in open_ones], progress):
            lot = add(open_ones[place], answer)
    finally:
        if lot.rows:
            write_lot(lot, out)
    write_page(lot, out)
    return lot.table


def _summary(answer: Answer, was_there: bool) -> dict[str, Any]:
    """What came of a cell; one whose worker was lost at the very end is found measured by the next worker."""
    summary: dict[str, Any] = answer.get()
    if summary.get("status") == "kept" and not was_there:
        return {name: value for name, value in summary.items() if name != "status"}
    return summary


def _together(parts: Sequence[Lot], tolerances: Tolerances | None) -> Lot:
    rows, judged = [row for one in parts for row in one.rows], [each for one in parts for each in one.judged]
    return Lot(tolerances, rows, judged)
