"""``batterycell info``: what an image is, before anything is measured in it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .options import Parser, add_input_options, add_verb, load_options

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


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Load the image and describe it."""
    from batterycell.io import load_volume

    volume = load_volume(args.image, load_options(args), progress)
    return {"image": str(args.image), **_facts(volume), "grey": _grey(volume)}


def describe(result: dict[str, Any]) -> str:
    """The result in lines for people."""
    grey = ", ".join(f"{name} {value:g}" for name, value in result["grey"].items())
    rows = {
        "image": result["image"],
        "voxels": f"{_times(result['shape'])} (slices, rows, columns), {result['type']}",
        "voxel size": f"{_times(result['voxel_size_um'])} µm (z, y, x), from {result['voxel_size_source']}",
        "size": f"{_times(result['size_mm'])} mm (z, y, x)",
        "grey values": grey,
        "memory": f"{result['memory_mib']:.1f} MiB",
    }
    return "\n".join(f"{name:12}{value}" for name, value in rows.items())


def _facts(volume: Volume) -> dict[str, Any]:
    sizes = volume.voxel_size_um
    return {
        "shape": list(volume.array.shape),
        "type": volume.array.dtype.name,
        "voxel_size_um": [round(size, 9) for size in sizes],
        "voxel_size_source": volume.voxel_size_source,
        "size_mm": [round(n * size / 1000.0, 9) for n, size in zip(volume.array.shape, sizes, strict=True)],
        "memory_mib": volume.array.nbytes / 2**20,
    }


def _grey(volume: Volume) -> dict[str, float]:
    """Least and greatest grey value of all voxels, percentiles of a sample."""
    import numpy as np

    flat = volume.array.reshape(-1)
    percentiles = np.percentile(flat[:: max(1, flat.size // _SAMPLES)], _PERCENTILES)
    named = {f"p{rank}": float(value) for rank, value in zip(_PERCENTILES, percentiles, strict=True)}
    return {"min": float(flat.min()), **named, "max": float(flat.max())}


def _times(numbers: list[float]) -> str:
    return " × ".join(f"{number:.6g}" for number in numbers)
