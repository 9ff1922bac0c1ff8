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
from .fit import fit_judges
from .outliers import draw_outlier
from .statistics import Statistics, scaled
from .vary import vary
from .windows import tiles

Floats = NDArray[np.float64]
_OUTLIERS, _EDGES = 900, (128, 192, 256, 384)
_MOST_WINDOWS = 1200
_LEAST_SPREAD = 0.05
# Of the specimens that validate, about this part may be called foreign; more, where they score below 0.
_QUANTILE = 0.05
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
    judges, limit = fit_judges(known, strange, seed)
    statistics = Statistics(middle, spread, judges, limit)
    least = float(np.quantile(score_specimens(statistics, validation), _QUANTILE))
    # Between what parts the windows and the least familiar specimen, so that neither side lies close.
    return Statistics(middle, spread, judges, max(0.0, (min(limit, least) + least) / 2))


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
            yield vary(window, rng)


def _levelled(picture: Floats) -> Image2D:
    volume = Volume.from_stack(picture[None].astype(np.float32), (1.0, 1.0, 1.0), "made", "picture")
    return measure_levels(volume).apply(picture)


def _described(windows: Iterable[Image2D], progress: Progress, what: str) -> Floats:
    found: list[Floats] = []
    for window in windows:
        progress.report(min(1.0, len(found) / _MOST_WINDOWS), f"looking at {what}")
        found.append(describe_window(window))
    return np.stack(found)
