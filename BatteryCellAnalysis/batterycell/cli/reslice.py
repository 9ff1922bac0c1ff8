"""``batterycell reslice``: cut a cell along its own axis, and unroll it."""

from __future__ import annotations

import argparse
import json
import math
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.output import result_folder
from batterycell.progress import Progress

from .options import Parser, add_input_options, add_output_options, add_region_option, add_verb, load_options

if TYPE_CHECKING:
    from batterycell.orient import Cell
    from batterycell.volume import Volume

_ANGLES = 360
_MOST_ANGLES = 7200
_WRITES = """writes into DIR, as .nrrd with its place in mm, or as .tif with its voxel size in µm:
  plane_<ANGLE>deg    longitudinal half-plane: axis left, can right, cap up
  around              all half-planes, one image an angle
  unrolled_around     length around the axis (at --radius) × depth inward × height
  unrolled_winding    length along the winding × depth inward × height
  unrolled_*.json     the way from each place of the unrolled volume to the cell and back
  windings.csv        the radius of every winding over angle and height (with --winding)
  provenance.json

more examples:
  batterycell reslice scans/cell_7 --plane 0 --plane 90 --around 180 --format tif --out cut
  batterycell reslice scans/cell_7 --unroll --winding 3:5 --depth 0.8 --out strip"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell reslice scans/cell_7 --unroll --radius 8 --depth 2 --out unrolled"
    summary = "Cut a cell along planes through its axis, or unroll it."
    parser = add_verb(subparsers, "reslice", summary, example, _WRITES)
    parser.add_argument("cell", type=Path, metavar="CELL", help="an image, or a folder with its slices")
    add_input_options(parser)
    add_region_option(parser)
    _add_cuts(parser)
    parser.add_argument("--format", choices=("nrrd", "tif"), default="nrrd", help="of the images (default: nrrd)")
    add_output_options(parser)


def _add_cuts(parser: argparse.ArgumentParser) -> None:
    cuts = parser.add_argument_group("what to cut, one or more of")
    cuts.add_argument("--plane", type=angle, action="append", default=[], metavar="ANGLE", help="half-plane, degrees")
    cuts.add_argument("--around", type=int, nargs="?", const=_ANGLES, metavar="N",
                      help=f"half-planes at N angles (default: {_ANGLES})")  # fmt: skip
    cuts.add_argument("--unroll", action="store_true", help="around the axis, or with --winding along the winding")
    how = parser.add_argument_group("how to unroll")
    where = how.add_mutually_exclusive_group()
    where.add_argument("--radius", type=float, metavar="MM", help="where lengths are true (default: 3/4 of the can's)")
    where.add_argument("--winding", type=windings, metavar="N[:M]", help="windings to follow, 1 is outermost; or all")
    how.add_argument("--depth", type=float, metavar="MM", help="thickness across the sheets")


def angle(text: str) -> float:
    """Read an angle in degrees.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not an angle in degrees")
    return value


