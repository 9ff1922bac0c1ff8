"""``batterycell analyze``: the main job."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.errors import OutputError, UsageError
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe, load_recipe

from .options import Parser, add_input_options, add_output_options, add_verb, load_options
from .road import measure_file

_WRITES = """writes into DIR:
  overhang.csv      one row per end, angle, winding and side
  summary.json      counts, statistics, can, orientation
  overview.png, overhang_map.png, longitudinal_*.png
  scene.mrb         opens in 3D Slicer
  report.html       one file to mail
  provenance.json, recipe.json"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell analyze scans/cell_7 --voxel-size 20,10,10 --out results/cell_7"
    parser = add_verb(subparsers, "analyze", "Measure the overhang of every winding of a cell.", example, _WRITES)
    parser.add_argument("cell", type=Path, metavar="CELL", help="an image, or a folder with its slices")
    add_input_options(parser)
    add_output_options(parser, default="<cell>-batterycell in the current folder")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="settings of an earlier run (its recipe.json)")
    parser.add_argument("--angles", type=int, metavar="N", help="half-planes around the axis (default: 72)")


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Run the main job and return its summary."""
    out = _out(args)
    summary = measure_file(args.cell, out, _recipe(args), (load_options(args), args.words, args.overwrite), progress)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "report": str(out / "report.html")}


def describe(result: dict[str, Any]) -> str:
    """The result in two lines."""
    from batterycell.summary import headline

    return f"{headline(result)}\nReport: {result['report']}"


def _recipe(args: argparse.Namespace) -> AnalyzeRecipe:
    recipe = load_recipe(args.recipe) if args.recipe else AnalyzeRecipe()
    if args.angles is None:
        return recipe
    try:
        return replace(recipe, angles=args.angles)
    except ValueError as error:
        raise UsageError("angles", f"Argument --angles: {error}", "Choose 24 or more for a map") from error


def _out(args: argparse.Namespace) -> Path:
    cell = args.cell.resolve()
    out: Path = args.out or Path(f"{cell.name.split('.')[0] or 'cell'}-batterycell")
    if cell == out.resolve() or out.resolve() in cell.parents:
        raise OutputError("output-holds-input", f"{out} holds the input {args.cell}", "Choose another --out.")
    return out
