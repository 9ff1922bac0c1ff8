"""``batterycell lot``: the main job on many cells, and one table of all."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import Cancelled
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

from .cluster import add_cluster_option, chosen_cluster
from .dry_run import add_dry_run_option, lot_dry_run, workers_of
from .ends import add_ends_options
from .lot_cells import CellsCall
from .options import Parser, VoxelSize, add_input_options, add_verb, load_options, voxel_size
from .road import add_measuring_options, chosen_recipe, load_tolerances

if TYPE_CHECKING:
    from batterycell.tables import Table
    from batterycell.tolerance import Tolerances

LOT_WRITES = """writes into DIR:
  CELL/               a folder a cell, as of analyze
  lot.csv             one row a cell: verdict and every quantity; complete after every cell
  lot_statistics.csv  one row a quantity: mean, deviation, Cp and Cpk with their intervals, odd cells
  lot_verdict.csv     nominal and actual values of every cell
  lot.html            one file to mail, with charts
What was measured before from the same files with the same settings is kept: a broken run goes on where it stood, and
other tolerances need no new measurement.

exit code 3: a cell could not be measured; 4: one fails by the tolerances"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell lot scans/cell_7 scans/cell_8 --voxel-size 20,10,10 --tolerances 21700.toml --out lot_3"
    parser = add_verb(subparsers, "lot", "Measure, judge and table many cells.", example, LOT_WRITES)
    add_lot_arguments(parser)


def add_lot_arguments(parser: Parser, size: VoxelSize = voxel_size) -> None:
    """What the verbs for many cells ask for.

    Args:
        parser: Of the verb.
        size: Reads a voxel size.
    """
    parser.add_argument(
        "cells", type=Path, nargs="+", metavar="CELL", help="image, folder of slices, folder of cells, or result folder"
    )
    add_input_options(parser, size)
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("lot"), help="folder of the lot (default: lot)")
    parser.add_argument("--overwrite", action="store_true", help="measure again what was measured before")
    add_measuring_options(parser)
    add_ends_options(parser)
    add_cluster_option(parser)
    add_dry_run_option(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure all cells with the default settings."""
    return run_lot(args, AnalyzeRecipe(), progress)


def run_lot(args: argparse.Namespace, recipe: AnalyzeRecipe, progress: Progress) -> dict[str, Any]:
    """Measure all cells and return the lot's table as rows, or say what that would take."""
    from batterycell import lot

    tolerances, recipe = load_tolerances(args), chosen_recipe(args, recipe)
    if args.dry_run:
        cells = lot.name_cells(args.cells)
        return {"cells": [], "dry_run": lot_dry_run(cells, args.out, load_options(args), workers_of(args)).to_json()}
    call = CellsCall(recipe, load_options(args), args.words, args.overwrite, args.tolerances)
    try:
        table = _measured(args, call, tolerances, progress)
    except (Cancelled, KeyboardInterrupt) as stop:
        cancelled = Cancelled()
        cancelled.hint = f"What was measured is kept in {args.out}: the same command goes on there"
        raise cancelled from stop
    return _result(args, table, tolerances is not None)


def _result(args: argparse.Namespace, table: Table, judged: bool) -> dict[str, Any]:
    """The lot's table as rows; what could not be measured is told."""
    from batterycell import lot
    from batterycell.result import to_json

    rows = [{name: table[name][row].item() for name in table.data} for row in range(len(table))]
    for row in rows:
        if row["status"] == "failed":
            print(f"batterycell: {row['cell']}: {row['message']}", file=sys.stderr)
    files = {"lot": str(args.out / lot.LOT_FILE), "report": str(args.out / lot.REPORT_FILE)}
    result: dict[str, Any] = to_json({**files, "judged": judged, "cells": rows})
    return result


def _measured(args: argparse.Namespace, call: CellsCall, tolerances: Tolerances | None, progress: Progress) -> Table:
    """Measure cell after cell, or on a cluster."""
    from batterycell import lot

    cells = lot.name_cells(args.cells)
    with chosen_cluster(args) as cluster:
        if cluster is None:
            return lot.run_lot(cells, args.out, call.measure, progress, tolerances)
        return lot.run_lot_on(cluster, cells, args.out, partial(call.task, out=args.out), progress, tolerances)


def exit_code(result: dict[str, Any]) -> int:
    """3 where a cell could not be measured, else 4 where one fails by tolerances that were given."""
    if any(row["status"] == "failed" for row in result["cells"]):
        return 3
    return 4 if any(row["verdict"] == "fail" for row in result["cells"]) and result["judged"] else 0


def describe(result: dict[str, Any]) -> str:
    """One line a cell, and where the table is."""
    if "dry_run" in result:
        from batterycell.cluster.dry_run import describe_dry_run

        return describe_dry_run(result["dry_run"])
    width = max(len(row["cell"]) for row in result["cells"])
    lines = [f"{row['cell']:{width}}  {_words(row)}" for row in result["cells"]]
    return "\n".join([*lines, f"Table: {result['lot']}", f"Report: {result['report']}"])


def _words(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"failed: {row['message']}"
    verdict = f"{row['verdict']}: " if row["verdict"] not in ("", "not judged") else ""
    odd = f"; odd in {row['odd']}" if row["odd"] else ""
    if row["values"] is None:
        return f"{row['status']}: {verdict or 'no overhang'}{odd}"
    mean = "no value" if row["overhang_mean_um"] is None else f"mean {row['overhang_mean_um']:.0f} µm"
    return f"{row['status']}: {verdict}{row['values']:,.0f} overhangs, {mean}, {row['negatives']:.0f} negative{odd}"
