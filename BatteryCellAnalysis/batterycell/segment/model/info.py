"""What a model says of itself: enough to rebuild its network, and to judge whether it suits an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from batterycell.segment.classes import SegmentClass
from batterycell.segment.settings import Dimension

from .figures import Figure

Norm = Literal["instance", "batch"]
Activation = Literal["prelu", "relu"]
Sections = Literal["as trained", "around"]


@dataclass(frozen=True)
class NetworkSpec:
    """A MONAI U-Net, in plain numbers.

    Args:
        dimension: "2d", "2.5d" or "3d".
        channels: Of the image.
        margin: Slices before and behind that a 2.5D network sees; else 0.
        classes: Number of classes.
        features: Features of each level.
        strides: Step down in resolution between the levels, one fewer than features.
        units: Residual units a level.
        norm: Normalisation after each convolution: "instance" (over the image at hand) or "batch" (over the training).
        activation: "prelu" or "relu".
    """

    dimension: Dimension
    channels: int
    margin: int
    classes: int
    features: tuple[int, ...]
    strides: tuple[int, ...]
    units: int = 2
    norm: Norm = "instance"
    activation: Activation = "prelu"

    @property
    def inputs(self) -> int:
        """Channels that enter the network."""
        return self.channels * (2 * self.margin + 1)

    @property
    def multiple(self) -> int:
        """An image's rows and columns (3D: slices too) must be a multiple of this."""
        product = 1
        for stride in self.strides:
            product *= stride
        return product


@dataclass(frozen=True)
class ModelInfo:
    """What stands in a bundle's metadata.

    Args:
        name: Short name.
        version: E.g. "1.0.0".
        classes: The classes in order.
        channel_names: Names of the image's channels.
        network: The network.
        voxel_size_um: (z, y, x) of the pixels it was trained on.
        levels: (low, high) a channel: median of the training images' grey ranges as scanned.
        quantiles: One tuple a channel: grey values, after levels, at the quantiles 0.05, 0.25, 0.5, 0.75, 0.95; median
            over the training images. Whoever's image is far from these is told so.
        dice: Validation Dice a class, by name.
        frames: Names of the frames it was trained and validated on, "image/frame".
        training: Settings and how it went (rounds, epochs, minutes, device), JSON's types.
        description: For people.
        licence: SPDX name, e.g. "CC-BY-4.0".
        parent: Name and hash of the model it was trained on from; empty from scratch.
        created: ISO time in UTC.
        pixel_range_um: Smallest and largest pixels in the slice that the model takes as they are; images outside are
            resampled to the nearer end. None: images are always resampled to voxel_size_um.
        sections: How a whole cylindrical cell is best shown to it: "as trained", in slices of the image, or "around",
            in half-planes around the cell's axis.
        trained_on: What it learnt from and where that came from, where that is no list of frames.
        limits: Where it ends, one sentence each.
        figures: How good it is, in tables for its card.
    """

    name: str
    version: str
    classes: tuple[SegmentClass, ...]
    channel_names: tuple[str, ...]
    network: NetworkSpec
    voxel_size_um: tuple[float, float, float]
    levels: tuple[tuple[float, float], ...]
    quantiles: tuple[tuple[float, ...], ...] = ()
    dice: dict[str, float] = field(default_factory=dict)
    frames: tuple[str, ...] = ()
    training: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    licence: str = ""
    parent: str = ""
    created: str = ""
    pixel_range_um: tuple[float, float] | None = None
    sections: Sections = "as trained"
    trained_on: str = ""
    limits: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
