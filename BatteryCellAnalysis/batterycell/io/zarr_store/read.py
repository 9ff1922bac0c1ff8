"""Volumes from OME-Zarr: through the coarsest level that is fine enough, or in slabs, without loading all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from batterycell.io.options import LoadOptions
from batterycell.io.pixels import Grid, allocate
from batterycell.io.segments import Segment
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .arrays import ArrayMeta, open_array, read_block
from .label_names import segments_of
from .missing import check_chunks
from .place import placed
from .rows import ChunkRows
from .store import Store, open_store

_VOXELS = 1 << 24


@dataclass(frozen=True)
class ZarrVolume:
    """A store, opened; its voxels stay there.

    Args:
        source: The values of the finest level, in slabs.
        place: The grid, without voxels.
        segments: Names of values, where the store has them.
    """

    source: SlabSource
    place: Volume
    segments: tuple[Segment, ...] = ()


def open_zarr(path: Path, options: LoadOptions) -> ZarrVolume:
    """Open a store without reading it.

    Raises:
        InputError: if it is damaged or lacks chunks, or nobody says the voxel size.
    """
    store = open_store(path)
    place = placed(store, options)
    words = check_chunks(store, 0, options.fill_missing)
    source = level_source(store, 0)
    return ZarrVolume(
        source, replace(place, voxel_size_source=place.voxel_size_source + words), segments_of(store.label)
    )


def level_source(store: Store, level: int) -> SlabSource:
    """One level of a store in slabs."""
    shape, meta = store.levels[level].shape, store.levels[level].meta
    return SlabSource(shape, meta.dtype.newbyteorder("="), ChunkRows(_reader(meta), meta.chunks[-3], shape[0]))


def read_zarr(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read a store, or a region or a preview of it.

    A preview is made of the coarsest level whose voxels are no larger.

    Raises:
        InputError: if it is damaged or lacks chunks, or nobody says the voxel size.
    """
    store = open_store(path)
    place = placed(store, options)
    level, factor = _level_for(store, options.step)
    words = check_chunks(store, level, options.fill_missing)
    shape = _three(n // factor for n in store.levels[0].shape)
    array = _fill(store.levels[level].meta, shape, replace(options, step=options.step // factor), progress)
    return replace(place, array=array, voxel_size_source=place.voxel_size_source + words)


def grid_of_zarr(path: Path, options: LoadOptions) -> Grid:
    """Shape and type of a store's finest level."""
    level = open_store(path).levels[0]
    return level.shape, level.meta.dtype


def steps_of_zarr(path: Path) -> tuple[int, ...]:
    """The previews for which a store has a level, from the whole on, as voxels of the whole along each axis."""
    store = open_store(path)
    factors = [_factor(store, number) for number in range(len(store.levels))]
    return tuple(sorted({int(factor) for factor in factors if factor and factor == int(factor)}))


def read_region(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read the region of a store that the options name, at full resolution; its place is the region's.

    Raises:
        InputError: if it lies outside, or as of `read_zarr`.
    """
    store = open_store(path)
    region, meta = options.region, store.levels[0].meta
    assert region is not None
    place = placed(store, options)
    words = check_chunks(store, 0, options.fill_missing)
    shape = _three(stop - start for start, stop in region)
    (k, k_end), *sides = region
    read, inner = _reader(meta), tuple(slice(*side) for side in sides)
    target, array = allocate(shape, meta.dtype, path, replace(options, step=1))
    for start in range(k, k_end, _depth(meta, shape)):
        stop = min(start + _depth(meta, shape), k_end)
        for number, image in enumerate(read((slice(start, stop), *inner)), start - k):
            target[number] = image
        progress.report((stop - k) / shape[0], "loading the region")
    return replace(place, array=array, voxel_size_source=place.voxel_size_source + words)


def _fill(meta: ArrayMeta, shape: tuple[int, int, int], options: LoadOptions, progress: Progress) -> NDArray[Any]:
    target, array = allocate(shape, meta.dtype, meta.path, options)
    read, depth = _reader(meta), _depth(meta, shape)
    inner = (slice(0, shape[1]), slice(0, shape[2]))
    for start in range(0, shape[0], depth):
        stop = min(start + depth, shape[0])
        for number, image in enumerate(read((slice(start, stop), *inner)), start):
            target[number] = image
        progress.report(stop / shape[0], f"loading slice {stop} of {shape[0]}")
    return array


def _level_for(store: Store, step: int) -> tuple[int, int]:
    """The coarsest level of which a preview can be made, and how many voxels of the finest one of its stands for."""
    found = (0, 1)
    for number, level in enumerate(store.levels):
        factor = int(_factor(store, number))
        sides = zip(level.shape, store.levels[0].shape, strict=True)
        if factor and factor == _factor(store, number) and step % factor == 0:
            found = (number, factor) if all(n >= whole // factor for n, whole in sides) else found
    return found


def _factor(store: Store, number: int) -> float:
    """How many voxels of the finest level one of another stands for along each axis; 0 where these differ."""
    pairs = zip(store.levels[number].scale or (), store.levels[0].scale or (), strict=False)
    factors = {round(size / finest, 6) for size, finest in pairs}
    return factors.pop() if len(factors) == 1 else float(number == 0)


def _reader(meta: ArrayMeta) -> Callable[[tuple[slice, ...]], NDArray[Any]]:
    """Reads voxels (z, y, x) of an array; the slabs are cut where its chunks are."""
    array, others = open_array(meta), (0,) * (len(meta.shape) - 3)

    def read(where: tuple[slice, ...]) -> NDArray[Any]:
        full = [*where, *(slice(0, n) for n in meta.shape[-3:][len(where) :])]
        block = read_block(array, (*others, *full), meta)
        return block.astype(block.dtype.newbyteorder("="), copy=False)

    return read


def _depth(meta: ArrayMeta, shape: tuple[int, int, int]) -> int:
    """Slices to read at a time: whole chunks, so that none is unpacked twice."""
    chunk = meta.chunks[-3]
    return chunk * max(1, _VOXELS // max(1, chunk * shape[1] * shape[2]))


def _three(numbers: Any) -> tuple[int, int, int]:
    z, y, x = numbers
    return z, y, x
