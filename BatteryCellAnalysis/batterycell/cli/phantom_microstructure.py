"""``batterycell phantom microstructure``: generated images or a volume of a cathode with their truth."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import result_folder
from batterycell.progress import Progress

from .options import Subparsers, add_output_options, add_verb, shape

if TYPE_CHECKING:
    from batterycell.phantom.microstructure.presets import Look

EXAMPLE = "batterycell phantom microstructure --preset cathode --images 65 --size 256 --seed 1 --out cathodes"
_SUMMARY = "Generate electron micrographs of a cathode whose every pixel and particle is known."
_WRITES = """presets:
  cathode           FIB-SEM, three phases: pore 15 %, active material 58 %, binder 27 %
  cathode-additive  the same with conductive additive as a fourth phase
  xct               X-ray tomography: pore 40 %, active material 50 %, binder 10 %
  packed            60 % active material that touches without merging, three in ten particles cracked
  clean             the cathode without the microscope's artefacts

writes into DIR, ready for `batterycell train DIR`:
  images/, labels/   one TIFF an image; labels: 1 pore, 2 active material, 3 binder, 4 additive
  instances/         number of the particle of each pixel of active material
  classes.json, frames.json   of 65 images 45 train and 15 validate, all completely labelled
  test/              the other 5, likewise
  particles.csv      one row a particle; fractions.csv: one row an image
  phantom.json       every setting, the seed, what the columns mean
with --volume: grey.nrrd, labels.nrrd, instances.nrrd, cracks.nrrd (number of the cracked particle), particles.csv,
phantom.json"""


def add_kind(kinds: Subparsers) -> None:
    """Add the kind of phantom."""
    parser = add_verb(kinds, "microstructure", _SUMMARY, EXAMPLE, _WRITES)
    parser.add_argument("--preset", default="cathode", metavar="NAME", help="cathode and microscope (default: cathode)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="everything random follows from it")
    parser.add_argument("--images", type=int, default=65, metavar="N", help="number of images (default: 65)")
    parser.add_argument("--size", type=int, default=256, metavar="N", help="rows and columns of each (default: 256)")
    parser.add_argument("--volume", type=shape, metavar="Z,Y,X", help="one volume of so many voxels, no images")
    parser.add_argument("--voxel-size", type=float, metavar="UM", help="edge of a voxel in µm")
    add_output_options(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Generate, write, and say what it is."""
    from batterycell.errors import UsageError

    if args.seed < 0:
        raise UsageError("phantom-number", "--seed cannot be negative.", "Give 0 or more")
    look, write = _look(args), _write_volume if args.volume else _write_images
    with result_folder(args.out, args.overwrite) as folder:
        said = write(look, args, folder, progress)
    names = ("images", "shape", "voxel_size_um", "particles", "fractions")
    return {**{name: said[name] for name in names if name in said}, "out": str(args.out)}


def _look(args: argparse.Namespace) -> Look:
    from batterycell.phantom.microstructure import preset

    structure, microscope = preset(args.preset)
    return (structure if args.voxel_size is None else replace(structure, voxel_um=args.voxel_size)), microscope


def _write_images(look: Look, args: argparse.Namespace, folder: Path, progress: Progress) -> dict[str, Any]:
    from batterycell.phantom.microstructure.files import write_series
    from batterycell.phantom.microstructure.series import divide, make_series

    made = make_series(look, args.images, args.size, args.seed, progress)
    return write_series(look, made, divide(args.images), folder, args.seed)


def _write_volume(look: Look, args: argparse.Namespace, folder: Path, progress: Progress) -> dict[str, Any]:
    from batterycell.mrml.files import write_volume
    from batterycell.phantom.microstructure import make_micrograph
    from batterycell.phantom.microstructure.files import write_one

    made = make_micrograph(*look, args.volume, (args.seed, 0), "cathode", progress.part(0.0, 0.9))
    progress.report(0.9, "writing")
    return write_one(look, made, folder, write_volume, args.seed)
