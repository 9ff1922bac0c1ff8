"""``batterycell info``: what an image is, before anything is measured in it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .options import Parser, add_input_options, add_region_option, add_verb, load_options

if TYPE_CHECKING:
    from batterycell.volume import Volume

_PERCENTILES = (1, 50, 99)
# Enough voxels for percentiles to three digits, few enough to cost nothing.
_SAMPLES = 2_000_000


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell info scans/cell_7 --voxel-size 20,10,10"
    parser = add_verb(subparsers, "info", "Show shape, type, voxel size and grey range of an image.", example)
    parser.add_argument("image", type=Path, metavar="IMAGE", help="an image, or a folder with its slices")
    add_input_options(parser)
    add_region_option(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Load the image and describe it, also where nobody says its voxel size."""
    from batterycell.io import load_volume

    volume = load_volume(args.image, replace(load_options(args), needs_voxel_size=False), progress)
    return {"image": str(args.image), **_facts(volume), "grey": _grey(volume)}


def describe(result: dict[str, Any]) -> str:
    """The result in lines for people."""
    grey = ", ".join(f"{name} {value:g}" for name, value in result["grey"].items())
    rows = {
        "image": result["image"],
        "voxels": f"{_times(result['shape'])} (slices, rows, columns), {result['type']}",
        "voxel size": _voxel_size(result),
        "size": f"{_times(result['size_mm'])} mm (z, y, x)" if result["size_mm"] else "",
        "grey values": grey,
        "memory": f"{result['memory_mib']:.1f} MiB",
    }
    return "\n".join(f"{name:12}{value}" for name, value in rows.items() if value)


def _facts(volume: Volume) -> dict[str, Any]:
    from batterycell.io.sizes import is_stated

    sizes = volume.voxel_size_um if is_stated(volume.voxel_size_source) else None
    size_mm = [n * size / 1000.0 for n, size in zip(volume.array.shape, sizes, strict=True)] if sizes else None
    return {
        "shape": list(volume.array.shape),
        "type": volume.array.dtype.name,
        "voxel_size_um": sizes and [round(size, 9) for size in sizes],
        "voxel_size_source": volume.voxel_size_source,
        "size_mm": size_mm and [round(size, 9) for size in size_mm],
        "memory_mib": volume.array.nbytes / 2**20,
    }


def _grey(volume: Volume) -> dict[str, float]:
    """Least and greatest grey value of all voxels, percentiles of a sample."""
    import numpy as np

    flat = volume.array.reshape(-1)
    percentiles = np.percentile(flat[:: max(1, flat.size // _SAMPLES)], _PERCENTILES)
    named = {f"p{rank}": float(value) for rank, value in zip(_PERCENTILES, percentiles, strict=True)}
    return {"min": float(flat.min()), **named, "max": float(flat.max())}


def _voxel_size(result: dict[str, Any]) -> str:
    if result["voxel_size_um"] is None:
        return f"{result['voxel_size_source']}. Pass it in µm, e.g. --voxel-size 67.94,33.97,33.97 (z,y,x)"
    return f"{_times(result['voxel_size_um'])} µm (z, y, x), from {result['voxel_size_source']}"


def _times(numbers: list[float]) -> str:
    return " × ".join(f"{number:.6g}" for number in numbers)
