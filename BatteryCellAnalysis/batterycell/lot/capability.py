"""How capable the making of cells is of keeping to the limits, and which cells are odd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

FEWEST = 5
ODD_Z = 3.5
_LEVEL = 0.975
_MEDIAN_SIGMA, _MEAN_SIGMA = 0.6745, 0.797885


@dataclass(frozen=True)
class Index:
    """A capability index with its 95 % interval; NaN where it cannot be told."""

    value: float
    low: float
    high: float


NONE = Index(float("nan"), float("nan"), float("nan"))


def find_cp(values: Floats, lower: float, upper: float) -> Index:
    """Cp = (upper - lower) / 6 s (ISO 22514-2), with the interval that χ² gives the standard deviation s.

    Args:
        values: One a cell, shape (n,).
        lower: Lower limit.
        upper: Upper limit; both are needed.
    """
    n, sd = len(values), _deviation(values)
    if not (sd > 0 and np.isfinite(lower) and np.isfinite(upper)):
        return NONE
    cp = (upper - lower) / (6 * sd)
    low, high = (np.sqrt(special.chdtri(n - 1, share) / (n - 1)) for share in (_LEVEL, 1 - _LEVEL))
    return Index(float(cp), float(cp * low), float(cp * high))


def find_cpk(values: Floats, lower: float, upper: float) -> Index:
    """Cpk = min(upper - mean, mean - lower) / 3 s (ISO 22514-2).

    Its interval is Cpk ± z √(1/9n + Cpk²/2(n - 1)) (A. F. Bissell, "How reliable is your capability index?", Applied
    Statistics 39, 1990, 331-340).

    Args:
        values: One a cell, shape (n,).
        lower: Lower limit; -inf where there is none.
        upper: Upper limit; inf where there is none.
    """
    n, sd = len(values), _deviation(values)
    room = min(upper - values.mean(), values.mean() - lower) if n else np.nan
    if not (sd > 0 and np.isfinite(room)):
        return NONE
    cpk = room / (3 * sd)
    half = special.ndtri(_LEVEL) * np.sqrt(1 / (9 * n) + cpk**2 / (2 * (n - 1)))
    return Index(float(cpk), float(cpk - half), float(cpk + half))


def robust_z(values: Floats) -> Floats:
    """How far each value lies from the others: 0.6745 (x - median) / MAD, shape (n,).

    Where more than half of the values are equal, the mean absolute deviation takes the place of the median one (B.
    Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers, ASQC 1993). Zero for fewer than five values.
    """
    away = values - np.median(values) if len(values) else values
    size = np.abs(away)
    if len(values) < FEWEST or not size.any():
        return np.zeros(len(values))
    spread = np.median(size) / _MEDIAN_SIGMA if np.median(size) > 0 else size.mean() / _MEAN_SIGMA
    return np.asarray(away / spread)


def _deviation(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
