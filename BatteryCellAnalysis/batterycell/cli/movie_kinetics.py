"""``batterycell movie kinetics``: rates, fronts and uniformity from lithium over time."""

from __future__ import annotations

import argparse
from typing import Any

from batterycell.movie.kinetics.settings import KineticsSettings
from batterycell.progress import Progress

from .movie_input import add_lithium_options, movie_call, recipe_of, run_call
from .movie_options import spoken
from .options import Parser, Subparsers, add_verb

_EXAMPLE = "batterycell movie kinetics lithium --out kinetics"
_DETAILS = """writes into DIR:
  particle_kinetics.csv  fraction, C-rate and uniformity of each particle at each point in time
  half_cycles.csv        one row a particle and half cycle: direction, C-rate, uniformity, speed of its front
  uniformity.csv         insertion, extraction and their difference at equal mean composition
  rate_per_h, rate_sigma_per_h, front_time_s, front_speed_um_per_h (and their σ): maps as TIFF and for Slicer
  lithium.gif, rate.gif  movies of the maps, with colour bar and time
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json

more examples:
  batterycell movie kinetics fractions.tif --sigma 0.07 --mask mask.tif --times 60 --pixel-size 0.05 --out kinetics
  batterycell movie kinetics lithium --window 5 --smooth 0.1 --out kinetics_2"""


def add_kinds(kinds: Subparsers) -> None:
    """Add the verb."""
    summary = "Map the rate of every pixel, and tell each particle's C-rate, uniformity and fronts."
    parser = add_verb(kinds, "kinetics", summary, _EXAMPLE, _DETAILS)
    add_lithium_options(parser, "kinetics")
    _add_kinetics_options(parser)


def _add_kinetics_options(parser: Parser) -> None:
    group, default = parser.add_argument_group("kinetics"), KineticsSettings()
    window = f"points in time of the local fit whose slope is the rate (default: {default.window})"
    group.add_argument("--window", type=int, metavar="N", help=window)
    order = f"of its polynomial, 1 a line (default: {default.order}, a parabola)"
    group.add_argument("--order", type=int, metavar="N", help=order)
    smooth = "smooth rates within particles by a Gaussian of this standard deviation (default: not)"
    group.add_argument("--smooth", dest="smooth_um", type=float, metavar="UM", help=smooth)
    level = f"lithium fraction that the front passes (default: {default.level:g})"
    group.add_argument("--level", type=float, metavar="C", help=level)
    bins = f"compositions at which directions are compared (default: {default.bins})"
    group.add_argument("--bins", type=int, metavar="N", help=bins)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Find the kinetics, write the folder; return its summary."""
    return run_call(movie_call(args, kinetics=spoken(recipe_of(args).kinetics, args)), args, progress)
