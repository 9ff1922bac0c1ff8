"""What a conversion writes into: a format's own way to take slices, a few at a time."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from batterycell.errors import UsageError
from batterycell.io.tiff_file import TIFF_SUFFIXES
from batterycell.io.zarr_store.names import is_store_name

from .content import Content
from .settings import ConvertSettings

_AT_ONCE = (".nii.gz",)
_STREAMED = (".nrrd", ".mha", ".nii", *TIFF_SUFFIXES)
_KNOWN = "Write .ome.zarr, .nrrd, .mha, .nii, .tif, or a folder (no suffix) of TIFF slices."
_SLAB_BYTES = 64_000_000


class Sink(Protocol):
    """Takes the slices of a volume, from the first to the last; what it took outlives the process."""

    @property
    def depth(self) -> int:
        """Slices to give at a time."""

    @property
    def later(self) -> int:
        """Pieces of work after all slices, such as those of coarser levels."""

    @property
    def memory(self) -> int:
        """Bytes that are held at most."""

    def write(self, start: int, slices: NDArray[Any]) -> None:
        """Take slices from ``start`` on, shape (n, j, i)."""

    def add(self, piece: int) -> None:
        """Do one of the later pieces, in their order."""

    def close(self) -> None:
        """Complete what was written."""


def sink_for(content: Content, path: Path, settings: ConvertSettings) -> Sink:
    """What takes a volume, by the name of what is to be written.

    Args:
        content: What is converted.
        path: What to write; what is there is gone on with.
        settings: What was said.

    Raises:
        UsageError: if no such format can be written.
    """
    from .gzip_sink import GzipSink
    from .raw_sink import RawSink
    from .slices_sink import SlicesSink
    from .zarr_sink import ZarrSink

    name = path.name.lower()
    if is_store_name(path):
        return ZarrSink(content, path, settings)
    if name.endswith(_AT_ONCE):
        return GzipSink(content, path)
    if name.endswith(_STREAMED):
        return RawSink(content, path)
    if "." in name:
        raise UsageError("format-unknown", f"{path.name} is of no format that can be written.", _KNOWN)
    return SlicesSink(content, path)


def is_resumable(path: Path) -> bool:
    """Whether what was written of a format can be gone on with."""
    return not path.name.lower().endswith(_AT_ONCE)


def slab_depth(content: Content) -> int:
    """Slices of a slab of a fixed size, for formats that do not care; no more than there are."""
    return min(content.source.shape[0], max(1, _SLAB_BYTES // slice_bytes(content)))


def slice_bytes(content: Content) -> int:
    """Bytes of one slice."""
    return prod(content.source.shape[1:]) * content.source.dtype.itemsize
