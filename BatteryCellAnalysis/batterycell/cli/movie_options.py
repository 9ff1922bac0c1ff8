"""What the verbs for movies ask for."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from batterycell.errors import UsageError

from .options import Parser, add_output_options

if TYPE_CHECKING:
    from batterycell.movie.load import MovieOptions
    from batterycell.movie.settings import ChemistrySettings, PrepareSettings

Settings = TypeVar("Settings")


def add_movie_options(parser: Parser, default: str) -> None:
    """Add what both verbs ask for."""
    movie = "TIFF with several pages, folder of frames, NRRD, .seq.nrrd, HDF5/NeXus, or STXM stack (.hdr with .xim)"
    parser.add_argument("movie", type=Path, metavar="MOVIE", help=movie)
    add_frame_options(parser)
    sigma = "standard deviation of a pixel, instead of photons"
    parser.add_argument("--sigma", type=float, metavar="OD", help=sigma)
    add_output_options(parser, f"<movie>-{default} in the current folder")


def add_frame_options(parser: Parser) -> None:
    """Add what can be said about files, and how frames become optical density."""
    add_reading_options(parser)
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="settings of an earlier result; words win over it")
    _add_beam_options(parser.add_argument_group("optical density"))
    _add_place_options(parser.add_argument_group("drift and particles"))


def add_reading_options(parser: Any) -> None:
    """Add what can be said about files that do not say it themselves."""
    parser.add_argument("--pixel-size", type=_pixel_size, metavar="Y,X", help="in µm; one number for square pixels")
    parser.add_argument("--times", default="", metavar="S|FILE", help="seconds from frame to frame, or one a frame")
    energies = "in eV, with commas or in a file: one a frame, or those of a point in time over and over"
    parser.add_argument("--energies", default="", metavar="EV,...|FILE", help=energies)
    parser.add_argument(
        "--index", type=Path, metavar="FILE", help="CSV or JSON with time_s and energy_eV of the frames"
    )
    parser.add_argument("--dataset", default="", metavar="PATH", help="the frames inside an HDF5 file")


def _add_beam_options(group: Any) -> None:
    beam = "auto: the brightest area (default); 'box R0:R1,C0:C1' in pixels; none: values are optical densities"
    group.add_argument("--beam", metavar="WORDS", help=beam)
    group.add_argument("--i0", type=Path, metavar="FILE", help="the beam over energy (two columns), or flat fields")
    group.add_argument("--dark", type=float, metavar="N", help="value without light (default: 0)")
    photons = "photons of a value of 1 (default: what the file says, else what the area without sample shows)"
    group.add_argument("--counts-per-unit", type=float, metavar="N", help=photons)


def _add_place_options(group: Any) -> None:
    group.add_argument("--no-drift", action="store_true", help="frames lie where they should")
    group.add_argument("--most-drift", type=float, metavar="PX", help="longest way between frames (default: 10)")
    group.add_argument("--mask", type=Path, metavar="FILE", help="particles: a picture, or a text of characters (.msk)")
    group.add_argument("--threshold", type=float, metavar="OD", help="what absorbs more is a particle (default: found)")
    group.add_argument("--min-area", type=float, metavar="UM2", help="least area of a particle (default: 0.05 µm²)")


def add_chemistry_options(parser: Parser) -> None:
    """Add what chemistry asks for beside."""
    group = parser.add_argument_group("chemistry")
    words = "end member with its spectrum; give each, the one without lithium first"
    group.add_argument("--end-member", type=member, action="append", metavar="NAME=FILE", help=words)
    lithium = "lithium per metal of each end member, - for one without metal (default: 0,1)"
    group.add_argument("--lithium", type=_lithium, metavar="N,...", help=lithium)
    background = "what absorbs beside them (default: a line over energy, where energies suffice)"
    group.add_argument("--background", choices=("auto", "none", "constant", "linear"), help=background)
    group.add_argument("--edge-jump", action="store_true", help="scale end members to equal absorption behind the edge")
    group.add_argument("--allow-negative", action="store_true", help="amounts in maps may be negative")
    group.add_argument("--least-snr", type=float, metavar="N", help="no fraction where amount / σ is less (default: 3)")


def movie_options(args: argparse.Namespace) -> MovieOptions:
    """What was said about the file."""
    from batterycell.movie.load import MovieOptions

    return MovieOptions(args.pixel_size, args.times, args.energies, args.index, args.dataset)


def prepare_settings(start: PrepareSettings, args: argparse.Namespace) -> PrepareSettings:
    """Settings with what was said in words."""
    given = {
        "beam": args.beam or ("file" if args.i0 else None),
        "dark": args.dark,
        "counts_per_unit": args.counts_per_unit,
        "sigma_od": args.sigma,
        "noise": "poisson" if args.counts_per_unit else "stated" if args.sigma else None,
        "drift": False if args.no_drift else None,
        "most_drift_px": args.most_drift,
        "threshold_od": args.threshold,
        "min_area_um2": args.min_area,
    }
    return changed(start, given)


def chemistry_settings(start: ChemistrySettings, args: argparse.Namespace) -> ChemistrySettings:
    """Settings with what was said in words."""
    given = {
        "lithium": args.lithium,
        "background": args.background,
        "edge_jump": args.edge_jump or None,
        "non_negative": False if args.allow_negative else None,
        "least_snr": args.least_snr,
    }
    return changed(start, given)


def spoken(settings: Settings, args: argparse.Namespace) -> Settings:
    """Settings with what was said in words that are called as their fields."""
    return changed(settings, {one.name: getattr(args, one.name, None) for one in fields(settings)})  # type: ignore[arg-type]


def changed(settings: Settings, given: dict[str, Any]) -> Settings:
    """Settings with those that were given.

    Raises:
        UsageError: if one makes no sense.
    """
    try:
        return replace(settings, **{name: value for name, value in given.items() if value is not None})  # type: ignore[type-var]
    except ValueError as error:
        raise UsageError("movie-settings", f"{error}", "--help says what can be given") from error


def _pixel_size(text: str) -> tuple[float, float]:
    try:
        parts = [float(part) for part in text.split(",")]
        height, width = parts * 2 if len(parts) == 1 else parts
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not Y,X in µm, e.g. 0.05") from None
    if not (0 < height < 1e4 and 0 < width < 1e4):
        raise argparse.ArgumentTypeError(f"{text!r} is no size of a pixel in µm")
    return height, width


def member(text: str) -> tuple[str, Path]:
    """Read ``NAME=FILE``.

    Raises:
        argparse.ArgumentTypeError: if it is not that.
    """
    name, found, path = text.partition("=")
    if not (found and name and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, e.g. FePO4=oxidized.t")
    return name, Path(path)


def _lithium(text: str) -> tuple[float | None, ...]:
    try:
        return tuple(None if part.strip() in ("-", "") else float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not N,N, e.g. 0,1") from None
