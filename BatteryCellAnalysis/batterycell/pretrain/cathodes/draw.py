"""Specimens to learn from: one electrode, seen by two detectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.microstructure import PRESETS as ELECTRODES
from batterycell.phantom.microstructure import Phase, make_micrograph
from batterycell.phantom.microstructure.fields import Array
from batterycell.pretrain.plan import Split, random_of
from batterycell.segment.data.levels import measure_levels, measure_quantiles
from batterycell.segment.samples import Sample
from batterycell.volume import Volume

from .camera import scan
from .detectors import see_backscattered, see_filled, see_secondary
from .ranges import Ranges, ranges_of
from .structure import Structure, make_structure

SIZE = 512
PIXEL_UM = 0.03
# Part of the specimens that come from the product's own factory of electrodes, and of the sections filled with resin.
FACTORY, FILLED = 0.12, 0.2
Detector = Callable[[Structure, Ranges, np.random.Generator], Array]


def draw_specimen(seed: int, split: Split) -> list[Sample]:
    """One electrode's section as two detectors see it.

    Args:
        seed: The specimen's.
        split: What it is for; held-out ones lie outside the ranges of the others.

    Returns:
        Two samples of 512 × 512 pixels, labelled 1 pore, 2 active material, 3 binder.
    """
    random = random_of(seed, split)
    family, ranges = ranges_of(seed, split)
    if split != "held-out" and random.random() < FACTORY:
        return _from_factory(seed, split, random)
    structure = make_structure(ranges, SIZE, random)
    second = see_filled if random.random() < FILLED else see_backscattered
    detectors: tuple[tuple[str, Detector], ...] = (("se", see_secondary), ("bse", second))
    images = {name: scan(see(structure, ranges, random), structure, ranges, random) for name, see in detectors}
    return [_sample(f"{family}/{seed}", name, image, structure.labels) for name, image in images.items()]


def _from_factory(seed: int, split: Split, random: np.random.Generator) -> list[Sample]:
    name = list(ELECTRODES)[random.integers(len(ELECTRODES))]
    made = make_micrograph(*ELECTRODES[name], (1, SIZE, SIZE), (seed, int(random.integers(2**31))))
    labels = np.minimum(made.labels.array[0], np.uint8(Phase.BINDER))
    return [_sample(f"{split}/{seed}", name, made.grey.array[0], labels)]


def _sample(source: str, name: str, image: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Sample:
    volume = Volume.from_stack(image[None], (PIXEL_UM,) * 3, "generated", name)
    levels = measure_levels(volume)
    quantiles = (measure_quantiles(volume, levels),)
    return Sample(
        f"{source}/{name}", source, image[None, None], labels[None], (levels,), (PIXEL_UM,) * 3, quantiles=quantiles
    )
