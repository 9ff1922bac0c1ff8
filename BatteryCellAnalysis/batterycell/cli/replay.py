"""``batterycell replay``: the same again, on the next cells."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe, load_any_recipe

from . import lot, replay_objects
from .lot import LOT_WRITES, add_lot_arguments, run_lot
from .objects_options import label_voxel_size
from .options import Parser, add_verb

__all__ = ["add_parser", "describe", "exit_code", "run"]


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell replay results/cell_7/recipe.json scans/cell_8 scans/cell_9 --out lot_3"
    summary = "Repeat an earlier run's settings on other cells, or label volumes."
    parser = add_verb(subparsers, "replay", summary, example, LOT_WRITES)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe.json of a result folder, or the folder")
    add_lot_arguments(parser, label_voxel_size)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure all cells, or label volumes, with the recipe."""
    path = args.recipe / "recipe.json" if args.recipe.is_dir() else args.recipe
    recipe = load_any_recipe(path)
    if isinstance(recipe, AnalyzeRecipe):
        return run_lot(args, recipe, progress)
    return replay_objects.replay_objects(args, recipe, progress)


def describe(result: dict[str, Any]) -> str:
    """One line a cell, or a label volume."""
    return lot.describe(result) if "cells" in result else replay_objects.describe(result)


def exit_code(result: dict[str, Any]) -> int:
    """As of ``lot``; of label volumes 3 where one could not be measured."""
    return lot.exit_code(result) if "cells" in result else replay_objects.exit_code(result)
