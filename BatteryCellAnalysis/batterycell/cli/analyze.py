"""``batterycell analyze``: the main job."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from batterycell.errors import OutputError
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe, load_recipe

from .cluster import add_cluster_option, chosen_cluster
from .dry_run import add_dry_run_option, workers_of
from .dry_run_cell import cell_dry_run
from .ends import add_ends_options
from .options import Parser, add_input_options, add_output_options, add_region_option, add_verb, load_options
from .road import Call, add_measuring_options, chosen_recipe, load_tolerances, measure_file, verdict_code

_WRITES = """writes into DIR:
  report.html       one file to mail and to sign
  quantities.csv    every quantity with its 95 % uncertainty
  verdict.csv       nominal and actual values
  overhang.csv      one row per end, angle, winding and side
  *.csv, *.png      every table and map of can, winding, inclusions
  overview.png, overhang_map.png, longitudinal_*.png
  scene.mrb         opens in 3D Slicer
  summary.json, provenance.json, recipe.json, tolerances.json
Until it is complete, DIR.run keeps what is done: after an end of any kind the same command goes on from there, with
--cluster or without.

exit code 4: done, and the verdict by the tolerances is "fail" """


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell analyze scans/cell_7 --voxel-size 20,10,10 --out results/cell_7"
    parser = add_verb(
        subparsers, "analyze", "Measure a cell: overhang, can, windings, inclusions, verdict.", example, _WRITES
    )
    parser.add_argument("cell", type=Path, metavar="CELL", help="an image, or a folder with its slices")
    add_input_options(parser)
    add_region_option(parser)
    add_output_options(parser, default="<cell>-batterycell in the current folder")
    parser.add_argument("--fresh", action="store_true", help="begin anew where a broken run would go on")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="settings of an earlier run (its recipe.json)")
    add_measuring_options(parser)
    add_ends_options(parser)
    add_cluster_option(parser)
    add_dry_run_option(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Run the main job and return its summary."""
    out = _out(args)
    options, tolerances = load_options(args), load_tolerances(args)
    recipe = chosen_recipe(args, load_recipe(args.recipe) if args.recipe else AnalyzeRecipe())
    if args.dry_run:
        return {"dry_run": cell_dry_run(args.cell, out, recipe, options, workers_of(args)).to_json()}
    with chosen_cluster(args) as cluster:
        call = Call(options, args.words, args.overwrite, args.fresh, cluster)
        summary = measure_file(args.cell, out, recipe, call, progress, tolerances)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "report": str(out / "report.html")}


def describe(result: dict[str, Any]) -> str:
    """The result in a few lines, or what it would take."""
    if "dry_run" in result:
        from batterycell.cluster.dry_run import describe_dry_run

        return describe_dry_run(result["dry_run"])
    from batterycell.told import told_lines

    return "\n".join([*told_lines(result), f"Report: {result['report']}"])


def exit_code(result: dict[str, Any]) -> int:
    """4 where the cell fails by the tolerances that were given."""
    return verdict_code(result)


def _out(args: argparse.Namespace) -> Path:
    cell = args.cell.resolve()
    out: Path = args.out or Path(f"{cell.name.split('.')[0] or 'cell'}-batterycell")
    if cell == out.resolve() or out.resolve() in cell.parents:
        raise OutputError("output-holds-input", f"{out} holds the input {args.cell}", "Choose another --out.")
    return out
