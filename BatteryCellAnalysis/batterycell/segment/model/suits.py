"""Which of several models suits: an image by the size of its pixels, a training by the names of its classes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from .info import ModelInfo
from .library import Model

_FEWEST_CLASSES = 2
_LEAST_SHARE = 0.5


def suits_best(models: Iterable[Model], voxel_size_um: tuple[float, float, float]) -> Model | None:
    """The model whose pixels are nearest in size to an image's; of equals the first. None where there is none.

    Args:
        models: Where to choose.
        voxel_size_um: The image's (z, y, x).
    """
    return min(models, key=lambda model: round(_pixels_apart(model.info, voxel_size_um), 3), default=None)


def starts_best(models: Iterable[Model], classes: Collection[str], dimension: str) -> Model | None:
    """The model from which a training best goes on: that with the most classes of the same names; of equals the first.

    Args:
        models: Where to choose.
        classes: Names of the training's classes.
        dimension: Of the training: "2d", "2.5d" or "3d".

    Returns:
        The model; None where none shares two classes and half of them.
    """
    wanted = {name.casefold() for name in classes}
    least = max(_FEWEST_CLASSES, _LEAST_SHARE * len(wanted))
    fitting = [model for model in models if model.info.network.dimension == dimension]
    enough = [model for model in fitting if _shared(model.info, wanted) >= least]
    return max(enough, key=lambda model: _shared(model.info, wanted), default=None)


def _shared(info: ModelInfo, wanted: set[str]) -> int:
    return len(wanted & {one.name.casefold() for one in info.classes})


def _pixels_apart(info: ModelInfo, voxel_size_um: tuple[float, float, float]) -> float:
    """By how many powers of e an image's pixels lie outside those that a model takes as they are."""
    size = math.sqrt(voxel_size_um[1] * voxel_size_um[2])
    trained = math.sqrt(info.voxel_size_um[1] * info.voxel_size_um[2])
    finest, coarsest = info.pixel_range_um or (trained, trained)
    if min(size, finest) <= 0:
        return math.inf
    return max(0.0, math.log(finest / size), math.log(size / coarsest))
