"""Models whose answers are known, and images to apply them to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.segment import Frame, Image, Levels, SegmentClass
from batterycell.segment.model import LoadedModel, ModelInfo, NetworkSpec
from batterycell.volume import Volume

CLASSES = (SegmentClass("dark", "#000000"), SegmentClass("bright", "#FFFFFF"))
LEVELS = (Levels(-1.0, 1.0),)
SPECS = {
    "2d": NetworkSpec("2d", 1, 0, 2, (4, 8), (2,)),
    "2.5d": NetworkSpec("2.5d", 1, 1, 2, (4, 8), (2,)),
    "3d": NetworkSpec("3d", 1, 0, 2, (4, 8), (2,)),
}


def threshold_network(calls: list[int] | None = None) -> Any:
    """A network that calls bright what is above the middle of the levels; notes how much it sees at each call."""
    import torch

    class Threshold(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            if calls is not None:
                calls.append(int(np.prod(x.shape[2:])) * len(x))
            middle = 4 * x[:, x.shape[1] // 2][:, None]
            return torch.cat([-middle, middle], 1)

    return Threshold()


def made_loaded(dimension: str = "2d", calls: list[int] | None = None, **changes: Any) -> LoadedModel:
    """A model that calls bright what is above the middle."""
    info = ModelInfo("Threshold", "1.0.0", CLASSES, ("grey",), SPECS[dimension], (1.0, 1.0, 1.0), ((-1.0, 1.0),))
    return LoadedModel(replace(info, **changes), threshold_network(calls), Path("nowhere"), "0" * 64)


def made_waves(shape: tuple[int, int, int] = (20, 40, 34), size: tuple[float, float, float] = (1, 1, 1)) -> Image:
    """An image that varies smoothly, in another way along each axis; half of it is above 0."""
    k, j, i = (np.arange(n) * step for n, step in zip(shape, size, strict=True))
    array = np.sin(k / 4)[:, None, None] + np.sin(j / 5)[:, None] + np.sin(i / 6) + 0.03
    return Image("waves", (Volume.from_stack(array.astype(np.float32), size, "made"),))


def bright(image: Image) -> Any:
    """The labels of an image of `made_waves`: 2 where it is bright."""
    return np.where(image.grid.array > 0, 2, 1)


def whole_slice(image: Image, k: int) -> Frame:
    """A slice as a frame."""
    return Frame.of_slice(f"slice {k}", image.name, image.grid, k)
