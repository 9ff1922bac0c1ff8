"""Where the search begins: the law that short stretches of the movies tell, each from a first frame of its own.

Through a whole movie small errors of a law grow, above all where phases separate, and a search from afar gets lost;
over a few points in time they do not (multiple shooting: Bock, 1983).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.law.batch import Batch
from batterycell.progress import Progress

from .fields import FieldPrior
from .parts import Hyper
from .search import State, minimise
from .unknowns import MOST_DEVIATIONS, Unknowns, first_hyper

POINTS = 5
# First frames within a movie may look like anything.
FIRST_SCATTER, FIRST_LENGTH_PX = 0.25, 2.0
MOST_STEPS, GAIN_SHARE = 10, 2e-3


def first_state(unknowns: Unknowns, progress: Progress) -> State:
    """What stretches of the movies tell, as the beginning of the search through whole movies."""
    hyper = first_hyper(unknowns.batch)
    intervals = unknowns.batch.hours.shape[1]
    state = State(unknowns.nothing(), hyper, (1,) * intervals, (2,) * intervals)
    if intervals < POINTS:
        return state
    stretches = Unknowns(stretched(unknowns.batch), unknowns.settings, unknowns.device)
    stretches.theta_mean, stretches.theta_scatter = unknowns.theta_mean, unknowns.theta_scatter.clone()
    # Noise that first frames are free to follow would speak against κ.
    stretches.theta_scatter[-1] = 0.0
    found = _minimised(stretches, _loose(unknowns.batch, hyper), progress)
    return replace(
        state, z=_carried(stretches, unknowns, found), steps=found.steps, stages=(max(found.stages),) * intervals
    )


def stretched(batch: Batch, points: int = POINTS) -> Batch:
    """The same particles once for each stretch of time; the first of all stretches come first."""
    starts = range(0, batch.seen.shape[1] - 1, points - 1)
    reservoirs = len(batch.mean)

    def cut(values: NDArray[Any], length: int) -> NDArray[Any]:
        parts = [values[:, start : start + length] for start in starts]
        missing = length - parts[-1].shape[1]
        last = np.pad(parts[-1], [(0, 0), (0, missing)] + [(0, 0)] * (values.ndim - 2))
        return np.concatenate([*parts[:-1], last])

    return replace(
        batch,
        places=batch.places * len(starts),
        seen=cut(batch.seen, points),
        weight=cut(batch.weight, points),
        used=cut(batch.used, points),
        mask=np.tile(batch.mask, (len(starts), 1, 1)),
        pixel_um=np.tile(batch.pixel_um, (len(starts), 1)),
        reservoir=np.concatenate([batch.reservoir + n * reservoirs for n in range(len(starts))]),
        field=np.tile(batch.field, len(starts)),
        hours=cut(batch.hours, points - 1),
        mean=np.maximum(cut(batch.mean, points), batch.mean.min()),
        free=np.maximum(cut(batch.free, points), batch.free.min()),
    )


def _loose(batch: Batch, hyper: Hyper) -> Hyper:
    pixel = float(np.sqrt(np.prod(batch.pixel_um, axis=1)).mean())
    return replace(hyper, first=FieldPrior(FIRST_SCATTER, FIRST_LENGTH_PX * pixel))


def _minimised(stretches: Unknowns, hyper: Hyper, progress: Progress) -> State:
    intervals = (1,) * stretches.hours.shape[1]
    state = State(stretches.nothing(), hyper, intervals, tuple(2 * n for n in intervals))
    gain = GAIN_SHARE * np.count_nonzero(stretches.batch.weight)
    return minimise(stretches, state, progress, lambda _: None, (MOST_STEPS, gain))


def _carried(stretches: Unknowns, unknowns: Unknowns, found: State) -> Any:
    """Law, ln k and the first frame of the first stretch."""
    z, here, there = unknowns.nothing(), unknowns.parts, stretches.parts
    z[here.theta] = found.z[there.theta]
    z[here.ln_k] = found.z[there.ln_k]
    particles, size = len(unknowns.batch.mask), here.first.stop - here.first.start
    ratio = stretches.scales(found.hyper)[1][:particles] / unknowns.scales(first_hyper(unknowns.batch))[1]
    first = found.z[there.first][:size] * ratio.flatten()
    z[here.first] = first.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
    return z
