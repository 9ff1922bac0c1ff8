"""What the verbs for label volumes ask for."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.recipe import ObjectsRecipe

from .options import Parser, add_fill_missing, add_output_options, shape

if TYPE_CHECKING:
    from batterycell.io import LoadOptions


def add_label_options(parser: Parser, default: str) -> None:
    """Add what every verb for a label volume asks for."""
    labels = "label volume: .seg.nrrd, NRRD, NIfTI, MetaImage, TIFF, PNG, OME-Zarr, or a folder of slices"
    parser.add_argument("labels", type=Path, metavar="LABELS", help=labels)
    size = "voxel size in µm, distance of slices first; Y,X or one number will do for a single slice or for cubes"
    parser.add_argument("--voxel-size", type=label_voxel_size, metavar="Z,Y,X", help=size)
    percent = "half width of the voxel size's 95 %% interval, in every length's interval then (default: exact)"
    parser.add_argument("--voxel-size-uncertainty", type=float, metavar="PERCENT", help=percent)
    classes = "what the values mean, VALUE=NAME, e.g. 0=pore,1=NMC,2=binder (default: what the file says)"
    parser.add_argument("--classes", metavar="VALUE=NAME,...", help=classes)
    add_fill_missing(parser)
    raw = parser.add_argument_group("files without a header")
    raw.add_argument("--raw-shape", type=shape, metavar="Z,Y,X", help="slices, rows, columns")
    raw.add_argument("--raw-type", default="uint8", metavar="TYPE", help="uint8 (default), uint16 ...")
    raw.add_argument("--raw-offset", type=int, default=0, metavar="BYTES", help="bytes before the first voxel")
    raw.add_argument("--raw-big-endian", action="store_true", help="most significant byte first")
    add_output_options(parser, default)
    parser.add_argument("--fresh", action="store_true", help="begin anew where a broken run would go on")


def add_object_options(parser: Parser) -> None:
    """Add what says which regions are objects."""
    parser.add_argument("--dimension", type=int, choices=(2, 3), help="2: each slice on its own (default: 3)")
    neighbours = "neighbours of a voxel: 6, 18, 26; 4, 8 in 2D (default: all that touch)"
    parser.add_argument("--connectivity", type=int, choices=(4, 8, 6, 18, 26), help=neighbours)
    apart = "watershed parts particles that touch, at their necks; none: what touches is one object"
    parser.add_argument("--separate", choices=("none", "watershed"), help=apart)
    least = "leave out objects of a smaller equivalent diameter"
    parser.add_argument("--min-size", type=float, metavar="UM", help=least)
    crack = (
        "widest crack inside a particle; wider gaps lie between particles (default: 4 voxels, less for small particles)"
    )
    parser.add_argument("--crack", type=float, metavar="UM", help=crack)
    border = "objects that the border may cut: keep, flag and weight the others (default), or exclude"
    parser.add_argument("--border", choices=("keep", "flag", "exclude"), help=border)


def object_words(args: argparse.Namespace) -> dict[str, Any]:
    """What the words say about classes and objects, as fields of `ObjectsRecipe`; None was not said."""
    return {
        "classes": args.classes,
        "dimension": args.dimension,
        "connectivity": args.connectivity,
        "separate": args.separate,
        "min_size_um": args.min_size,
        "border": args.border,
        "crack_um": args.crack,
        "voxel_size_percent": args.voxel_size_uncertainty,
    }


def label_voxel_size(text: str) -> tuple[float, float, float]:
    """Read ``Z,Y,X``, ``Y,X`` (slices as far apart as rows) or one number, in µm.

    Raises:
        argparse.ArgumentTypeError: if these are not one to three numbers.
    """
    try:
        parts = [float(part) for part in text.split(",")]
        z, y, x = {1: parts * 3, 2: [parts[0], *parts], 3: parts}[len(parts)]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"{text!r} is not Z,Y,X in µm, e.g. 0.05,0.02,0.02") from None
    return z, y, x


def label_reading(args: argparse.Namespace) -> LoadOptions:
    """What the words say about the file."""
    from batterycell.io import LoadOptions, RawShape

    raw = RawShape(args.raw_shape, args.raw_type, args.raw_offset, args.raw_big_endian) if args.raw_shape else None
    return LoadOptions(args.voxel_size, raw, single=True, fill_missing=args.fill_missing)


def changed(recipe: ObjectsRecipe, given: dict[str, Any]) -> ObjectsRecipe:
    """A recipe with what was said in words; None was not said.

    Raises:
        UsageError: if it cannot be measured so.
    """
    try:
        return replace(recipe, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise UsageError("measuring", f"{error}", "--help says what can be given") from error
