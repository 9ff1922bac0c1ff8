"""A plan of a model that a second teaches, drawn by other processes, too: so it is a module."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from batterycell.pretrain import Pretraining, Split, random_of
from batterycell.segment import Sample
from batterycell.segment.data.levels import QUANTILES
from made_training import CLASSES, made_sample, tiny


def draw(seed: int, split: Split) -> list[Sample]:
    """Two samples; held-out ones are of two families."""
    number = int(random_of(seed, split).integers(1_000_000))
    family = ("noisy", "soft")[seed % 2] if split == "held-out" else "plain"
    samples = [made_sample(number + n, noise=20.0 if family == "noisy" else 8.0) for n in range(2)]
    rows = (tuple(2.0 * part - 1.0 for part in QUANTILES),)
    return [replace(one, name=f"{n}", source=f"{family}/{seed}", quantiles=rows) for n, one in enumerate(samples)]


def made_plan(**more: Any) -> Pretraining:
    """The plan."""
    values: dict[str, Any] = {
        **{"name": "made-blobs", "version": "1.0.0", "description": "Blobs.", "licence": "CC-BY-4.0"},
        **{"classes": CLASSES, "draw": draw, "settings": tiny(epochs=4, steps=20)},
        **{"voxel_size_um": (1.0, 0.5, 0.5), "pixel_range_um": (0.4, 0.6), "sections": "around"},
        **{"specimens": (3, 2, 2), "limits": ("Blobs only.",)},
    }
    return Pretraining(**{**values, **more})
