"""Repeat the settings of an earlier run on other movies."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import Cancelled, UsageError
from batterycell.progress import Progress

from .cluster import chosen_cluster
from .movie_input import number_or_file
from .movie_options import add_reading_options, member, movie_options
from .options import Parser

if TYPE_CHECKING:
    from batterycell.movie.recipe import MovieRecipe
    from batterycell.movies import Beside, MovieCall

MOVIES_WRITE = """a recipe of a movie goes the same road on each MOVIE: frames, or from kinetics on also folders of
movie chemistry. Spectra of the end members come with the recipe's folder. It writes a folder a movie, movies.csv with a
row a movie, and movies.html, a page to mail. A recipe of movie invert learns one law of all movies, in the folder law,
where it was learned from several, else one of each (--law)"""
# Words that concern cells or label volumes alone, and what they are when nobody said them.
_CELLS = {"voxel_size": None, "angles": None, "tolerances": None, "preview": 1, "edges": None, "model": None}
_CELLS |= {"dry_run": False}
_MOVIES = {"pixel_size": None, "times": "", "energies": "", "index": None, "dataset": "", "i0": None, "mask": None}
_MOVIES |= {"end_member": None, "sigma": None, "law": None}
TOGETHER = "law"


def add_movie_words(parser: Parser) -> None:
    """Add what can be said about movies."""
    group = parser.add_argument_group("movies")
    add_reading_options(group)
    group.add_argument("--i0", type=Path, metavar="FILE", help="the beam over energy, or flat fields")
    group.add_argument("--mask", type=Path, metavar="FILE", help="particles of all movies")
    words = "other spectra than those that came with the recipe"
    group.add_argument("--end-member", type=member, action="append", metavar="NAME=FILE", help=words)
    words = "the movies are stacks of lithium fractions with this standard uncertainty"
    group.add_argument("--sigma", type=number_or_file, metavar="N|FILE", help=words)
    words = "of a recipe of movie invert: a law of each movie, or one of all (default: as the recipe's was)"
    group.add_argument("--law", choices=("each", "all"), help=words)


def refuse_movie_words(args: argparse.Namespace) -> None:
    """Refuse what concerns movies alone.

    Raises:
        UsageError: if something was said.
    """
    _refuse(args, _MOVIES, "concerns movies; this is no recipe of a movie")


def replay_movies(args: argparse.Namespace, recipe: MovieRecipe, home: Path, progress: Progress) -> dict[str, Any]:
    """Go the road of a recipe for movie after movie; one that cannot be measured is told, the others go on.

    Args:
        args: The words.
        recipe: The settings.
        home: The folder that the recipe lies in, with the spectra of its end members.
        progress: Told how far it is; asked whether to stop.

    Raises:
        UsageError: if something was said that concerns cells alone.
        InputError: if a movie does not exist, or the spectra are not those of the recipe.
    """
    from batterycell.movies.lot import MOVIES_FILE, REPORT_FILE, write_movies

    _refuse(args, _CELLS, "concerns cells; this is a recipe of a movie")
    calls = _calls(args, recipe, _beside(args, recipe, home))
    try:
        with chosen_cluster(args) as cluster:
            table = write_movies(calls, args.out, args.overwrite, progress, cluster)
    except (Cancelled, KeyboardInterrupt) as stop:
        cancelled = Cancelled()
        cancelled.hint = f"What was measured is kept in {args.out}: the same command goes on there"
        raise cancelled from stop
    rows = [{name: table[name][row].item() for name in table.data} for row in range(len(table))]
    for row in rows:
        if row["status"] == "failed":
            print(f"batterycell: {row['movie']}: {row['message']}", file=sys.stderr)
    files = {"table": str(args.out / MOVIES_FILE), "report": str(args.out / REPORT_FILE)}
    return {"folder": str(args.out), **files, "movies": _no_nan(rows)}


def describe(result: dict[str, Any]) -> str:
    """One line a movie, and where the table is."""
    width = max(len(row["movie"]) for row in result["movies"])
    lines = [f"{row['movie']:{width}}  {_words(row)}" for row in result["movies"]]
    return "\n".join([*lines, f"Table: {result['table']}", f"Report: {result['report']}"])


def exit_code(result: dict[str, Any]) -> int:
    """3 where a movie could not be measured."""
    return 3 if any(row["status"] == "failed" for row in result["movies"]) else 0


def _calls(args: argparse.Namespace, recipe: MovieRecipe, beside: Beside) -> dict[str, MovieCall]:
    """What is asked, by the name of its folder: of each movie, or one law of all."""
    from batterycell.lot import name_cells

    is_law = recipe.verb == "movie invert"
    if args.law and not is_law:
        raise UsageError("replay-words", f"--law concerns a law; this is a recipe of {recipe.verb}.", "Leave it out.")
    movies = name_cells(args.cells)
    if is_law and len(movies) > 1 and (args.law == "all" if args.law else recipe.together):
        return {TOGETHER: _call(args, recipe, beside, tuple(movie.source for movie in movies))}
    return {movie.name: _call(args, recipe, beside, (movie.source,)) for movie in movies}


def _call(args: argparse.Namespace, recipe: MovieRecipe, beside: Beside, sources: tuple[Path, ...]) -> MovieCall:
    from batterycell.movie.load.lithium_folder import is_lithium_folder
    from batterycell.movies import MovieCall

    if all(map(is_lithium_folder, sources)):
        beside = replace(beside, members=())
    members = tuple(name for name, _ in beside.members)
    command = shlex.join(["batterycell", *args.words])
    return MovieCall(sources, replace(recipe, members=members), movie_options(args), beside, command)


def _beside(args: argparse.Namespace, recipe: MovieRecipe, home: Path) -> Beside:
    from batterycell.movies import Beside, kept_members

    members = tuple(args.end_member or ())
    if recipe.members and not members and args.sigma is None:
        members = kept_members(home)
    if members and tuple(name for name, _ in members) != recipe.members:
        wanted = ", ".join(recipe.members) or "none"
        hint = "Give each --end-member NAME=FILE"
        raise UsageError("end-members", f"The recipe wants the end members {wanted}.", hint)
    return Beside(args.i0, args.mask, args.sigma, members)


def _refuse(args: argparse.Namespace, words: dict[str, Any], why: str) -> None:
    wrong = [name for name, value in words.items() if getattr(args, name, value) != value]
    if wrong:
        raise UsageError("replay-words", f"--{wrong[0].replace('_', '-')} {why}.", "Leave it out.")


def _no_nan(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from batterycell.result import to_json

    found: list[dict[str, Any]] = to_json(rows)
    return found


def _words(row: dict[str, Any]) -> str:
    return f"failed: {row['message']}" if row["status"] == "failed" else str(row["status"])
