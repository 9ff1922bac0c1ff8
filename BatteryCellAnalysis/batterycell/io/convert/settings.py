"""What can be said about a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from batterycell.errors import UsageError

Kind = Literal["auto", "grey", "labels"]
Version = Literal["0.4", "0.5"]
_LARGEST_CHUNK = 1024
_MOST_LEVELS = 16


@dataclass(frozen=True)
class ConvertSettings:
    """What can be said about a conversion.

    Args:
        levels: Resolutions of an OME-Zarr store, each half of the one before; None for as many as make sense.
        chunk: Voxels (z, y, x) of a chunk; None for 128 along each axis, fewer slices where they are large.
        kind: Whether a coarser voxel is the mean of eight (grey) or the value that most of them have (labels).
        version: Of OME-Zarr: 0.4 (read by nearly all programs) or 0.5 (Zarr version 3).

    Raises:
        UsageError: if they cannot be.
    """

    levels: int | None = None
    chunk: tuple[int, int, int] | None = None
    kind: Kind = "auto"
    version: Version = "0.4"

    def __post_init__(self) -> None:
        if self.levels is not None and not 1 <= self.levels <= _MOST_LEVELS:
            raise UsageError("levels", f"{self.levels} levels cannot be.", f"Give 1 to {_MOST_LEVELS}.")
        if self.chunk is not None and not all(1 <= side <= _LARGEST_CHUNK for side in self.chunk):
            sides = " × ".join(map(str, self.chunk))
            raise UsageError("chunk", f"Chunks of {sides} voxels cannot be.", f"Give 1 to {_LARGEST_CHUNK} a side.")
        for value, known in ((self.kind, get_args(Kind)), (self.version, get_args(Version))):
            if value not in known:
                raise UsageError("convert", f"{value} is not known.", f"Choose one of {', '.join(known)}.")
