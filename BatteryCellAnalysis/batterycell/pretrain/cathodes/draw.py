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
# Part of the images that somebody turned, so that curtains run along the rows.
TURNED = 0.2
Detector = Callable[[Structure, Ranges, np.random.Generator], Array]


def draw_specimen(seed: int, split: Split, size: int = SIZE) -> list[Sample]:
    """One electrode's section as two detectors see it.

    Args:
        seed: The specimen's.
        split: What it is for; held-out ones lie outside the ranges of the others.
        size: Rows, and columns.

    Returns:
        Two samples, one where the product's own factory made it, labelled 1 pore, 2 active material, 3 binder.
    """
    random = random_of(seed, split)
    family, ranges = ranges_of(seed, split)
    if split != "held-out" and random.random() < FACTORY:
        return _from_factory(seed, split, size, random)
    structure = make_structure(ranges, size, random)
    second = see_filled if random.random() < FILLED else see_backscattered
    detectors: tuple[tuple[str, Detector], ...] = (("se", see_secondary), ("bse", second))
    images = {name: scan(see(structure, ranges, random), structure, ranges, random) for name, see in detectors}
    turn = int(random.random() < TURNED)
    return [
        _sample(f"{family}/{seed}", name, np.rot90(image, turn), np.rot90(structure.labels, turn))
        for name, image in images.items()
    ]


def _from_factory(seed: int, split: Split, size: int, random: np.random.Generator) -> list[Sample]:
    name = list(ELECTRODES)[random.integers(len(ELECTRODES))]
    made = make_micrograph(*ELECTRODES[name], (1, size, size), (seed, int(random.integers(2**31))))
    labels = np.minimum(made.labels.array[0], np.uint8(Phase.BINDER))
    return [_sample(f"{split}/{seed}", name, made.grey.array[0], labels)]


def _sample(source: str, name: str, image: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Sample:
    # Turned arrays are views.
    image, labels = np.ascontiguousarray(image)[None], np.ascontiguousarray(labels)[None]
    volume = Volume.from_stack(image, (PIXEL_UM,) * 3, "generated", name)
    levels = measure_levels(volume)
    quantiles = (measure_quantiles(volume, levels),)
    size = (PIXEL_UM,) * 3
    return Sample(f"{source}/{name}", source, image[None], labels, (levels,), size, quantiles=quantiles)
