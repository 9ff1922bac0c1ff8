"""Whether a model was trained on the like of an image: flagged before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.segment.apply.foreign import fit_channels
from batterycell.segment.apply.plan import make_plan
from batterycell.segment.apply.settings import Along, ApplySettings
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.bundle import LoadedModel
from batterycell.segment.model.info import ModelInfo

from .descriptor import Image2D
from .statistics import Statistics
from .store import read_statistics
from .windows import image_windows

HINT = "Choose a model for such images, or --foreign to segment it all the same."
_DEFAULT = ApplySettings()
# Smaller parts of an image in pixels that are a few times finer may still be what a model is for.
_FINER = 4.0


@dataclass(frozen=True)
class Familiarity:
    """How familiar an image looks to a model.

    Args:
        score: Log odds; 0 is as familiar as foreign.
        limit: The least score of what is familiar.
        sentence: For people, where it is foreign; else empty.
    """

    score: float
    limit: float
    sentence: str

    @property
    def is_foreign(self) -> bool:
        """Whether the image is unlike all that the model was trained on."""
        return self.score < self.limit


def judge_windows(windows: list[Image2D], statistics: Statistics, names: tuple[str, str]) -> Familiarity:
    """How familiar an image looks by its windows.

    Args:
        windows: As the network sees them, each (rows, columns), levels applied; at least one.
        statistics: The model's.
        names: The image's and the model's.
    """
    score = statistics.score_image(windows)
    image, model = names
    sentence = f"{image} looks like nothing that the model {model} was trained on: what it would find means nothing"
    known = f"(familiarity {score:.1f}, at least {statistics.limit:.1f} is needed)"
    return Familiarity(score, statistics.limit, f"{sentence} {known}." if score < statistics.limit else "")


def judge_familiarity(
    image: Image, levels: tuple[Levels, ...], info: ModelInfo, folder: Path, along: Along = "auto"
) -> Familiarity | None:
    """How familiar an image looks to a model.

    Args:
        image: The image, whole, channels in the model's order.
        levels: One a channel.
        info: What the model says of itself.
        folder: Where it lies.
        along: The axis across the slices that it will see.

    Returns:
        None where the model does not say what it knows, or the image has too few pixels to tell.

    Raises:
        InputError: if what it says is damaged.
    """
    statistics = read_statistics(folder)
    if statistics is None:
        return None
    windows = image_windows(image, levels, info, along)
    return judge_windows(windows, statistics, (image.name, info.name)) if windows else _by_size(image, info, statistics)


def _by_size(image: Image, info: ModelInfo, statistics: Statistics) -> Familiarity | None:
    """Of an image of which nothing is left in the model's pixels: far finer ones, as of another microscope, say it."""
    plan = make_plan(image, info, "auto")
    finer = 1.0 / min(plan.scale[1:])
    if finer <= _FINER:
        return None
    words = f"{image.name} has pixels {finer:.3g} times finer than any that the model {info.name} was trained on"
    return Familiarity(-np.inf, statistics.limit, f"{words}: it sees nothing of it.")


def tell_foreign(image: Image, model: LoadedModel, settings: ApplySettings = _DEFAULT) -> list[str]:
    """For people, that a model was trained on nothing like an image; nothing where it is familiar.

    Raises:
        InputError: if the model needs other channels.
    """
    image, settings = fit_channels(image, model.info, settings)
    levels = settings.levels or tuple(measure_levels(channel) for channel in image.channels)
    found = judge_familiarity(image, levels, model.info, model.folder, settings.along)
    return [found.sentence] if found is not None and found.is_foreign else []


def allow_foreign(
    image: Image, levels: tuple[Levels, ...], model: LoadedModel, settings: ApplySettings = _DEFAULT
) -> list[str]:
    """Refuse an image that a model was trained on nothing like, unless it was asked for all the same.

    Returns:
        For people, what is wrong with it; nothing where it is familiar.

    Raises:
        InputError: with the same words.
    """
    found = judge_familiarity(image, levels, model.info, model.folder, settings.along)
    if found is None or not found.is_foreign:
        return []
    if not settings.foreign:
        raise InputError("image-foreign", found.sentence, HINT)
    return [found.sentence]
