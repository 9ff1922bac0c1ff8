"""From which ranges electrodes and microscopes are drawn, and the families outside them that judge a model."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from batterycell.pretrain.plan import Split

Range = tuple[float, float]


@dataclass(frozen=True)
class Ranges:
    """Smallest and largest value of what is drawn; lengths in pixels.

    Args:
        diameter: Median diameter of particles; drawn evenly in its logarithm.
        giant: Radius of the few huge grains that some electrodes hold.
        aspect: Smallest ratio of a particle's axes.
        facets: Flat faces of a faceted particle.
        fraction: Active material in the section.
        binder: Part of the space between particles that binder fills.
        clump: Size of clumps of binder; so drawn too.
        grain: Size of the grains of its sponge.
        contrast: From binder or open pores to active material in a material contrast (BSE), in parts of the range.
        curtain: Relative deviation of stripes on the section.
        noise: Deviation of noise, in parts of the range of greys.
        blur: Deviation of the point spread.
        shine: How bright a deeper surface is beside the section.
        shading: Relative deviation of slow shading.
        charging: Strength of charged regions.
    """

    diameter: Range = (18.0, 110.0)
    giant: Range = (90.0, 250.0)
    aspect: Range = (0.5, 1.0)
    facets: Range = (6.0, 16.0)
    fraction: Range = (0.40, 0.72)
    binder: Range = (0.15, 0.9)
    clump: Range = (16.0, 80.0)
    grain: Range = (1.3, 3.2)
    contrast: Range = (0.3, 0.8)
    curtain: Range = (0.0, 0.10)
    noise: Range = (0.005, 0.11)
    blur: Range = (0.3, 1.6)
    shine: Range = (0.4, 1.3)
    shading: Range = (0.0, 0.12)
    charging: Range = (0.0, 0.8)


TRAINING = Ranges()
# Each goes beyond the training's ranges in one respect.
FAMILIES: dict[str, Ranges] = {
    "finer particles": replace(TRAINING, diameter=(13.0, 16.0)),
    "larger particles": replace(TRAINING, diameter=(120.0, 160.0), giant=(260.0, 300.0)),
    "flakes": replace(TRAINING, aspect=(0.32, 0.45), facets=(4.0, 5.0)),
    "looser packing": replace(TRAINING, fraction=(0.28, 0.38)),
    "denser packing": replace(TRAINING, fraction=(0.74, 0.80)),
    "little binder": replace(TRAINING, binder=(0.08, 0.14)),
    "fainter contrast": replace(TRAINING, contrast=(0.22, 0.29)),
    "stronger curtains": replace(TRAINING, curtain=(0.11, 0.15)),
    "more noise": replace(TRAINING, noise=(0.12, 0.15)),
    "more blur": replace(TRAINING, blur=(1.7, 2.3)),
    "brighter depths": replace(TRAINING, shine=(1.35, 1.6)),
    "more charging": replace(TRAINING, charging=(0.9, 1.2)),
}


def ranges_of(seed: int, split: Split) -> tuple[str, Ranges]:
    """The family of a specimen and its ranges; held-out ones take turns."""
    if split != "held-out":
        return split, TRAINING
    name = list(FAMILIES)[seed % len(FAMILIES)]
    return name, FAMILIES[name]


def evenly(limits: Range, random: np.random.Generator) -> float:
    """A number, evenly drawn."""
    return float(random.uniform(*limits))


def by_size(limits: Range, random: np.random.Generator) -> float:
    """A number whose logarithm is evenly drawn: as many small things as large ones."""
    return math.exp(random.uniform(*np.log(limits)))
