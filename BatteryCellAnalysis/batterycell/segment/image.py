"""An image to learn from or to segment: one or several channels on one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume


@dataclass(frozen=True)
class Image:
    """One or several channels, such as the two detectors of an electron microscope, on one grid.

    Args:
        name: Short name, unique in its project.
        channels: One volume a channel, all of the same shape and place.
        channel_names: One name a channel; ``("grey",)`` for a single one.
    """

    name: str
    channels: tuple[Volume, ...]
    channel_names: tuple[str, ...] = ("grey",)

    def __post_init__(self) -> None:
        if not self.channels or len(self.channels) != len(self.channel_names):
            raise ValueError("an image needs one name a channel")
        first = self.channels[0]
        for other in self.channels[1:]:
            if other.array.shape != first.array.shape or not np.allclose(other.ijk_to_ras, first.ijk_to_ras):
                raise InputError(
                    "channels-differ",
                    f"The channels of {self.name} differ in size or place.",
                    "All channels of an image must have been scanned together, on one grid.",
                )

    @property
    def grid(self) -> Volume:
        """The first channel, which stands for the place of all."""
        return self.channels[0]

    def places_of(self, names: Sequence[str]) -> tuple[int, ...]:
        """Where the channels of these names stand; as they come where the channels are not called so."""
        if sorted(names) != sorted(self.channel_names) or len(set(names)) < len(names):
            return tuple(range(len(self.channels)))
        return tuple(self.channel_names.index(name) for name in names)

    def ordered(self, names: Sequence[str]) -> Image:
        """The image with its channels in the order of these names, where they are called so."""
        places = self.places_of(names)
        return Image(
            self.name,
            tuple(self.channels[place] for place in places),
            tuple(self.channel_names[place] for place in places),
        )

    @property
    def voxel_size_um(self) -> tuple[float, float, float]:
        """Voxel size (z, y, x) in µm."""
        return self.grid.voxel_size_um


@dataclass(frozen=True)
class Levels:
    """The grey range of one channel of one whole image: what is subtracted and divided by, so that scanners agree.

    Measured on the whole image, never on a frame, so that training, preview and application meet the same values.

    Args:
        low: The grey value that becomes 0 (1st percentile).
        high: The grey value that becomes 1 (99th percentile).
    """

    low: float
    high: float

    def apply(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Grey values as float32 where ``low`` is -1 and ``high`` is 1; not clipped. Same shape."""
        span = max(self.high - self.low, 1e-12)
        scaled = (np.asarray(array, np.float32) - np.float32(self.low)) * np.float32(2.0 / span) - np.float32(1.0)
        return np.asarray(scaled, np.float32)
