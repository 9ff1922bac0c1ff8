"""When which particle is led how."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.movie.law.settings import LawSpec

from .integrate import Stretch

Floats = NDArray[np.float64]


def plan_times(spec: LawSpec, rate_per_h: float) -> Floats:
    """Points in time in s, shape (frames,).

    Without a stated interval, half cycles share the points; where they do not divide evenly, the movie ends before the
    last one does.
    """
    cycling = spec.cycling
    half_s = 3600 * cycling.swing / rate_per_h
    interval = spec.interval_s or half_s / -(-(spec.frames - 1) // cycling.half_cycles)
    return np.asarray(np.arange(spec.frames) * interval, float)


def plan_stretches(spec: LawSpec, rate_per_h: float) -> list[Stretch]:
    """Half cycles that begin and end at points, and rest behind them."""
    cycling, times = spec.cycling, plan_times(spec, rate_per_h) / 3600
    each = int(cycling.swing / rate_per_h / times[1] * (1 + 1e-9))
    turns = [times[1] * each * n for n in range(cycling.half_cycles + 1)]
    stretches = [
        _half_cycle(spec, start, min(end, times[-1]), rate_per_h * (-1) ** n)
        for n, (start, end) in enumerate(pairwise(turns))
        if start < times[-1] * (1 - 1e-9)
    ]
    rest = Stretch(turns[-1], times[-1], 0.0)
    return [*stretches, rest] if rest.end_h > rest.start_h * (1 + 1e-9) else stretches


def _half_cycle(spec: LawSpec, start_h: float, end_h: float, rate_per_h: float) -> Stretch:
    cycling = spec.cycling
    potential = cycling.drive_kt * np.sign(rate_per_h)
    return Stretch(start_h, end_h, rate_per_h if cycling.hold == "rate" else None, potential)
