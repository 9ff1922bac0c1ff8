"""What a model knows the look of, learnt: what it was trained on against everything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.samples import Sample
from batterycell.volume import Volume

from .descriptor import LEAST_EDGE, Image2D, describe_window
from .outliers import draw_outlier
from .statistics import Judge, Statistics, scaled
from .windows import tiles

Floats = NDArray[np.float64]
_OUTLIERS, _EDGES = 900, (128, 192, 256, 320)
_MOST_WINDOWS = 900
_JUDGES, _UNITS, _SHRINK, _ROUNDS = 5, 8, 1e-4, 400
_LEAST_SPREAD = 0.05
# The limit lies between even odds and the least familiar of the specimens that validate.
_PART, _QUANTILE = 0.5, 0.02
_SILENT = Progress()


def measure_familiarity(
    training: Sequence[Sample],
    validation: Sequence[Sample],
    others: Sequence[Sample] = (),
    seed: int = 0,
    progress: Progress = _SILENT,
) -> Statistics:
    """Learn what is familiar to a model.

    Args:
        training: What the model was trained on.
        validation: The like of it; sets the limit.
        others: What other models are for, foreign to this one.
        seed: Everything random follows from it.
        progress: Told how far it is.

    Returns:
        What `write_statistics` puts into the model's folder.
    """
    rng = np.random.default_rng((seed, 77))
    familiar = _described(_varied(_thinned(training), rng), progress.part(0.0, 0.4), "what is familiar")
    pictures = (_levelled(draw_outlier(number, _EDGES[number % len(_EDGES)])) for number in range(_OUTLIERS))
    foreign = [_described(pictures, progress.part(0.4, 0.7), "what is foreign")]
    if others:
        foreign.append(_described(_varied(_thinned(others), rng), progress.part(0.7, 0.9), "what others are for"))
    middle, spread = familiar.mean(0), familiar.std(0) + _LEAST_SPREAD
    known, strange = scaled(familiar, middle, spread), scaled(np.vstack(foreign), middle, spread)
    progress.report(0.9, "learning what is familiar")
    judges = tuple(_learn(known, strange, np.random.default_rng((seed, number))) for number in range(_JUDGES))
    statistics = Statistics(middle, spread, judges, 0.0)
    least = float(np.quantile(score_specimens(statistics, validation), _QUANTILE))
    return Statistics(middle, spread, judges, max(0.0, _PART * least))


def score_specimens(statistics: Statistics, samples: Sequence[Sample]) -> Floats:
    """How familiar each specimen looks, shape (specimens,): all samples of one source are one."""
    specimens: dict[str, list[Image2D]] = {}
    for sample in samples:
        specimens.setdefault(sample.source, []).extend(_windows(sample))
    return np.array([statistics.score_image(windows) for windows in specimens.values() if windows])


def _thinned(samples: Sequence[Sample]) -> list[Sample]:
    return list(samples[:: -(-len(samples) // (_MOST_WINDOWS // 2)) or 1])


def _windows(sample: Sample) -> list[Image2D]:
    whole = sample.normalised[0, sample.margin]
    return [tile for tile in tiles(whole) if min(tile.shape) >= LEAST_EDGE]


def _varied(samples: Iterable[Sample], rng: np.random.Generator) -> Iterable[Image2D]:
    """Windows as they are, and as another detector, crop or turn would show them."""
    for sample in samples:
        for window in _windows(sample):
            yield window
            yield _vary(window, rng)


def _vary(window: Image2D, rng: np.random.Generator) -> Image2D:
    if rng.random() < 0.5:
        size = [max(LEAST_EDGE, int(rng.uniform(0.6, 1.0) * length)) for length in window.shape]
        row, column = (int(rng.integers(0, a - b + 1)) for a, b in zip(window.shape, size, strict=True))
        window = window[row : row + size[0], column : column + size[1]]
    unit = (window.T if rng.random() < 0.5 else window) / 2 + 0.5
    bent = np.sign(unit) * np.abs(unit) ** np.exp(rng.uniform(-0.35, 0.35))
    grey = (2 * bent - 1) * np.exp(rng.uniform(-0.15, 0.15)) + rng.uniform(-0.15, 0.15)
    noise = rng.choice([0.0, 0.0, 0.03, 0.1]) * rng.normal(size=grey.shape)
    return np.asarray(grey + noise, np.float32)


def _levelled(picture: Floats) -> Image2D:
    volume = Volume.from_stack(picture[None].astype(np.float32), (1.0, 1.0, 1.0), "made", "picture")
    return measure_levels(volume).apply(picture)


def _described(windows: Iterable[Image2D], progress: Progress, what: str) -> Floats:
    found: list[Floats] = []
    for window in windows:
        progress.report(min(1.0, len(found) / _MOST_WINDOWS), f"looking at {what}")
        found.append(describe_window(window))
    return np.stack(found)


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
