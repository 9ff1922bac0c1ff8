"""What is to be segmented, with what, and how: what every way through an image needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.segment.device import Device
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.bundle import LoadedModel

from .engine.room import largest_edge
from .predict import Windows
from .settings import ApplySettings, Box
from .store import hash_image, kept_signature

# Work that was kept in another way must not be taken up again.
_FORMAT = 2


@dataclass(frozen=True)
class Job:
    """An image, or a region of it, and the model that goes through it.

    Args:
        image: The image, channels in the model's order.
        model: The model, ready to predict.
        settings: How.
        levels: The image's, one a channel.
        device: What computes.
        region: First voxel (k, j, i) and one past the last.
    """

    image: Image
    model: LoadedModel
    settings: ApplySettings
    levels: tuple[Levels, ...]
    device: Device
    region: Box

    @property
    def names(self) -> tuple[str, ...]:
        """What is asked for, of "labels" and "uncertainty"."""
        return ("labels", "uncertainty") if self.settings.uncertainty else ("labels",)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels of the region, (k, j, i)."""
        k, j, i = (b - a for a, b in zip(*self.region, strict=True))
        return k, j, i

    def signature(self, work: Path | None, progress: Progress) -> dict[str, Any]:
        """What decides on the result; of what depends on the free memory, what it was where work goes on.

        Args:
            work: The folder in which it does.
            progress: Told how far it is.
        """
        values = {
            "format": _FORMAT,
            "image": "" if work is None else hash_image(self.image, progress),
            "model": self.model.hash,
            "settings": self.settings.to_json(),
            "levels": [[one.low, one.high] for one in self.levels],
            "device": self.device.kind,
            "runtime": f"onnx {portable}" if (portable := self.model.portable_hash) else "torch",
            "memory": self.settings.memory,
            "edge": largest_edge(self.model.info.network, self.device.name),
        }
        kept = (work and kept_signature(work)) or {}
        return values | {name: kept[name] for name in ("memory", "edge") if name in kept}

    def windows(self, edge: int | None) -> Windows:
        """How blocks are cut for the network."""
        mixed = self.settings.mixed_precision
        is_mixed = self.device.mixed_precision if mixed is None else mixed
        return Windows(edge, flips=self.settings.flips, mixed_precision=is_mixed)