def windings(text: str) -> tuple[int, int] | tuple[()]:
    """Read ``N``, ``N:M`` or ``all``.

    Raises:
        argparse.ArgumentTypeError: if it is none of them.
    """
    if text == "all":
        return ()
    first, _, last = text.partition(":")
    try:
        return int(first), int(last or first)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not N, N:M or all, e.g. 3:5") from None


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Cut the cell and say what was written."""
    from batterycell.io import load_large
    from batterycell.io.mapped import letting_go
    from batterycell.orient import find_cell

    _refuse_wrong_words(args)
    with result_folder(args.out, args.overwrite) as folder:
        progress.report(0.0, "reading the cell")
        volume = load_large(args.cell, load_options(args), folder, progress.part(0.0, 0.05))
        with letting_go(volume.array):
            work = _Work(volume, find_cell(volume, progress.part(0.05, 0.1)), folder, args.format)
            files = _cut(work, args, progress.part(0.1, 0.95))
        _write_provenance(work, args, progress.part(0.95, 1.0))
    return {"out": str(args.out), "files": files}


def describe(result: dict[str, Any]) -> str:
    """A line a file."""
    return "\n".join(
        f"{Path(result['out']) / file['file']}  {_times(file['shape'])} voxels of {_times(file['voxel_size_um'])} µm"
        for file in result["files"]
    )


@dataclass(frozen=True)
class _Work:
    """The cell, and where its pieces go."""

    volume: Volume
    cell: Cell
    folder: Path
    format: str

    def write(self, volume: Volume, name: str, labels: list[str] | None = None) -> dict[str, Any]:
        from batterycell.io.save_tiff import write_tiff
        from batterycell.mrml.files import write_volume

        path = self.folder / f"{name}.{self.format}"
        if self.format == "tif":
            write_tiff(volume, path, labels or [])
        else:
            write_volume(volume, path)
        sizes = [round(size, 6) for size in volume.voxel_size_um]
        return {"file": path.name, "shape": list(volume.array.shape), "voxel_size_um": sizes}


def _cut(work: _Work, args: argparse.Namespace, progress: Progress) -> list[dict[str, Any]]:
    from batterycell.reslice import cut_all_around, cut_half_plane

    files = [work.write(cut_half_plane(work.volume, work.cell, deg), f"plane_{deg:.10g}deg") for deg in args.plane]
    if args.around is not None:
        stack = cut_all_around(work.volume, work.cell, args.around, args.radius, progress.part(0.0, 0.4))
        labels = [f"{360 * n / args.around:g} deg" for n in range(args.around)]
        files.append(work.write(stack, "around", labels))
    if args.unroll:
        files.append(_unroll(work, args, progress.part(0.4, 1.0)))
    return files


def _unroll(work: _Work, args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from batterycell.reslice import UnrollSettings, unroll_around
    from batterycell.tables import write_csv
    from batterycell.winding import trace_windings, unroll_winding

    settings, name = UnrollSettings(depth_mm=args.depth), "unrolled_around"
    if args.winding is None:
        unrolled = unroll_around(work.volume, work.cell, args.radius, settings, progress)
    else:
        name = "unrolled_winding"
        traced = trace_windings(work.volume, work.cell, progress.part(0.0, 0.3))
        span = args.winding or None
        unrolled = unroll_winding(work.volume, work.cell, traced, span, settings, progress.part(0.3, 1.0))
        write_csv(traced.to_table(), work.folder / "windings.csv")
    (work.folder / f"{name}.json").write_text(unrolled.map.to_json() + "\n", encoding="utf-8")
    return work.write(unrolled.volume, name)


def _refuse_wrong_words(args: argparse.Namespace) -> None:
    if not (args.plane or args.around is not None or args.unroll):
        raise UsageError("reslice-nothing", "Nothing to cut.", "Give --plane ANGLE, --around or --unroll.")
    if args.around is not None and not 1 <= args.around <= _MOST_ANGLES:
        raise UsageError("reslice-angles", f"--around {args.around} cannot be.", f"Give 1 to {_MOST_ANGLES} angles.")
    if (args.winding is not None or args.depth is not None) and not args.unroll:
        raise UsageError("reslice-unroll", "--winding and --depth are for --unroll.", "Add --unroll.")


def _write_provenance(work: _Work, args: argparse.Namespace, progress: Progress) -> None:
    from batterycell.provenance import Sources, describe, input_files

    recipe = {name: getattr(args, name) for name in ("plane", "around", "unroll", "radius", "winding", "depth")}
    sources = Sources(input_files(args.cell), shlex.join(["batterycell", *args.words]))
    values = describe(work.volume, recipe, sources, progress)
    (work.folder / "provenance.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def _times(numbers: list[float]) -> str:
    return " × ".join(f"{number:.6g}" for number in numbers)
