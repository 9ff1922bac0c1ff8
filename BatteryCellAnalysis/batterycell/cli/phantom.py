"""``batterycell phantom``: a generated sample with its truth."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import result_folder
from batterycell.progress import Progress

from . import phantom_microstructure, phantom_movie
from .options import Parser, add_group, add_output_options, add_verb, voxel_size

if TYPE_CHECKING:
    from batterycell.phantom import Case, Phantom, Scan

_WRITES = """presets: demo, 21700-top, small, clean, hard, pouch; random draws cell and scan from the seed,
random-hard one that is hard to measure: noise, tilt, dents, tab, collapsed core, missing layers, curled tips ...

writes into DIR:
  grey.nrrd     the scan
  labels.nrrd   0 outside, 1 can, 2 cathode, 3 anode, 4 separator, 5 other, 6 overhang
  truth.csv     the exact overhang
  phantom.json  every setting, the seed, the cell's axis, can and windings in numbers, what the columns mean
  gaps.csv, inclusions.csv  where sheets came apart and foreign particles lie, of a cylindrical cell"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell phantom cell --preset demo --seed 1 --out phantom"
    kinds = add_group(subparsers, "phantom", "Generate a sample with its truth.", example)
    phantom_microstructure.add_kind(kinds)
    phantom_movie.add_kind(kinds)
    parser = add_verb(kinds, "cell", "Generate a battery cell whose overhang is exactly known.", example, _WRITES)
    parser.add_argument("--preset", default="demo", metavar="NAME", help="cell and scan (default: demo)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="everything random follows from it")
    parser.add_argument("--negative", type=int, default=0, metavar="N", help="add N places with negative overhang")
    parser.add_argument("--tilt", type=float, metavar="DEG", help="tilt of the cell's axis")
    parser.add_argument("--upside-down", action="store_true", help="cap towards the first slice")
    parser.add_argument("--voxel-size", type=voxel_size, metavar="Z,Y,X", help="voxel size in µm")
    parser.add_argument("--noise", type=float, metavar="GREY", help="standard deviation of the noise in 8-bit values")
    add_output_options(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Generate the sample, write it and say what it is."""
    kinds = {"microstructure": phantom_microstructure.run, "movie": phantom_movie.run}
    return kinds.get(args.kind, _run_cell)(args, progress)


def _run_cell(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from batterycell.mrml.files import write_volume
    from batterycell.phantom import make_cell, write_phantom

    spec, scan = _case(args)
    with result_folder(args.out, args.overwrite) as folder:
        phantom = make_cell(spec, scan, args.seed, progress.part(0.0, 0.9))
        progress.report(0.9, "writing")
        write_phantom(phantom, folder, write_volume, args.seed)
    return _summary(phantom, args.out)


def _case(args: argparse.Namespace) -> Case:
    from batterycell.errors import UsageError
    from batterycell.phantom import add_negatives

    if args.seed < 0 or args.negative < 0:
        raise UsageError("phantom-number", "--seed and --negative cannot be negative.", "Give 0 or more")
    spec, scan = _drawn(args.preset, args.seed)
    return add_negatives(spec, args.negative, args.seed), _changed(scan, args)


def _drawn(name: str, seed: int) -> Case:
    """The cell and scan of a preset, or a random one."""
    from batterycell.phantom import preset, random_cell, random_hard_cell

    if name == "random-hard":
        hard = random_hard_cell(seed)
        return hard.spec, hard.scan
    return random_cell(seed) if name == "random" else preset(name)


def _changed(scan: Scan, args: argparse.Namespace) -> Scan:
    """The scan with what the options say; a fixed shape goes when the voxels change."""
    if args.voxel_size is not None:
        scan = replace(scan, voxel_size_um=args.voxel_size, shape=None)
    if args.tilt is not None:
        scan = replace(scan, tilt_deg=args.tilt)
    if args.noise is not None:
        scan = replace(scan, noise=args.noise)
    return replace(scan, upside_down=True) if args.upside_down else scan


def _summary(phantom: Phantom, out: Path) -> dict[str, Any]:
    flags = phantom.truth["flag"]
    counts = {str(flag): int((flags == flag).sum()) for flag in sorted(set(flags.tolist()))}
    return {
        "shape": list(phantom.volume.array.shape),
        "voxel_size_um": [round(size, 9) for size in phantom.volume.voxel_size_um],
        "overhangs": counts,
        "grey": str(out / "grey.nrrd"),
        "truth": str(out / "truth.csv"),
    }
