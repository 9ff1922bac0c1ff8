"""``batterycell phantom movie``: generated X-ray movies of particles whose law is known."""

from __future__ import annotations

import argparse
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.output import result_folder
from batterycell.progress import Progress

from .options import Parser, Subparsers, add_output_options, add_verb

if TYPE_CHECKING:
    from batterycell.phantom.movie.law import Camera, LawSpec

EXAMPLE = "batterycell phantom movie --preset separating --seed 1 --lithium --out movies"
_SUMMARY = "Generate X-ray movies of particles whose reaction is exactly known."
_WRITES = """presets:
  separating      one particle of 60 × 60 pixels and 30 points in time, in and out at 0.6 C, phases separate
  solid-solution  the same at 1 C, without phases
  rates           the same particle at 0.3, 0.6, 1.2 and 2 C
  many            20 particles of 40 × 40 pixels a movie, other ones at 0.6, 1.2 and 2 C
  edges           a particle that reacts faster at its outline
  potential       the potential is held, not the rate
  small           24 × 24 pixels, 15 points in time, for a first look

writes into DIR, as if from a microscope:
  movie-N.tif, movie-N.csv, mask-N.tif, FePO4.txt, LiFePO4.txt   frames, times and energies, particles, spectra
  lithium-N/    with --lithium: fractions with the noise --sigma, which movie kinetics and movie invert read
  truth/        k(x, y), lithium without noise, law.csv, particles.csv, reservoir.csv, drift.csv, pictures
  phantom.json, README.txt   every setting; the next commands to type

plan an experiment: generate what would be measured (--frames, --interval, --c-rates, --photons), run movie invert on
it, and compare its k and their intervals with truth/.

more examples:
  batterycell phantom movie --preset many --particles 6 --c-rates 0.5,2 --frames 20 --lithium --sigma 0.07 --out plan
  batterycell phantom movie --preset small --photons 3000 --drift 4 --out drifting"""
_MOST_FRAMES, _MOST_PARTICLES, _MOST_SIZE_PX = 2000, 400, 400


def add_kind(kinds: Subparsers) -> None:
    """Add the kind of phantom."""
    parser = add_verb(kinds, "movie", _SUMMARY, EXAMPLE, _WRITES)
    parser.add_argument("--preset", default="separating", metavar="NAME", help="law and cycling (default: separating)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="everything random follows from it")
    _add_movie_options(parser)
    _add_camera_options(parser.add_argument_group("camera"))
    add_output_options(parser)


def _add_movie_options(parser: Parser) -> None:
    parser.add_argument("--particles", type=int, metavar="N", help="in each movie")
    parser.add_argument("--size", type=int, metavar="PX", help="longest extent of a particle, in pixels")
    parser.add_argument("--pixel-size", type=float, metavar="UM", help="edge of a pixel in µm (default: 0.05)")
    parser.add_argument("--c-rates", type=_numbers, metavar="R,...", help="in 1/h, one movie each")
    parser.add_argument("--frames", type=int, metavar="N", help="points in time of each movie")
    interval = "between points in time (default: the half cycles fill the movie)"
    parser.add_argument("--interval", type=float, metavar="S", help=interval)
    omega = "Ω of μ(c) = ln(c / (1 − c)) + Ω(1 − 2c); above 2 phases separate"
    parser.add_argument("--omega", type=float, metavar="KT", help=omega)
    parser.add_argument("--contrast", type=float, metavar="N", help="standard deviation of ln k")


def _add_camera_options(group: Any) -> None:
    photons = "a pixel and frame where nothing absorbs; 0 for no noise (default: 1200, about σ = 0.07 of a fraction)"
    group.add_argument("--photons", type=float, metavar="N", help=photons)
    group.add_argument("--energies", type=_numbers, metavar="EV,...", help="default: 704,707.9,709.7")
    group.add_argument("--drift", type=float, metavar="PX", help="longest way that the image drifts (default: 0)")
    group.add_argument("--lithium", action="store_true", help="write lithium fractions with noise as well")
    sigma = "standard deviation of that noise (default: 0.07)"
    group.add_argument("--sigma", type=float, metavar="N", help=sigma)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Generate, write, and say what it is."""
    from batterycell.export.movie_phantom import GeneratedMovies, write_movie_phantom
    from batterycell.phantom.movie.law import film_law, make_law_movies

    spec, camera = _spec(args), _camera(args)
    with result_folder(args.out, args.overwrite) as folder:
        made = make_law_movies(spec, args.seed, progress.part(0.0, 0.5))
        films = []
        for number in range(len(made.movies)):
            films.append(film_law(made, number, camera, args.seed))
            progress.report(0.5 + 0.3 * (number + 1) / len(made.movies), "taking frames")
        generated = GeneratedMovies(made, tuple(films), camera, args.seed, args.lithium or args.sigma is not None)
        said = write_movie_phantom(generated, folder, progress.part(0.8, 1.0))
    names = ("movies", "c_rates_per_h", "particles", "points", "shape", "pixel_size_yx_um")
    return {**{name: said[name] for name in names}, "out": str(args.out), "next": str(args.out / "README.txt")}


def _spec(args: argparse.Namespace) -> LawSpec:
    """The preset with what was said in words."""
    from batterycell.phantom.movie.law import law_preset

    _check_sizes(args)
    spec = law_preset(args.preset)
    contrast = None if args.contrast is None else (args.contrast, args.contrast)
    # The image may move so far without leaving the frame, and some sample-free rim must always be seen.
    margin = max(spec.platelets.margin_px, 4 + ceil(args.drift or 0))
    platelets = {"count": args.particles, "size_px": args.size, "margin_px": margin}
    whole: LawSpec = _changed(
        spec,
        reaction=_changed(spec.reaction, omega_kt=args.omega),
        heterogeneity=_changed(spec.heterogeneity, contrast=contrast),
        platelets=_changed(spec.platelets, **platelets),
        cycling=_changed(spec.cycling, c_rates=args.c_rates),
        frames=args.frames,
        interval_s=args.interval,
        pixel_um=args.pixel_size,
        sigma=args.sigma,
    )
    return whole


def _camera(args: argparse.Namespace) -> Camera:
    from batterycell.phantom.movie.law import Camera

    found: Camera = _changed(Camera(), photons=args.photons, drift_px=args.drift, energies_ev=args.energies)
    return found


def _check_sizes(args: argparse.Namespace) -> None:
    most = {"frames": _MOST_FRAMES, "particles": _MOST_PARTICLES, "size": _MOST_SIZE_PX}
    for name, limit in most.items():
        if (getattr(args, name) or 0) > limit:
            raise UsageError("phantom-number", f"--{name} is at most {limit}.", "Generate several movies instead")
    if args.seed < 0:
        raise UsageError("phantom-number", "--seed cannot be negative.", "Give 0 or more")


def _changed(settings: Any, **given: Any) -> Any:
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not N,N, e.g. 0.5,1,2") from None
