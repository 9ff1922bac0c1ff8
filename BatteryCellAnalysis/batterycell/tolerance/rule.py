"""The decision rule: what a value with an uncertainty says about a limit."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Outcome = Literal["pass", "fail", "cannot tell"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


def decide(value: ArrayLike, uncertainty: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> NDArray[np.str_]:
    """Whether values keep to their limits.

    Guard bands as wide as the 95 % interval's half width on both sides of each limit (guarded acceptance and guarded
    rejection, JCGM 106:2012, 8.3.2 and 8.3.3; the default of ISO 14253-1): "pass" where the whole interval lies
    within the limits, "fail" where the whole interval lies beyond one of them, else "cannot tell"; so it is where the
    value or its uncertainty is unknown.

    Args:
        value: Values; NaN where unknown.
        uncertainty: Half widths of their 95 % intervals; NaN where unknown.
        lower: Least allowed values; -inf where there is none.
        upper: Greatest allowed values; inf where there is none.

    Returns:
        Outcomes, of the shape to which all broadcast.
    """
    value, half = np.asarray(value, float), np.asarray(uncertainty, float)
    inside = (value - half >= lower) & (value + half <= upper)
    beyond = (value + half < lower) | (value - half > upper)
    return np.where(beyond, "fail", np.where(inside, "pass", "cannot tell"))


def worst(outcomes: ArrayLike) -> Outcome:
    """The outcome of all together: one fail fails, one doubt leaves doubt."""
    found = set(np.asarray(outcomes).ravel().tolist())
    return "fail" if "fail" in found else "cannot tell" if "cannot tell" in found else "pass"
