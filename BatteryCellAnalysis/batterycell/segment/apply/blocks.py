"""One block of an image through the network: pixels in, labels and uncertainty out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.data.grid import Grid, sample_grey
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.bundle import LoadedModel
from batterycell.volume import Volume

from .engine import Engine
from .judge import JUDGES
from .plan import Plan, part, widened
from .predict import Windows, predict
from .settings import Box

_Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """A block of an image.

    Args:
        image: The image.
        levels: One a channel, of the whole image.
        plan: On which pixels the network sees it.
        block: First voxel and one past the last, axis of the plan first.
    """

    image: Image
    levels: tuple[Levels, ...]
    plan: Plan
    block: Box

    def pixels(self, box: Box, margin: int) -> NDArray[np.float32]:
        """What the network sees, levels applied: (channels, slices + 2 margin, rows, columns)."""
        grid = part(self.plan.network, box).widened(margin)
        pairs = zip(self.levels, self.image.channels, strict=True)
        return np.stack([levels.apply(sample_grey(channel, grid)) for levels, channel in pairs])


def predict_block(seen: Seen, model: LoadedModel, run: tuple[str, Windows], progress: Progress) -> NDArray[np.float32]:
    """Probabilities (classes, slices, rows, columns) in a block's voxels, axis of the plan first.

    Args:
        seen: The block.
        model: The model, its network on the device.
        run: The device's name, and how the block is cut.
        progress: Told how far it is; asked whether to stop.
    """
    engine, found = _predicted(seen, model, run, progress)
    return _on_image(seen, engine.fetch(found))


def judge_block(
    seen: Seen, model: LoadedModel, run: tuple[str, Windows], progress: Progress, names: Iterable[str]
) -> dict[str, _Labels]:
    """As `predict_block`, what people look at: "labels" (n + 1 for class n) and "uncertainty" (percent), uint8.

    Args:
        seen: The block.
        model: The model, its network on the device.
        run: The device's name, and how the block is cut.
        progress: Told how far it is; asked whether to stop.
        names: Which of the two.
    """
    engine, found = _predicted(seen, model, run, progress)
    if seen.plan.is_resampled:
        own = _on_image(seen, engine.fetch(found))
        return {name: np.asarray(JUDGES[name](own), np.uint8) for name in names}
    return {name: np.asarray(engine.fetch(JUDGES[name](found, engine.xp)), np.uint8) for name in names}


def _predicted(seen: Seen, model: LoadedModel, run: tuple[str, Windows], progress: Progress) -> tuple[Engine, Any]:
    """Probabilities in the network's pixels over a block, where they were computed."""
    spec, plan = model.info.network, seen.plan
    needed = plan.needed(seen.block)
    wide = widened(needed, plan.network.shape, spec)
    windows = replace(run[1], context=spec.margin)
    engine, found = predict(model.network, seen.pixels(wide, spec.margin), spec, run[0], windows, progress)
    k, j, i = (slice(a - first, b - first) for a, b, first in zip(*needed, wide[0], strict=True))
    return engine, found[:, k, j, i]


def _on_image(seen: Seen, found: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's probabilities in the image's own voxels."""
    if not seen.plan.is_resampled:
        return found
    return resampled(found, part(seen.plan.network, seen.plan.needed(seen.block)), part(seen.plan.image, seen.block))


def resampled(found: NDArray[np.float32], before: Grid, after: Grid) -> NDArray[np.float32]:
    """Probabilities (classes, slices, rows, columns) of one grid's pixels in those of another."""
    volumes = (Volume(one, before.ijk_to_ras, "network") for one in found)
    return np.stack([np.asarray(sample_grey(volume, after), np.float32) for volume in volumes])
