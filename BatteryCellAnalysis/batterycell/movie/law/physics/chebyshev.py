"""Explicit time steps of second order that stay stable over stiff stretches.

Runge-Kutta-Chebyshev (Sommeijer, Shampine, Verwer, J. Comput. Appl. Math. 88, 1998, 315): with s evaluations of the
rate a step may be about 0.65 s² / ρ long, ρ the largest rate at which differences die; ordinary ones end at 2 / ρ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import Chebyshev

DAMPING = 2 / 13
LEAST_STAGES, MOST_STAGES = 2, 60


@dataclass(frozen=True)
class Stage:
    """Y_j = ``start`` Y_0 + ``last`` Y_j−1 + ``before`` Y_j−2 + h (``rate`` F_j−1 + ``first_rate`` F_0)."""

    start: float
    last: float
    before: float
    rate: float
    first_rate: float


@cache
def stages(count: int) -> tuple[Stage, ...]:
    """The stages 2 … ``count`` of a step, after the first one, Y_1 = Y_0 + h b F_0, with b as the ``rate`` of [0]."""
    w0 = 1 + DAMPING / count**2
    polynomials = [Chebyshev.basis(n) for n in range(count + 1)]
    values, slopes, bends = (np.array([p.deriv(m)(w0) if m else p(w0) for p in polynomials]) for m in range(3))
    w1 = slopes[count] / bends[count]
    b = np.array([bends[max(n, 2)] / slopes[max(n, 2)] ** 2 for n in range(count + 1)])
    a = 1 - b * values
    found = [Stage(1.0, 0.0, 0.0, float(b[1] * w1), 0.0)]
    for j in range(2, count + 1):
        last, before, rate = 2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], 2 * b[j] * w1 / b[j - 1]
        found.append(Stage(*map(float, (1 - last - before, last, before, rate, -a[j - 1] * rate))))
    return tuple(found)


def stages_needed(stiffness: float) -> int:
    """How many evaluations a step needs whose length times ρ is ``stiffness``."""
    return int(np.clip(np.ceil(np.sqrt(1 + 1.54 * stiffness)), LEAST_STAGES, MOST_STAGES))
