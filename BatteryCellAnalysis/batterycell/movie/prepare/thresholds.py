"""One threshold between two kinds of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BINS = 256


def otsu(values: NDArray[Any]) -> float:
    """The value that parts others into two classes of least variance (Otsu, IEEE Trans. SMC 9, 1979, 62).

    Of equal values it is that value: none lies above.
    """
    known = values[np.isfinite(values)]
    if not known.size or np.ptp(known) == 0:
        return float(known.max(initial=-np.inf))
    counts, edges = np.histogram(known, _BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1:][int(np.nanargmax(between))])
