"""What a model that ships learns from, and what it is to say of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from batterycell.segment.classes import SegmentClass
from batterycell.segment.model.info import Sections
from batterycell.segment.samples import Sample
from batterycell.segment.settings import TrainSettings

Split = Literal["training", "validation", "held-out"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class Pretraining:
    """How one model that ships comes to be.

    Args:
        name: Short name, as people type it: "cell-overhang".
        version: E.g. "1.0.0".
        description: For people: what it tells apart, in what images.
        licence: SPDX name of the licence of its weights.
        classes: The classes in order.
        draw: Samples of one generated specimen, from a seed and what they are for. Each is flat: image
            (1, 1, rows, columns) as scanned, labels (1, rows, columns), levels and quantiles of the whole generated
            image. The same seed and split draw the same samples; draw random numbers from `random_of`. The family of a
            specimen, by which held-out scores are told apart, is what comes before the slash in
            `Sample.source`: "bright can/17".
        settings: How it is trained; ``minutes`` is the default of the command.
        voxel_size_um: (z, y, x) of typical pixels it was trained on.
        pixel_range_um: Smallest and largest pixels that it was trained on; images outside are resampled.
        sections: How a whole cylindrical cell is best shown to it.
        specimens: How many specimens train, validate and are held out, in the order of `SPLITS`.
        trained_on: For the card: what it learnt from, and where that came from.
        limits: For the card: where it ends, one sentence each.
    """

    name: str
    version: str
    description: str
    licence: str
    classes: tuple[SegmentClass, ...]
    draw: Callable[[int, Split], list[Sample]]
    settings: TrainSettings
    voxel_size_um: tuple[float, float, float]
    pixel_range_um: tuple[float, float]
    sections: Sections = "as trained"
    specimens: tuple[int, int, int] = (120, 16, 24)
    trained_on: str = "Generated images only; no image that anyone took."
    limits: tuple[str, ...] = ()


def random_of(seed: int, split: Split) -> np.random.Generator:
    """The random numbers of a specimen: others in each split, so that one seed never trains and judges."""
    return np.random.default_rng((seed, SPLITS.index(split)))


def family_of(sample: Sample) -> str:
    """The family of specimens that a sample belongs to; its source's whole name where that states none."""
    return sample.source.partition("/")[0]


def _cell_overhang() -> Pretraining:
    from .cells import cell_overhang

    return cell_overhang()


def _cathode_microstructure() -> Pretraining:
    from .cathodes import cathode_microstructure

    return cathode_microstructure()


# Functions, as the factories of specimens import the plan.
PRETRAININGS: dict[str, Callable[[], Pretraining]] = {
    "cell-overhang": _cell_overhang,
    "cathode-microstructure": _cathode_microstructure,
}
