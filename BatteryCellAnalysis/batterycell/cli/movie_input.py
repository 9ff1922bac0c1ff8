"""What the verbs that begin at lithium take: results of chemistry, stacks of fractions, or frames with end members."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.progress import Progress

from .movie_options import (
    add_chemistry_options,
    add_frame_options,
    changed,
    chemistry_settings,
    movie_options,
    prepare_settings,
)
from .options import Parser, add_output_options

if TYPE_CHECKING:
    from batterycell.movie.kinetics import KineticsSettings
    from batterycell.movie.law import LawSettings
    from batterycell.movie.recipe import MovieRecipe
    from batterycell.movies import Beside, MovieCall

INPUT = "folder of movie chemistry, stack of lithium fractions, or frames with --end-member"


def add_lithium_options(parser: Parser, default: str, several: bool = False) -> None:
    """Add what the verbs that begin at lithium ask for.

    Args:
        parser: Of the verb.
        default: Last word of the folder's default name.
        several: Whether several movies are taken together.
    """
    parser.add_argument("movie", type=Path, metavar="INPUT", nargs="+" if several else None, help=INPUT)
    add_frame_options(parser)
    sigma = "standard uncertainty of a pixel's fraction, a number or a stack; of frames: of its optical density"
    parser.add_argument("--sigma", type=number_or_file, metavar="N|FILE", help=sigma)
    add_chemistry_options(parser)
    add_output_options(parser, f"<input>-{default} in the current folder")


def recipe_of(args: argparse.Namespace) -> MovieRecipe:
    """The recipe that was named, else the default one."""
    from batterycell.movie.recipe import MovieRecipe, load_movie_recipe

    return load_movie_recipe(args.recipe) if args.recipe else MovieRecipe()


def movie_call(
    args: argparse.Namespace, kinetics: KineticsSettings | None = None, law: LawSettings | None = None
) -> MovieCall:
    """What was asked, from the words of `add_lithium_options` or `movie_options.add_movie_options`.

    Args:
        args: The words.
        kinetics: Settings of kinetics, where the verb has words for them.
        law: The same of the law.

    Raises:
        InputError: if the recipe cannot be read.
        UsageError: if the words do not fit each other.
    """
    from batterycell.movies import MovieCall

    start = recipe_of(args)
    inputs = tuple(args.movie) if isinstance(args.movie, list) else (args.movie,)
    beside = _beside(args, start, inputs)
    names = _checked_names(beside, start)
    recipe = replace(
        start,
        verb=f"movie {args.kind}",
        prepare=prepare_settings(start.prepare, _frames_only(args, names)),
        chemistry=chemistry_settings(start.chemistry, args) if hasattr(args, "lithium") else start.chemistry,
        members=names,
        kinetics=kinetics or start.kinetics,
        law=law or start.law,
    )
    return MovieCall(inputs, recipe, movie_options(args), beside, shlex.join(["batterycell", *args.words]))


def run_call(call: MovieCall, args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Do what was asked, write the folder, tell the notes; return the summary."""
    from batterycell.movies import write_movie

    out = args.out or Path(f"{call.inputs[0].name.split('.')[0] or 'movie'}-{args.kind}")
    summary = write_movie(call, out, args.overwrite, progress)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "folder": str(out)}


def _beside(args: argparse.Namespace, start: MovieRecipe, inputs: tuple[Path, ...]) -> Beside:
    from batterycell.movies import Beside

    members = tuple(getattr(args, "end_member", None) or ()) or _kept(args, start, inputs)
    found = Beside(args.i0, args.mask, None if members else args.sigma, members, tuple(getattr(args, "voltage", ())))
    return changed(found, {"voltage_sigma_v": getattr(args, "voltage_sigma", None)})


def _checked_names(beside: Beside, start: MovieRecipe) -> tuple[str, ...]:
    """The names of the end members, which must be those of the recipe."""
    names = tuple(name for name, _ in beside.members)
    if names and start.members and names != start.members:
        wanted = ", ".join(start.members)
        hint = "Give each --end-member NAME=FILE"
        raise UsageError("end-members", f"The recipe wants the end members {wanted}.", hint)
    return names


def _kept(args: argparse.Namespace, start: MovieRecipe, inputs: tuple[Path, ...]) -> tuple[tuple[str, Path], ...]:
    """The spectra that came with a recipe, where there are frames."""
    from batterycell.movie.load.lithium_folder import is_lithium_folder
    from batterycell.movies import kept_members

    is_lithium = args.kind not in ("prepare", "chemistry") and (
        args.sigma is not None or all(map(is_lithium_folder, inputs))
    )
    if not start.members or args.kind == "prepare" or is_lithium:
        return ()
    return kept_members(args.recipe.parent)


def _frames_only(args: argparse.Namespace, names: tuple[str, ...]) -> argparse.Namespace:
    """The words, of which ``--sigma`` is that of optical density where there are frames alone."""
    if args.kind in ("prepare", "chemistry"):
        return args
    if names and isinstance(args.sigma, Path):
        raise UsageError("movie-settings", "--sigma of frames is a number.", "Give the deviation of optical density")
    return argparse.Namespace(**{**vars(args), "sigma": args.sigma if names else None})


def number_or_file(text: str) -> Path | float:
    """Read a number, else the name of a file."""
    try:
        return float(text)
    except ValueError:
        return Path(text)
