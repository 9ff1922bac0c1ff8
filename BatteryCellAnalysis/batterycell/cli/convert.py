"""``batterycell convert``: one format into another, also what is larger than memory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .options import Parser, add_fill_missing, add_raw_options, add_verb, load_options, shape, voxel_size

if TYPE_CHECKING:
    from batterycell.io.convert import Conversion

_NOTES = """reads all that the other verbs read; writes, by the name of OUT:
  .ome.zarr, .zarr         OME-Zarr: chunks, and levels each half as fine as the one before
  .nrrd, .mha, .nii, .tif  uncompressed, slab by slab; .seg.nrrd with the names of labels
  .nii.gz                  compressed, in one stream: broken off, it begins anew
  a name without a suffix  a folder of TIFF slices

Voxels are the same after as before. Broken off, even by kill -9, the same words go on with what is done.

more examples:
  batterycell convert cell_7.ome.zarr cell_7.nrrd
  batterycell convert labels.seg.nrrd labels.ome.zarr --chunk 64,64,64 --levels 4"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell convert scans/cell_7 cell_7.ome.zarr --voxel-size 20,10,10"
    parser = add_verb(subparsers, "convert", "Convert an image between formats, OME-Zarr among them.", example, _NOTES)
    parser.add_argument("image", type=Path, metavar="IN", help="an image, a folder of slices, or an OME-Zarr store")
    parser.add_argument("out", type=Path, metavar="OUT", help="what to write, in the format of its name")
    size = "voxel size in µm, distance of slices first; needed where the file does not state it"
    parser.add_argument("--voxel-size", type=voxel_size, metavar="Z,Y,X", help=size)
    parser.add_argument("--overwrite", action="store_true", help="replace an older OUT")
    add_fill_missing(parser)
    _add_store_options(parser)
    add_raw_options(parser)


def _add_store_options(parser: argparse.ArgumentParser) -> None:
    store = parser.add_argument_group("OME-Zarr")
    store.add_argument("--levels", type=int, metavar="N", help="resolutions (default: until 256 voxels a side)")
    chunk = "voxels of a chunk (default: 128,128,128, thinner where slices are large)"
    store.add_argument("--chunk", type=shape, metavar="Z,Y,X", help=chunk)
    kind = "coarser voxels are means (grey) or what most of eight are (labels); default: labels where they are named"
    store.add_argument("--kind", choices=("auto", "grey", "labels"), default="auto", help=kind)
    version = "0.4 (default), or 0.5 (Zarr version 3)"
    store.add_argument("--ngff", choices=("0.4", "0.5"), default="0.4", help=version)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Convert, and say what was written."""
    from batterycell.io.convert import ConvertSettings, convert

    settings = ConvertSettings(args.levels, args.chunk, args.kind, args.ngff)
    done = convert(args.image, args.out, settings, load_options(args), args.overwrite, progress)
    return {"in": str(args.image), "out": str(args.out), **_facts(done)}


def describe(result: dict[str, Any]) -> str:
    """The result in lines for people."""
    sides, sizes = ([f"{value:.6g}" for value in result[name]] for name in ("shape", "voxel_size_um"))
    rows = {
        "written": result["out"],
        "voxels": f"{' × '.join(sides)} (slices, rows, columns), {result['type']}",
        "voxel size": f"{' × '.join(sizes)} µm (z, y, x), from {result['voxel_size_source']}",
        "memory": f"{result['memory_mb']:.0f} MB at most beside the program",
        "kept": f"{100 * result['kept']:.0f} % of an earlier start" if result["kept"] else "",
    }
    return "\n".join(f"{name:12}{value}" for name, value in rows.items() if value)


def _facts(done: Conversion) -> dict[str, Any]:
    place = done.content.place
    return {
        "shape": list(done.content.source.shape),
        "type": done.content.source.dtype.name,
        "labels": done.content.is_labels,
        "voxel_size_um": [round(size, 9) for size in place.voxel_size_um],
        "voxel_size_source": place.voxel_size_source,
        "memory_mb": done.memory / 1e6,
        "kept": done.kept,
    }
