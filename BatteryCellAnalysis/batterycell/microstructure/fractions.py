"""Fractions of the classes and their ratios, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .fractions_segmentation import doubtful_shares
from .intervals import Estimate, estimate_ratio, estimate_share
from .representativity_cells import Cells
from .settings import slug

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fraction:
    """A class's share of what is labelled.

    Args:
        name: Of the class.
        sampling: Its share, and the interval of representativity for the imaged area or volume.
        doubt: By how much it may be too large, and too small, by the model's own doubt; NaN where none is given.
        voxels: How many it has.
    """

    name: str
    sampling: Estimate
    doubt: tuple[float, float]
    voxels: int

    @property
    def u_doubt(self) -> float:
        """Half width of the interval of segmentation."""
        return max(self.doubt) if np.isfinite(self.doubt).all() else float("nan")

    @property
    def half(self) -> float:
        """Half width of the combined interval: both, independent of each other, in quadrature."""
        return float(np.hypot(self.sampling.half, self.u_doubt)) if np.isfinite(self.u_doubt) else self.sampling.half


def count_classes(
    labels: SlabSource, classes: Mapping[int, str], cells: Cells, progress: Progress
) -> dict[int, Floats]:
    """Voxels of each class in each cell, in one pass."""
    totals = {value: np.zeros(cells.shape) for value in classes}
    for slab in labels.slabs(cells.slab_voxels):
        progress.report(slab.start / labels.shape[0], "counting voxels")
        for value, total in totals.items():
            cells.add(total, slab.start, slab.array == value)
    return totals


def measure_fractions(
    counts: Mapping[int, Floats], classes: Mapping[int, str], labels: SlabSource, doubt: SlabSource | None
) -> dict[int, Fraction]:
    """Share of each class in what is labelled."""
    whole = np.sum(list(counts.values()), axis=0)
    none = (float("nan"), float("nan"))
    doubts = {} if doubt is None else doubtful_shares(labels, doubt, tuple(classes))
    return {
        value: Fraction(
            name, estimate_share(counts[value], whole), doubts.get(value, none), int(counts[value].sum())
        )
        for value, name in classes.items()
    }  # fmt: skip


def fraction_quantities(found: Mapping[int, Fraction], dimension: int) -> Iterator[Quantity]:
    """One quantity a class."""
    what = "area (by Delesse's principle the volume)" if dimension == 2 else "volume"
    for one in found.values():
        told = (
            f"Share of the labelled {what} that is {one.name}. Interval: how much it would differ in another image "
            "of this size of the same material (integral range; Kanit 2003, Dahari 2025)"
        )
        told += ", and the model's doubt, in quadrature." if np.isfinite(one.u_doubt) else "; segmentation not counted."
        name = f"microstructure_fraction_{slug(one.name)}_percent"
        value, half = 100 * one.sampling.value, 100 * one.half
        yield Quantity(name, f"{one.name}: fraction", value, half, "%", told)


def ratio_quantities(found: Mapping[int, Fraction], counts: Mapping[int, Floats]) -> Iterator[Quantity]:
    """One quantity a pair of classes."""
    for a, b in combinations([value for value in found if counts[value].any()], 2):
        ratio = estimate_ratio(counts[a], counts[b])
        doubts = [one.u_doubt / one.sampling.value for one in (found[a], found[b])]
        half = float(np.hypot(ratio.half, ratio.value * np.sum(doubts))) if np.isfinite(doubts).all() else ratio.half
        names = (found[a].name, found[b].name)
        told = f"Amount of {names[0]} for one of {names[1]}; interval as of fractions."
        machine = f"microstructure_ratio_{slug(names[0])}_to_{slug(names[1])}"
        yield Quantity(machine, f"{names[0]} to {names[1]}", ratio.value, half, "", told)
