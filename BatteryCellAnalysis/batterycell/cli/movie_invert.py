"""``batterycell movie invert``: the law of the reaction, learned from lithium over time."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from batterycell.errors import Cancelled
from batterycell.movie.law.needs import require_torch
from batterycell.movie.law.settings import LawSettings, LeftOut, Reaction, Reservoir, Uncertainty
from batterycell.output import check_free
from batterycell.progress import Progress

from .movie_input import add_lithium_options, movie_call, recipe_of, run_call
from .movie_options import spoken
from .options import Parser, Subparsers, add_verb, run_folder

_EXAMPLE = "batterycell movie invert charge-chemistry discharge-chemistry --out law"
_DETAILS = """learns k(x, y), j0(c) and μ(c) of ∂c/∂t = k(x, y) · j0(c) · f(μ_res − μ(c) + κ∇²c) from all movies
together (docs/movies_law.md). Movies at several rates, in and out, tell j0 from μ; a single half cycle does not.

writes into DIR:
  law.csv            j0 in 1/h and μ in kT and mV over the composition, with 95 % intervals; what is not known says so
  law_particles.csv  reactivity of each particle; law_points.csv: what is left of each point in time
  law_reservoir.csv  chemical potential of the lithium around each particle
  k, ln_k_sigma, lithium_predicted, lithium_misfit: maps as TIFF and for Slicer; of several movies in a folder each
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json, law_state.npz (the search's end)
While it runs, DIR.run holds its state. Interrupted in any way, the same command goes on from there. Once done, other
--uncertainty or --samples need no new search (with --overwrite, or with --recipe of the result and another --out).

more examples:
  batterycell movie invert fractions.tif --sigma 0.07 --mask mask.tif --times 60 --pixel-size 0.05 --out law
  batterycell movie invert lithium --hold-out 3 --left-out last --reaction marcus-hush-chidsey --out law_2"""


def add_kinds(kinds: Subparsers) -> None:
    """Add the verb."""
    summary = "Learn the reaction's law from movies: reactivity of pixels, exchange current, chemical potential."
    parser = add_verb(kinds, "invert", summary, _EXAMPLE, _DETAILS)
    add_lithium_options(parser, "law", several=True)
    _add_voltage_options(parser)
    _add_law_options(parser)


def _add_voltage_options(parser: Parser) -> None:
    group = parser.add_argument_group("voltages, to compare with")
    voltage = "CSV with time_s and voltage_V against lithium; once for each movie, in their order"
    group.add_argument("--voltage", type=Path, action="append", default=[], metavar="FILE", help=voltage)
    sigma = "standard uncertainty of the voltages in V (default: 0.005)"
    group.add_argument("--voltage-sigma", type=_volts, metavar="V", help=sigma)


def _volts(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no uncertainty in V, e.g. 0.005")
    return value


def _add_law_options(parser: Parser) -> None:
    group, default = parser.add_argument_group("the law"), LawSettings()
    share = f"points in time to leave out and predict, a share below 1 or a number (default: {default.hold_out:g})"
    group.add_argument("--hold-out", type=float, metavar="N", help=share)
    group.add_argument("--left-out", choices=get_args(LeftOut), help="which ones (default: spread over the movie)")
    group.add_argument("--reaction", choices=get_args(Reaction), help=f"f(η) (default: {default.reaction})")
    energy = f"of marcus-hush-chidsey, in kT (default: {default.reorganisation_kt:g})"
    group.add_argument("--reorganisation", dest="reorganisation_kt", type=float, metavar="KT", help=energy)
    held = "movie: particles share one potential, as in one well-wetted electrode; each-particle: the default"
    group.add_argument(
        "--reservoir", type=_spaced, choices=get_args(Reservoir), metavar="movie|each-particle", help=held
    )
    kappa = "gradient energy κ in kT µm² where it is known, e.g. 0 (default: found)"
    group.add_argument("--gradient", dest="gradient_kt_um2", type=float, metavar="KT_UM2", help=kappa)
    group.add_argument("--degree", type=int, metavar="N", help=f"of j0(c) and μ(c) (default: {default.degree})")
    same = "all movies show the same particles at the same places: they share k"
    group.add_argument("--same-particles", action="store_true", default=None, help=same)
    spread = "laplace: a normal distribution (default); ensemble: --samples searches again; none is faster"
    group.add_argument("--uncertainty", choices=get_args(Uncertainty), help=spread)
    draws = f"draws from which uncertainties are computed (default: {default.samples})"
    group.add_argument("--samples", type=int, metavar="N", help=draws)
    steps = f"most steps of a round of the search (default: {default.iterations})"
    group.add_argument("--iterations", type=int, metavar="N", help=steps)
    group.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="default: auto, a GPU where there is one")
    group.add_argument("--seed", type=int, metavar="N", help="of the draws for uncertainties (default: 0)")
    group.add_argument("--fresh", action="store_true", help="begin anew where an interrupted search would go on")


def _spaced(text: str) -> str:
    """Words of a setting with blanks, typed with hyphens."""
    return text.replace("-", " ")


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Learn the law, write the folder; return its summary."""
    call = movie_call(args, law=spoken(recipe_of(args).law, args))
    args.out = args.out or Path(f"{call.inputs[0].name.split('.')[0] or 'movie'}-law")
    check_free(args.out, args.overwrite)
    require_torch()
    keep = run_folder(args.out, args.fresh)
    if not args.fresh:
        from batterycell.movies.searches import go_on_from

        go_on_from([args.out, *([args.recipe.parent] if args.recipe else [])], keep)
    try:
        summary = run_call(replace(call, keep=keep), args, progress)
    except (Cancelled, KeyboardInterrupt) as stop:
        raise _cancelled(keep) from stop
    shutil.rmtree(keep, ignore_errors=True)
    return summary


def _cancelled(keep: Path) -> Cancelled:
    cancelled = Cancelled()
    if keep.exists():
        cancelled.hint = f"How far the search was is kept in {keep}: the same command goes on there."
    return cancelled
