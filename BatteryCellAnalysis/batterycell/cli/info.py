"""``batterycell info``: what an image is, before anything is measured in it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .options import Parser, add_input_options, add_region_option, add_verb, load_options

if TYPE_CHECKING:
    import numpy as np

    from batterycell.io import LoadOptions
    from batterycell.slabs import SlabSource
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


@dataclass(frozen=True)
class _Seen:
    """An image whose voxels are read in slabs, from memory or from where they lie."""

    source: SlabSource
    place: Volume
    dtype: np.dtype[Any]


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Read the image and describe it, also where nobody says its voxel size."""
    options = replace(load_options(args), needs_voxel_size=False)
    seen = _seen(args.image, options, progress.part(0.0, 0.5))
    facts = {**_facts(seen), "grey": _grey(seen, args.image, progress.part(0.5, 1.0))}
    return {"image": str(args.image), **facts, "previews": _previews(args.image)}


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
        "previews": ", ".join(f"--preview {step}" for step in result["previews"]),
    }
    return "\n".join(f"{name:12}{value}" for name, value in rows.items() if value)


def _seen(path: Path, options: LoadOptions, progress: Progress) -> _Seen:
    """The image in memory; one that is large for this machine stays where it lies."""
    import numpy as np

    from batterycell.io import estimate, load_volume
    from batterycell.io.label_stored import open_stored
    from batterycell.io.large import is_large
    from batterycell.slabs import SlabSource

    if options.step == 1 and options.region is None and is_large(path, options):
        stored = open_stored(path, options, progress)
        return _Seen(stored.source, stored.place, np.dtype(estimate(path, options).dtype))
    volume = load_volume(path, options, progress)
    return _Seen(SlabSource.of_array(volume.array), volume, volume.array.dtype)


def _facts(seen: _Seen) -> dict[str, Any]:
    from batterycell.io.sizes import is_stated

    shape, place = seen.source.shape, seen.place
    sizes = place.voxel_size_um if is_stated(place.voxel_size_source) else None
    size_mm = [n * size / 1000.0 for n, size in zip(shape, sizes, strict=True)] if sizes else None
    return {
        "shape": list(shape),
        "type": seen.dtype.name,
        "voxel_size_um": sizes and [round(size, 9) for size in sizes],
        "voxel_size_source": place.voxel_size_source,
        "size_mm": size_mm and [round(size, 9) for size in size_mm],
        "memory_mib": seen.source.voxels * seen.dtype.itemsize / 2**20,
    }


def _grey(seen: _Seen, path: Path, progress: Progress) -> dict[str, float]:
    """Least and greatest grey value of all voxels, percentiles of a sample."""
    import numpy as np

    from batterycell.io.checks import check_values

    step, low, high, bad = max(1, seen.source.voxels // _SAMPLES), np.inf, -np.inf, 0
    samples = []
    for slab in seen.source.slabs():
        flat = slab.array.reshape(-1)
        bad += flat.size - int(np.isfinite(flat).sum()) if flat.dtype.kind == "f" else 0
        low, high = min(low, float(flat.min())), max(high, float(flat.max()))
        samples.append(flat[::step].copy())
        progress.report((slab.start + len(slab.array)) / seen.source.shape[0], "reading the grey values")
    check_values(low, high, bad, path)
    found = zip(_PERCENTILES, np.percentile(np.concatenate(samples), _PERCENTILES), strict=True)
    return {"min": low, **{f"p{rank}": float(value) for rank, value in found}, "max": high}


def _previews(path: Path) -> list[int]:
    """The previews that a store holds as levels of its own: of them no more than the level is read."""
    from batterycell.io.zarr_store import is_store
    from batterycell.io.zarr_store.read import steps_of_zarr

    return [step for step in steps_of_zarr(path) if step > 1] if is_store(path) else []


def _voxel_size(result: dict[str, Any]) -> str:
    if result["voxel_size_um"] is None:
        return f"{result['voxel_size_source']}. Pass it in µm, e.g. --voxel-size 67.94,33.97,33.97 (z,y,x)"
    return f"{_times(result['voxel_size_um'])} µm (z, y, x), from {result['voxel_size_source']}"


def _times(numbers: list[float]) -> str:
    return " × ".join(f"{number:.6g}" for number in numbers)
