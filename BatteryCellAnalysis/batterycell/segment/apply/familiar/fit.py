"""Small networks that tell familiar windows from foreign ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .statistics import Judge

Floats = NDArray[np.float64]
_JUDGES, _UNITS, _SHRINK, _ROUNDS = 5, 8, 1e-4, 400


def fit_judges(known: Floats, strange: Floats, seed: int) -> tuple[tuple[Judge, ...], float]:
    """Judges, of which each has left out a part of both sides; and the score that best parts what they left out.

    Args:
        known: Scaled descriptors of familiar windows, (windows, numbers); those of one specimen in sequence.
        strange: Of foreign ones.
        seed: Everything random follows from it.
    """
    judges: list[Judge] = []
    apart: tuple[list[Floats], list[Floats]] = [], []
    parts = [np.arange(len(side)) * _JUDGES // len(side) for side in (known, strange)]
    for number in range(_JUDGES):
        left = [part == number for part in parts]
        rng = np.random.default_rng((seed, number))
        kept = [out if out.all() else ~out for out in left]
        judges.append(_learn(known[kept[0]], strange[kept[1]], rng))
        for scores, side, out in zip(apart, (known, strange), left, strict=True):
            scores.append(judges[-1](side[out]))
    return tuple(judges), _best_limit(np.concatenate(apart[0]), np.concatenate(apart[1]))


def _best_limit(familiar: Floats, foreign: Floats) -> float:
    """The score with the fewest errors; one in what is familiar weighs twice."""
    limits = np.linspace(-10.0, 10.0, 201)
    errors = [2.0 * float((familiar < one).mean()) + float((foreign >= one).mean()) for one in limits]
    return float(limits[np.isclose(errors, min(errors))].mean())


def _learn(known: Floats, strange: Floats, rng: np.random.Generator) -> Judge:
    """A judge by logistic regression with weight decay; both sides count alike, however many they are."""
    from scipy.optimize import minimize

    numbers = np.vstack([known, strange])
    sides = np.repeat([1.0, -1.0], [len(known), len(strange)])
    shares = np.repeat([0.5 / len(known), 0.5 / len(strange)], [len(known), len(strange)])
    size = numbers.shape[1], _UNITS
    start = np.concatenate(
        [rng.normal(size=size).ravel() / np.sqrt(size[0]), np.zeros(_UNITS), rng.normal(size=_UNITS) / 3, [0.0]]
    )

    def loss(values: Floats) -> tuple[float, Floats]:
        return _loss(_judge_of(values, size), numbers, sides, shares)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS})
    return _judge_of(found.x, size)


def _judge_of(values: Floats, size: tuple[int, int]) -> Judge:
    count = size[0] * size[1]
    offsets, rule = values[count : count + size[1]], values[count + size[1] : -1]
    return Judge(values[:count].reshape(size), offsets, rule, float(values[-1]))


def _loss(judge: Judge, numbers: Floats, sides: Floats, shares: Floats) -> tuple[float, Floats]:
    """Logistic loss and its gradient, in the order of `_judge_of`."""
    hidden = np.tanh(numbers @ judge.weights + judge.offsets)
    margin = sides * (hidden @ judge.rule + judge.offset)
    slope = -shares * sides / (1.0 + np.exp(np.minimum(margin, 500.0)))
    down = slope[:, None] * judge.rule * (1.0 - hidden**2)
    decay = _SHRINK * (float((judge.weights**2).sum()) + float((judge.rule**2).sum()))
    gradient = np.concatenate(
        [
            (numbers.T @ down + 2 * _SHRINK * judge.weights).ravel(),
            down.sum(0),
            hidden.T @ slope + 2 * _SHRINK * judge.rule,
            [slope.sum()],
        ]
    )
    return float((shares * np.logaddexp(0.0, -margin)).sum()) + decay, gradient
