"""What is painted in frames, and where they lie, in few words: what a list of frames shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.segment import UNKNOWN, Frame
from batterycell.segment.data.grid import sample_labels
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.volume import Volume

from .classes import labels_of
from .frame_places import is_rectangle
from .frames import frame_of
from .labels import read_labels
from .region import region_of

# Voxels around a frame in which pixels of an oblique one may lie.
_MARGIN = 1
# Directions closer than this (cosine) are the same.
_ALONG = 1 - 1e-6


@dataclass(frozen=True)
class FrameContents:
    """What is painted in a frame.

    Args:
        shape: Its pixels (slices, rows, columns).
        pixels: Painted pixels of each class, in order.
        problem: Why it cannot be told; empty where it can.
    """

    shape: tuple[int, int, int]
    pixels: tuple[int, ...] = ()
    problem: str = ""

    @property
    def painted(self) -> float:
        """The painted part, 0..1."""
        return sum(self.pixels) / max(1, int(np.prod(self.shape)))

    @property
    def classes(self) -> tuple[int, ...]:
        """The places, in the order, of the classes that are painted."""
        return tuple(index for index, count in enumerate(self.pixels) if count)


def contents_of(roi: Any, count: int) -> FrameContents:
    """What is painted in a frame, as a training would see it.

    Args:
        roi: The frame's ROI, as of `frames.add_frame`.
        count: Number of classes.
    """
    frame, volume = frame_of(roi), volume_of(volume_node_of(roi))
    grid = frame_grid(frame, volume, Sampling())
    region, labels_node = region_of(frame, volume, _MARGIN), labels_of(volume_node_of(roi))
    if region is None:
        return FrameContents(grid.shape, problem=f"The frame {frame.name} lies outside its image.")
    if labels_node is None:
        return FrameContents(grid.shape, (0,) * count)
    try:
        codes = sample_labels(read_labels(labels_node, region), grid)
    except InputError as error:
        return FrameContents(grid.shape, problem=error.message)
    counts = np.bincount(codes.ravel(), minlength=count + 1)[UNKNOWN + 1 : count + 1]
    return FrameContents(grid.shape, tuple(int(number) for number in counts))


def place_text(frame: Frame, volume: Volume) -> str:
    """Where a frame lies, in few words: ``k 12`` for a slice along the image's axes, its size for a box."""
    if not is_rectangle(frame, volume):
        return "×".join(str(count) for count in frame_grid(frame, volume, Sampling()).shape)
    normal = np.array(frame.axes)[:, 2]
    shares = np.abs(normal @ (volume.ijk_to_ras[:3, :3] / volume.spacing_mm))
    axis = int(shares.argmax())
    if shares[axis] < _ALONG:
        return "oblique"
    return f"{'ijk'[axis]} {int(np.rint(volume.to_ijk(frame.centre_mm)[axis]))}"
