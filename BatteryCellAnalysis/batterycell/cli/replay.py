"""``batterycell replay``: the same again, on the next cells."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import ModuleType
from typing import Any

from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe, load_any_recipe

from . import lot, replay_movies, replay_objects
from .lot import LOT_WRITES, add_lot_arguments, run_lot
from .objects_options import label_voxel_size
from .options import Parser, add_verb
from .replay_movies import MOVIES_WRITE, add_movie_words

__all__ = ["add_parser", "describe", "exit_code", "run"]


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell replay results/cell_7/recipe.json scans/cell_8 scans/cell_9 --out lot_3"
    summary = "Repeat an earlier run's settings on other cells, label volumes or X-ray movies."
    parser = add_verb(subparsers, "replay", summary, example, f"{LOT_WRITES}\n\n{MOVIES_WRITE}")
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe.json of a result folder, or the folder")
    add_lot_arguments(parser, label_voxel_size)
    add_movie_words(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure all cells, label volumes or movies with the recipe."""
    from batterycell.movie.recipe import is_movie_recipe, load_movie_recipe

    path = args.recipe / "recipe.json" if args.recipe.is_dir() else args.recipe
    if is_movie_recipe(path):
        return replay_movies.replay_movies(args, load_movie_recipe(path), path.parent, progress)
    replay_movies.refuse_movie_words(args)
    recipe = load_any_recipe(path)
    if isinstance(recipe, AnalyzeRecipe):
        return run_lot(args, recipe, progress)
    return replay_objects.replay_objects(args, recipe, progress)


def describe(result: dict[str, Any]) -> str:
    """One line a cell, a label volume or a movie."""
    return str(_module(result).describe(result))


def exit_code(result: dict[str, Any]) -> int:
    """As of ``lot``; of label volumes and movies 3 where one could not be measured."""
    return int(_module(result).exit_code(result))


def _module(result: dict[str, Any]) -> ModuleType:
    if "movies" in result:
        return replay_movies
    return lot if "cells" in result else replay_objects
