"""From half-planes back onto the voxels of the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.apply.plan import part
from batterycell.segment.apply.settings import Box
from batterycell.segment.data.grid import Grid
from batterycell.volume import Volume

from .fan import Fan

_MOST_THREADS = 8

Arrays = dict[str, NDArray[np.uint8]]


def used_planes(fan: Fan, volume: Volume, region: Box) -> NDArray[np.bool_]:
    """Which half-planes a region's voxels are next to, (half-planes,)."""
    count, rows, columns = fan.shape
    if region == ((0, 0, 0), volume.array.shape):
        return np.ones(count, bool)
    used = np.zeros(count, bool)
    for _, (_, pixels) in _nearest(fan, volume, region):
        used[pixels // (rows * columns)] = True
    return used


def write_voxels(
    where: tuple[Volume, Box], fan: Fan, arrays: tuple[Arrays, Arrays], beyond: int, progress: Progress
) -> None:
    """Give each voxel of a region what the nearest pixel of the half-planes has.

    Args:
        where: The image and the region.
        fan: The half-planes.
        arrays: By name, of the half-planes, (half-planes, rows, columns), and of the region, (k, j, i); these are
            written.
        beyond: The label of voxels beyond the half-planes' reach; the model is sure of it.
        progress: Told after every slice.
    """
    planes = {name: array.reshape(-1) for name, array in arrays[0].items()}
    slices = len(next(iter(arrays[1].values())))
    for k, (voxels, pixels) in _nearest(fan, *where):
        progress.report(k / slices, "writing the voxels")
        for name, array in arrays[1].items():
            flat = np.full(array[k].size, beyond if name == "labels" else 0, np.uint8)
            flat[voxels] = planes[name].take(pixels)
            array[k] = flat.reshape(array[k].shape)


def _nearest(fan: Fan, volume: Volume, region: Box) -> Iterator[tuple[int, tuple[NDArray[np.intp], NDArray[np.intp]]]]:
    """Of each slice of a region its number in it and `Fan.nearest`; some slices ahead, on every core."""
    grid, threads = part(Grid.of(volume), region), min(_MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, grid.shape[0], 2 * threads):
            several = range(first, min(first + 2 * threads, grid.shape[0]))
            yield from zip(several, pool.map(lambda k: fan.nearest(grid.slice(k)), several), strict=True)
