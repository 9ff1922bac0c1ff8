"""The grey values at which a cell's parts part: air, anode, cathode, steel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BINS = 256
_TINY = 1e-9
_SAMPLES = 300_000
# Beyond these percentiles lie hot pixels and the glare of metal.
_PERCENTILES = (0.1, 99.9)


@dataclass(frozen=True)
class GreySteps:
    """Grey values between the parts of a cell, from dark to bright.

    Args:
        air: Below it is air and gas; anodes, separators and electrolyte lie above.
        anode: Between anodes and cathodes.
        cathode: Between cathodes and steel.
        steel: The steel's own grey value.
    """

    air: float
    anode: float
    cathode: float
    steel: float


def grey_steps(array: NDArray[Any]) -> GreySteps:
    """Part a scan's grey values into four classes with the least scatter inside each.

    Otsu's method for several thresholds (IEEE Trans. Syst. Man Cybern. 9, 1979), solved exactly by dynamic programming
    on a histogram of a sample. A scan whose parts do not differ in grey is parted all the same: from dark to bright.

    Args:
        array: Grey values, any shape and type; values that are no numbers are left out.

    Returns:
        The steps, each above the one before.
    """
    sample = _sample(array)
    low, high = np.percentile(sample, _PERCENTILES) if sample.size else (0.0, 1.0)
    if not high > low:
        low, high = float(sample.min(initial=low)), float(sample.max(initial=low))
    high = high if high > low else low + 1.0
    counts, edges = np.histogram(np.clip(sample, low, high), _BINS, (low, high))
    cuts = _part(counts.astype(float), 4)
    middles = (edges[:-1] + edges[1:]) / 2
    means = [
        float(np.average(middles[start:end], weights=counts[start:end] + _TINY))
        for start, end in pairwise([0, *cuts, _BINS])
    ]
    # The best steps lie halfway between what they part; where nothing lies, the cuts might lie anywhere.
    air, anode, cathode = ((one + other) / 2 for one, other in pairwise(means))
    return GreySteps(air, anode, cathode, means[-1])


def _sample(array: NDArray[Any]) -> NDArray[np.float32]:
    flat = array.reshape(-1)
    sample = np.asarray(flat[:: max(1, flat.size // _SAMPLES)], np.float32)
    return sample[np.isfinite(sample)]


def _part(counts: NDArray[np.float64], classes: int) -> list[int]:
    """First bins of all classes but the first, with the greatest variance between the classes."""
    bins = np.arange(len(counts) + 1)
    weight, moment = (np.concatenate([[0.0], np.cumsum(values)]) for values in (counts, counts * bins[:-1]))
    mass = weight[None, :] - weight[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(mass > 0, (moment[None, :] - moment[:, None]) ** 2 / mass, 0.0)
    gain[bins[:, None] >= bins] = -np.inf  # a class holds at least one bin
    best, starts = gain[0], []
    for _ in range(classes - 1):
        total = best[:, None] + gain
        starts.append(total.argmax(axis=0))
        best = total.max(axis=0)
    cuts = [len(counts)]
    for start in reversed(starts):
        cuts.append(int(start[cuts[-1]]))
    return cuts[:0:-1]
