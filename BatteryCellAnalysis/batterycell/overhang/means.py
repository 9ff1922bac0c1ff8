"""Means over groups of what is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def known_mean(values: Floats, group: Indices, count: int) -> tuple[Floats, Indices]:
    """Mean of the finite values in each group, NaN where there are none; and how many there are, (count,) each.

    Args:
        values: NaN where nothing is known, any shape.
        group: That of each value, from 0, same shape.
        count: Number of groups.
    """
    known = np.isfinite(values)
    total = np.bincount(group[known], values[known], count)
    number = np.bincount(group[known], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan), number
