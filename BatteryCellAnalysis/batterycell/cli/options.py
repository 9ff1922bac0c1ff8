"""Options that several verbs share, and how their words are read."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from batterycell.errors import UsageError

if TYPE_CHECKING:
    from batterycell.io import LoadOptions
    from batterycell.io.options import Region


class Parser(argparse.ArgumentParser):
    """A parser that raises one sentence instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise the error.

        Raises:
            UsageError: always.
        """
        raise UsageError("usage", message[:1].upper() + message[1:] + ".", f"{self.prog} --help shows an example.")


Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_verb(subparsers: Subparsers, name: str, summary: str, example: str, details: str = "") -> Parser:
    """Add a verb whose help shows its example, with the options that every verb has.

    Args:
        subparsers: Where the verb belongs.
        name: The verb.
        summary: What it does, one sentence.
        example: A line that works, starting with ``batterycell``.
        details: More for the end of the help, e.g. what is written where.
    """
    parser = _add_parser(subparsers, name, summary, example, details)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--debug", action="store_true", help="show where in the code an error came from")
    return parser


def add_group(subparsers: Subparsers, name: str, summary: str, example: str) -> Subparsers:
    """Add a verb that stands before other verbs, such as ``phantom`` before ``cell``; return where those belong."""
    parser = _add_parser(subparsers, name, summary, example, "")
    return parser.add_subparsers(dest="kind", metavar="KIND", required=True)


def _add_parser(subparsers: Subparsers, name: str, summary: str, example: str, details: str) -> Parser:
    return subparsers.add_parser(
        name,
        help=summary,
        description=summary,
        epilog="\n\n".join(text for text in (f"example:\n  {example}", details) if text),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_output_options(parser: argparse.ArgumentParser, default: str = "") -> None:
    """Add ``--out`` and ``--overwrite``; ``default`` says in words where results go without ``--out``."""
    help_text = "folder for the results" + (f" (default: {default})" if default else "")
    parser.add_argument("--out", type=Path, metavar="DIR", required=not default, help=help_text)
    parser.add_argument("--overwrite", action="store_true", help="replace an older result in that folder")


def voxel_size(text: str) -> tuple[float, float, float]:
    """Read ``Z,Y,X`` in µm.

    Raises:
        argparse.ArgumentTypeError: if these are not three numbers.
    """
    try:
        z, y, x = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not Z,Y,X in µm, e.g. 20,10,10") from None
    return z, y, x


VoxelSize = Callable[[str], tuple[float, float, float]]


def add_input_options(parser: argparse.ArgumentParser, size: VoxelSize = voxel_size) -> None:
    """Add what a person can say about an image that does not say it itself.

    Args:
        parser: Of the verb.
        size: Reads a voxel size.
    """
    parser.add_argument(
        "--voxel-size",
        type=size,
        metavar="Z,Y,X",
        help="voxel size in µm, distance of slices first; needed where the file does not state it",
    )
    preview = "load a preview of 1:N, means of N × N × N voxels (a quick look: 2 needs an eighth of the memory)"
    parser.add_argument("--preview", type=int, default=1, metavar="N", help=preview)
    add_fill_missing(parser)
    add_raw_options(parser)


def add_raw_options(parser: argparse.ArgumentParser) -> None:
    """Add what describes a file without a header."""
    raw = parser.add_argument_group("files without a header")
    raw.add_argument("--raw-shape", type=shape, metavar="Z,Y,X", help="slices, rows, columns")
    raw.add_argument("--raw-type", default="uint16", metavar="TYPE", help="uint8, uint16 (default), int16, float32 ...")
    raw.add_argument("--raw-offset", type=int, default=0, metavar="BYTES", help="bytes before the first voxel")
    raw.add_argument("--raw-big-endian", action="store_true", help="most significant byte first")


def add_region_option(parser: argparse.ArgumentParser) -> None:
    """Add what loads a part of an image."""
    text = "load only these voxels, the last not included; of an OME-Zarr store no more is read"
    parser.add_argument("--region", type=region, metavar="Z:Z,Y:Y,X:X", dest="load_region", help=text)


def add_fill_missing(parser: argparse.ArgumentParser) -> None:
    """Add what a person can say about a store in which chunks lack."""
    lacking = "read chunks that an OME-Zarr store lacks as its fill value; else it is refused"
    parser.add_argument("--fill-missing", action="store_true", help=lacking)


def load_options(args: argparse.Namespace) -> LoadOptions:
    """What the options of `add_input_options` say about the image."""
    from batterycell.io import LoadOptions, RawShape

    raw = RawShape(args.raw_shape, args.raw_type, args.raw_offset, args.raw_big_endian) if args.raw_shape else None
    step: int = getattr(args, "preview", 1)
    part: Region | None = getattr(args, "load_region", None)
    return LoadOptions(args.voxel_size, raw, step, region=part, fill_missing=args.fill_missing)


def region(text: str) -> Region:
    """Read ``Z:Z,Y:Y,X:X`` in voxels.

    Raises:
        argparse.ArgumentTypeError: if these are not three pairs of whole numbers.
    """
    try:
        (z, z_end), (y, y_end), (x, x_end) = ((int(end) for end in part.split(":")) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not Z:Z,Y:Y,X:X in voxels, e.g. 0:100,200:400,0:728") from None
    return (z, z_end), (y, y_end), (x, x_end)


def shape(text: str) -> tuple[int, int, int]:
    """Read ``Z,Y,X`` as numbers of voxels.

    Raises:
        argparse.ArgumentTypeError: if these are not three positive whole numbers.
    """
    try:
        z, y, x = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not Z,Y,X in voxels, e.g. 100,728,728") from None
    if min(z, y, x) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} holds no voxels")
    return z, y, x


def run_folder(out: Path, fresh: bool) -> Path:
    """Where long work beside a result keeps how far it is; emptied where it is to begin anew."""
    folder = out.resolve().with_name(f"{out.resolve().name}.run")
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    return folder
