"""How a model is applied, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from batterycell.segment.image import Levels
from batterycell.volume import Volume

Along = Literal["auto", "k", "j", "i", "around"]
Box = tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True)
class ApplySettings:
    """How a model is applied.

    Args:
        region: First voxel (k, j, i) and one past the last; None for the whole image.
        uncertainty: Whether to tell how sure the model is.
        flips: Whether the mean over mirrored images is taken: four times the work, steadier.
        along: The image's axis along which it is cut into slices, or "around": half-planes around a cylindrical cell's
            axis. "auto" takes these where the model asks for them and the image shows such a cell; else the axis across
            which pixels have the proportions of those the model was trained on, k where several have.
        device: "auto", "cpu", "cuda" or "cuda:N".
        mixed_precision: Whether to compute in 16 bits; None asks the device.
        levels: The whole image's levels, one a channel, where they are known; else they are measured.
        work: Folder that keeps what is finished, so that work that was broken off goes on there; None keeps nothing.
        memory: Bytes that the pixels of a block may take.
        foreign: Whether an image is segmented, too, that looks like nothing the model was trained on.
        spread: A `pieces.Spread` that judges the image's pieces elsewhere, side by side; None for here.
    """

    region: Box | None = None
    uncertainty: bool = False
    flips: bool = False
    along: Along = "auto"
    device: str = "auto"
    mixed_precision: bool | None = None
    levels: tuple[Levels, ...] | None = None
    work: Path | None = None
    memory: int = 1_000_000_000
    foreign: bool = False
    spread: Any = None

    def to_json(self) -> dict[str, Any]:
        """What decides on the result, in JSON's types."""
        names = ("region", "uncertainty", "flips", "along", "mixed_precision")
        return {name: getattr(self, name) for name in names} | ({"foreign": True} if self.foreign else {})


@dataclass(frozen=True)
class Segmented:
    """What a model made of an image, a region or a frame.

    Args:
        labels: uint8, n + 1 for class n, on the image's own voxels (of a region: its own corner of them).
        uncertainty: uint8, in percent, on the same voxels: 100 (1 - (p - q)) where p and q are the probabilities of the
            likeliest and the next class; 0 is sure, at 100 two classes are equally likely. None where not asked for.
        notes: What people should know: one sentence each.
    """

    labels: Volume
    uncertainty: Volume | None = None
    notes: list[str] = field(default_factory=list)
