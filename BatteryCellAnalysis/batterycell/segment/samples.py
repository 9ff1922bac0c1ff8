"""What a network learns from: the pixels of frames with their labels, free of volumes and scenes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .classes import SegmentClass
from .division import Division
from .frames import Role
from .image import Levels


@dataclass(frozen=True)
class Sample:
    """The pixels and labels of one frame.

    Args:
        name: The frame's name.
        source: The image's name: frames of one source are neighbours, for an honest split.
        image: Shape (channels, slices + 2 margin, rows, columns), grey values as scanned.
        labels: Shape (slices, rows, columns), uint8: 0 unknown, n + 1 for class n.
        levels: One a channel, of the whole image.
        voxel_size_um: (z, y, x) in µm of these pixels.
        role: "mixed" only until it was split.
        margin: Slices of context before and behind, for 2.5D.
        quantiles: Of the whole image, one tuple a channel, as of `measure_quantiles`; empty where they are not known.
    """

    name: str
    source: str
    image: NDArray[Any]
    labels: NDArray[np.uint8]
    levels: tuple[Levels, ...]
    voxel_size_um: tuple[float, float, float]
    role: Role = "training"
    margin: int = 0
    quantiles: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        channels, slices, rows, columns = self.image.shape
        if self.labels.shape != (slices - 2 * self.margin, rows, columns) or channels != len(self.levels):
            raise ValueError("labels and levels do not belong to the image")

    @property
    def normalised(self) -> NDArray[np.float32]:
        """The image with each channel's levels applied, same shape."""
        pairs = zip(self.levels, self.image, strict=True)
        return np.stack([levels.apply(channel) for levels, channel in pairs])


@dataclass(frozen=True)
class Dataset:
    """Everything a training needs to know.

    Args:
        classes: The classes in order.
        samples: The frames' pixels; no "mixed" ones once it was split.
        channel_names: Names of the images' channels.
        divisions: How mixed samples were divided, in this round and in those before it.
    """

    classes: tuple[SegmentClass, ...]
    samples: tuple[Sample, ...]
    channel_names: tuple[str, ...] = ("grey",)
    divisions: tuple[Division, ...] = ()

    def of_role(self, role: Role) -> tuple[Sample, ...]:
        """The samples with a role."""
        return tuple(sample for sample in self.samples if sample.role == role)
