"""What is foreign about an image: whether a model was trained on the like of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from batterycell.errors import InputError
from batterycell.segment.data.levels import measure_levels, measure_quantiles
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.info import ModelInfo

from .plan import make_plan
from .settings import ApplySettings

# Of the range from -1 to 1. Slices of one scan differ by less than 0.1, other materials by 0.3 and more.
_FAR = 0.25
# Grey ranges of different bit depth differ by 256; of one detector at different times by 2.
_OTHER_RANGE = 8.0
_OTHER_SIZE = 2.0
_HINT = "look at the result before you trust it"


def check_channels(image: Image, info: ModelInfo) -> None:
    """Check that an image has the channels that a model needs.

    Raises:
        InputError: if it has another number of them.
    """
    if len(image.channels) != len(info.channel_names):
        needed, has = ", ".join(info.channel_names), ", ".join(image.channel_names)
        raise InputError(
            "channels-count",
            f"{image.name} has {_count(image.channel_names)} ({has}); the model {info.name} needs {needed}.",
            "Give all channels of the image, in the model's order, or choose another model.",
        )


def fit_channels(image: Image, info: ModelInfo, settings: ApplySettings) -> tuple[Image, ApplySettings]:
    """The image, and the levels of the settings, with channels in the model's order, where they are called alike.

    Raises:
        InputError: if the image has another number of channels than the model.
    """
    check_channels(image, info)
    places = image.places_of(info.channel_names)
    levels = settings.levels and tuple(settings.levels[place] for place in places)
    return image.ordered(info.channel_names), replace(settings, levels=levels)


def find_foreign(image: Image, info: ModelInfo, levels: Sequence[Levels] | None = None) -> list[str]:
    """In what an image is far from those a model was trained on.

    Args:
        image: The image, whole.
        info: The model's.
        levels: The image's, one a channel, where they are known.

    Returns:
        One sentence each; none where the image is like them.

    Raises:
        InputError: if the image has another number of channels than the model.
    """
    image, settings = fit_channels(image, info, ApplySettings(levels=tuple(levels) if levels else None))
    known = settings.levels or [measure_levels(channel) for channel in image.channels]
    found = [*_channel_names(image, info), *_voxels(image, info)]
    for number, name in enumerate(image.channel_names):
        # Who learnt from pixels of many sizes learnt from many scanners, of 8 and of 16 bits.
        found += [] if info.pixel_range_um else _range(name, known[number], info.levels[number : number + 1])
        found += _shades(image, number, known[number], info)
    return found


def _channel_names(image: Image, info: ModelInfo) -> list[str]:
    if len(info.channel_names) < 2 or image.channel_names == info.channel_names:
        return []
    has, needed = ", ".join(image.channel_names), ", ".join(info.channel_names)
    return [f"The channels are called {has}, those of the training {needed}: see that their order is the same."]


def _voxels(image: Image, info: ModelInfo) -> list[str]:
    """Whether a voxel is of quite another size than in training: what is not in the image cannot be resampled."""
    plan = make_plan(image, info, "auto")
    pairs = zip(plan.image.voxel_size_um, plan.network.voxel_size_um, strict=True)
    factors = [old / new for old, new in pairs]
    far = max(factors, key=lambda factor: max(factor, 1 / factor), default=1.0)
    if max(far, 1 / far) <= _OTHER_SIZE:
        return []
    words = f"{far:.3g} times as large as" if far > 1 else f"{1 / far:.3g} times finer than"
    return [f"Voxels are {words} those of the training: {_HINT}."]


def _range(name: str, levels: Levels, trained: Sequence[tuple[float, float]]) -> list[str]:
    for low, high in trained:
        factor = (levels.high - levels.low) / max(high - low, 1e-12)
        if max(factor, 1 / factor) > _OTHER_RANGE:
            return [
                f"Grey values of {name} span {levels.low:.4g} to {levels.high:.4g}, in training {low:.4g} to "
                f"{high:.4g}: they were scaled to fit, but contrast and noise may differ."
            ]
    return []


def _shades(image: Image, number: int, levels: Levels, info: ModelInfo) -> list[str]:
    """Whether the mixture of dark and bright is another one than in training."""
    if number >= len(info.quantiles) or not info.quantiles[number]:
        return []
    trained = np.array(info.quantiles[number])
    own = np.array(measure_quantiles(image.channels[number], levels))
    distance = float(np.abs(own - trained).mean())
    if distance <= _FAR:
        return []
    name = image.channel_names[number]
    if np.abs(own + trained[::-1]).mean() < distance / 2:
        return [f"Bright and dark of {name} look swapped against the training: {_HINT}."]
    side = "brighter" if own[2] > trained[2] else "darker"
    return [f"Grey values of {name} are distributed unlike those of the training (the middle is {side}): {_HINT}."]


def _count(names: Sequence[str]) -> str:
    return "one channel" if len(names) == 1 else f"{len(names)} channels"
