"""``batterycell replay``: the same again, on the next cells."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.recipe import load_recipe

from .lot import LOT_WRITES, add_lot_arguments, describe, exit_code, run_lot
from .options import Parser, add_verb

__all__ = ["add_parser", "describe", "exit_code", "run"]


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell replay results/cell_7/recipe.json scans/cell_8 scans/cell_9 --out lot_3"
    summary = "Repeat an earlier run's settings on other cells, and table them."
    parser = add_verb(subparsers, "replay", summary, example, LOT_WRITES)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe.json of a result folder, or the folder")
    add_lot_arguments(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure all cells with the recipe."""
    path = args.recipe / "recipe.json" if args.recipe.is_dir() else args.recipe
    return run_lot(args, load_recipe(path), progress)
