"""Regions of a volume at full resolution."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from batterycell.errors import UsageError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .options import LoadOptions, Region
from .zarr_store.names import is_store


def check_region(region: Region, shape: tuple[int, ...], path: Path) -> None:
    """Refuse a region that is empty or lies outside.

    Raises:
        UsageError: if it does.
    """
    if all(0 <= start < stop <= n for (start, stop), n in zip(region, shape, strict=True)):
        return
    sides = " × ".join(map(str, shape))
    raise UsageError("region", f"The region {region_words(region)} is not in {path}: {sides} voxels.", "Choose a part.")


def load_region(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """A region of a store, of which no more is read, or of anything else, which is read whole first.

    Returns:
        The region, where it lies in the whole.

    Raises:
        InputError: if there is no such volume, or nobody says the voxel size.
        UsageError: if the region is not in it, or a preview of it is asked for.
    """
    from .load import reader_of
    from .zarr_store.read import grid_of_zarr, read_region

    region = options.region
    assert region is not None
    if options.step > 1:
        raise UsageError("region-preview", "A region is loaded at full resolution.", "Leave out the preview.")
    if is_store(path):
        check_region(region, grid_of_zarr(path, options)[0], path)
        return _moved(read_region(path, options, progress), region)
    whole = reader_of(path, options)(path, replace(options, scratch=None), progress)
    check_region(region, whole.array.shape, path)
    z, y, x = (slice(*span) for span in region)
    return _moved(replace(whole, array=np.ascontiguousarray(whole.array[z, y, x])), region)


def region_words(region: Region) -> str:
    """A region as it is typed: z, y and x, the end not included."""
    return ",".join(f"{start}:{stop}" for start, stop in region)


def _moved(volume: Volume, region: Region) -> Volume:
    """A region's voxels with the grid of the whole, put where the region lies."""
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, 3] = volume.to_ras([start for start, _ in region[::-1]])
    source = f"{volume.voxel_size_source}; region {region_words(region)} (z,y,x)"
    return replace(volume, ijk_to_ras=matrix, voxel_size_source=source, name=f"{volume.name} region")
