"""What is converted: values in slabs, their grid, and whether they are labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.io.label_stored import open_stored
from batterycell.io.options import LoadOptions
from batterycell.io.segments import Segment
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .settings import Kind

_NO_IMAGE_BYTES = 4


@dataclass(frozen=True)
class Content:
    """What is converted.

    Args:
        source: The values, in a type that every format has, in slabs.
        place: The grid, without voxels.
        segments: What the values mean, where the input says so.
        is_labels: Whether the values are labels, of which no mean can be taken.
        held: Bytes that reading them holds.
    """

    source: SlabSource
    place: Volume
    segments: tuple[Segment, ...]
    is_labels: bool
    held: int = 0


def open_content(path: Path, options: LoadOptions, kind: Kind, progress: Progress) -> Content:
    """Open what is to be converted.

    Raises:
        InputError: if it is no volume, or nobody says how large its voxels are.
    """
    stored = open_stored(path, options, progress)
    source = as_plain(stored.source)
    is_labels = _are_labels(source.dtype, stored.segments, kind)
    return Content(source, stored.place, stored.segments, is_labels, _held(stored.source))


def as_plain(source: SlabSource) -> SlabSource:
    """The same values in a type that every format has: of yes and no, and of half precision, the next larger one."""
    plain = {"bool": np.uint8, "float16": np.float32}.get(source.dtype.name, source.dtype)
    dtype: np.dtype[Any] = np.dtype(plain).newbyteorder("=")
    if dtype == source.dtype and source.dtype.isnative:
        return source
    return SlabSource(source.shape, dtype, lambda start, stop: source.read(start, stop).astype(dtype))


def _held(source: SlabSource) -> int:
    """Bytes that reading a source holds: all of one in memory, a row of chunks of a store."""
    slices = source.shape[0] if source.in_memory else getattr(source.read, "depth", 0)
    return source.voxels // source.shape[0] * slices * source.dtype.itemsize


def _are_labels(dtype: np.dtype[Any], segments: tuple[Segment, ...], kind: Kind) -> bool:
    """What is named, or numbered with 32 bits and more, is no grey value."""
    if kind != "auto":
        return kind == "labels"
    return bool(segments) or (dtype.kind in "ui" and dtype.itemsize >= _NO_IMAGE_BYTES)
