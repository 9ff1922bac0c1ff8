"""``batterycell movie prepare`` and ``chemistry``: from frames to lithium maps."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.progress import Progress

from .movie_options import (
    add_chemistry_options,
    add_movie_options,
    chemistry_settings,
    end_members,
    movie_options,
    prepare_settings,
)
from .options import Subparsers, add_verb

if TYPE_CHECKING:
    from batterycell.movie.recipe import MovieRecipe

_STACK = "71214078.hdr --end-member FePO4=oxidized.t --end-member LiFePO4=reduced.t"
EXAMPLE = f"batterycell movie chemistry {_STACK} --out lithium"
_PREPARE = "batterycell movie prepare movie.tif --energies 704,707.9,709.7 --times 60 --pixel-size 0.05 --out prepared"
_WRITES_PREPARED = """writes into DIR:
  optical_density  without drift, a TIFF stack and a sequence for Slicer (.seq.nrrd)
  particles        number of each pixel's particle
  frames.csv       time, energy, beam and drift of each frame
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json

times and energies: --times and --energies, else a side file (movie.csv or .json beside movie.tif, frames.csv in a
folder of frames; columns time_s and energy_eV), else what the file says"""
_WRITES_CHEMISTRY = """writes into DIR, each map as TIFF and for Slicer (.nrrd, over time .seq.nrrd):
  lithium, lithium_sigma   lithium per metal of every pixel and point in time, and its standard uncertainty
  lithium_unbounded        the same where amounts may be negative: for means and rates
  amount, amount_sigma, residual_od, chi_square, particles
  particles.csv    one row a particle and point in time; frames.csv: one row a frame
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json

end members: two columns, energy in eV and optical density, of equal amounts of metal (else --edge-jump)"""


def add_kinds(kinds: Subparsers) -> None:
    """Add both."""
    summary = "Make optical density without drift from frames, and find the particles."
    add_movie_options(add_verb(kinds, "prepare", summary, _PREPARE, _WRITES_PREPARED), "prepared")
    summary = "Map the lithium fraction of every pixel and time, with its uncertainty."
    parser = add_verb(kinds, "chemistry", summary, EXAMPLE, _WRITES_CHEMISTRY)
    add_movie_options(parser, "chemistry")
    add_chemistry_options(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Prepare the movie, find its chemistry where that is asked for, write the folder; return its summary."""
    from batterycell.export.movie import write_movie_folder
    from batterycell.output import result_folder

    recipe = _recipe(args)
    out = args.out or Path(f"{args.movie.name.split('.')[0]}-{args.kind}")
    with result_folder(out, args.overwrite) as folder:
        result = _measure(args, recipe, folder, progress.part(0.0, 0.8))
        summary = write_movie_folder(result, folder, _sources(args), progress.part(0.8, 1.0))
        for name in _SCRATCH:
            (folder / f"{name}.npy").unlink(missing_ok=True)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "folder": str(out)}


# Stacks that memory could not hold, until they are written.
_SCRATCH = ("density", *("fraction", "sigma", "free", "total", "total_sigma", "residual", "chi_square"))


def _recipe(args: argparse.Namespace) -> MovieRecipe:
    """The settings: of a recipe, changed by what was said in words."""
    from batterycell.movie.recipe import MovieRecipe, load_movie_recipe

    start = load_movie_recipe(args.recipe) if args.recipe else MovieRecipe()
    verb, prepare = f"movie {args.kind}", prepare_settings(start.prepare, args)
    if args.kind == "prepare":
        return MovieRecipe(verb, prepare)
    names = tuple(name for name, _ in args.end_member or ())
    if start.members and names != start.members:
        wanted = ", ".join(start.members)
        raise UsageError(
            "end-members", f"The recipe wants the end members {wanted}.", "Give each --end-member NAME=FILE"
        )
    return MovieRecipe(verb, prepare, chemistry_settings(start.chemistry, args), names)


def _measure(args: argparse.Namespace, recipe: MovieRecipe, folder: Path, progress: Progress) -> Any:
    from batterycell.export.movie import MovieResult
    from batterycell.movie.chemistry import find_chemistry
    from batterycell.movie.load import load_movie
    from batterycell.movie.prepare import Given, prepare_movie

    members = end_members(args) if args.kind == "chemistry" else []
    movie = load_movie(args.movie, movie_options(args), progress.part(0.0, 0.2))
    given = Given(args.i0, args.mask, folder / "density.npy")
    prepared = prepare_movie(movie, recipe.prepare, given, progress.part(0.2, 0.8))
    if args.kind == "prepare":
        return MovieResult(prepared, recipe)
    found = find_chemistry(prepared, members, recipe.chemistry, progress.part(0.8, 1.0), folder)
    return MovieResult(prepared, recipe, found)


def _sources(args: argparse.Namespace) -> Any:
    import shlex

    from batterycell.movie.load.files import movie_files
    from batterycell.provenance import Sources

    paths = [*movie_files(args.movie), *(path for path in (args.i0, args.mask, args.index) if path)]
    paths += [path for _, path in getattr(args, "end_member", None) or ()]
    reading = movie_options(args).to_json()
    return Sources(paths, shlex.join(["batterycell", *args.words]), reading=reading)
