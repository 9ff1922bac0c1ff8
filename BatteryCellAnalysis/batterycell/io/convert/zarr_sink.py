"""OME-Zarr: the finest level slab by slab, then each coarser one from the one before."""

from __future__ import annotations

from itertools import accumulate, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.zarr_store.create import create_array, create_group, write_attributes, write_slices
from batterycell.io.zarr_store.label_names import label_of
from batterycell.io.zarr_store.read import level_source
from batterycell.io.zarr_store.store import Store, open_store

from .content import Content
from .pyramid import halve, halved, usual_levels
from .settings import ConvertSettings
from .sinks import slice_bytes

_CHUNK, _LEAST_DEPTH = 128, 16
_SLAB_BYTES = 512_000_000
# The slab, what is packed of it, and what a coarser level is made of.
_COPIES = 4


class ZarrSink:
    """Writes a store, chunk by chunk: a slab is as deep as a chunk.

    Args:
        content: What is converted.
        path: The store; one that is there already is gone on with.
        settings: Levels, chunks, version.
    """

    def __init__(self, content: Content, path: Path, settings: ConvertSettings) -> None:
        self._content, self._path = content, path
        count = settings.levels or usual_levels(content.source.shape)
        shapes = accumulate(repeat(content.source.shape, count), lambda shape, _: halved(shape))
        self._shapes = [shape for shape in shapes if min(shape) > 0]
        self._chunk = settings.chunk or _usual_chunk(content)
        self.depth = min(self._chunk[0], content.source.shape[0])
        self._later = [(n, k) for n, shape in enumerate(self._shapes) if n for k in range(0, shape[0], self.depth)]
        self.later, self.memory = len(self._later), _COPIES * self.depth * slice_bytes(content)
        if not path.exists():
            self._create(settings.version)
        self._store: Store | None = None

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Write the chunks of a slab of the finest level."""
        write_slices(self._path / "0", start, slices)

    def add(self, piece: int) -> None:
        """Write a slab of a coarser level, made from two of the one before."""
        level, start = self._later[piece]
        self._store = self._store or open_store(self._path)
        stop = min(start + self.depth, self._shapes[level][0])
        finer, step = level_source(self._store, level - 1), max(1, self.depth // 2)
        spans = ((first, min(first + step, stop)) for first in range(start, stop, step))
        slices = [halve(finer.read(2 * first, 2 * last), self._content.is_labels) for first, last in spans]
        write_slices(self._path / f"{level}", start, np.concatenate(slices))

    def close(self) -> None:
        """All is there."""

    def _create(self, version: str) -> None:
        create_group(self._path, version)
        for number, shape in enumerate(self._shapes):
            chunks = tuple(min(size, n) for size, n in zip(self._chunk, shape, strict=True))
            create_array(
                self._path / f"{number}", shape, (chunks[0], chunks[1], chunks[2]), self._content.source.dtype, version
            )
        label = label_of(self._content.segments) if self._content.is_labels else None
        write_attributes(self._path, self._content.place, len(self._shapes), version, label)


def _usual_chunk(content: Content) -> tuple[int, int, int]:
    """Cubes, thinner where slices are so large that a slab of them were."""
    fits = _SLAB_BYTES // slice_bytes(content)
    return max(_LEAST_DEPTH, min(_CHUNK, 1 << max(0, fits.bit_length() - 1))), _CHUNK, _CHUNK
