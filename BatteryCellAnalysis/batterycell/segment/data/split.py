"""Mixed samples divided into what is learned from and what validates, so that no neighbour leaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.samples import Dataset, Sample

# From so many images on, each is kept on one side as a whole.
MANY_IMAGES = 8
# Blocks along the mean side of a sample that are tried, coarse ones first; and their smallest side in pixels.
_DIVISIONS = (3, 4, 6, 8, 12, 16, 24)
_SMALLEST_BLOCK = 8
_GAP = 8
_SHIFTS = 8
_TRIALS = 48
# No class is missing on a side, parts are off and labels lost by so much at most: finer blocks are not worth it.
_GOOD_ENOUGH = (0.0, 0.0, 0.06)

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
# Image, and rows and columns of the samples that are divided alike.
_Group = tuple[str, tuple[int, ...]]


def split_mixed(dataset: Dataset, part: float, seed: int) -> Dataset:
    """Divide each mixed sample into a training and a validation sample of the same pixels.

    Of eight and more images, each is kept on one side, consecutive ones together (slices of a stack are neighbours).
    Of fewer, labels are divided by blocks of pixels, with a gap without labels between the sides; samples of one image
    with the same rows and columns, such as slices of a volume, are divided alike. Of the divisions tried, the one is
    taken that leaves each class on both sides, if any does, in the part asked for.

    Args:
        dataset: Samples of all roles; the others stay as they are.
        part: Part of the labels that validates, 0 to 1.
        seed: The same seed divides alike.

    Returns:
        The dataset without mixed samples. What cannot be divided trains.
    """
    sources = list(dict.fromkeys(sample.source for sample in dataset.of_role("mixed")))
    random = np.random.default_rng(seed)
    if len(sources) >= MANY_IMAGES and part > 0:
        chosen = _choose_sources(dataset, sources, part, random)
        samples = [_with_side(sample, sample.source in chosen) for sample in dataset.samples]
    else:
        sides = _divide_groups(dataset, part, random)
        samples = [new for sample in dataset.samples for new in _divided(sample, sides.get(_group(sample)))]
    return replace(dataset, samples=tuple(samples))


@dataclass(frozen=True)
class _Sides:
    """Which pixels of a slice train and which validate; those in the gap do neither. Shape (rows, columns)."""

    training: Bools
    validation: Bools


def _with_side(sample: Sample, validates: bool) -> Sample:
    if sample.role != "mixed":
        return sample
    return replace(sample, role="validation" if validates else "training")


def _divided(sample: Sample, sides: _Sides | None) -> Iterator[Sample]:
    if sample.role != "mixed" or sides is None:
        yield _with_side(sample, False)
        return
    yield replace(sample, labels=np.where(sides.training, sample.labels, np.uint8(0)), role="training")
    labels = np.where(sides.validation, sample.labels, np.uint8(0))
    if labels.any():
        yield replace(sample, labels=labels, role="validation")


def _group(sample: Sample) -> _Group:
    return sample.source, sample.labels.shape[1:]


def _divide_groups(dataset: Dataset, part: float, random: np.random.Generator) -> dict[_Group, _Sides | None]:
    groups: dict[_Group, list[Sample]] = {}
    for sample in dataset.of_role("mixed"):
        groups.setdefault(_group(sample), []).append(sample)
    classes = len(dataset.classes)
    return {key: _divide(samples, classes, part, random) if part > 0 else None for key, samples in groups.items()}


def _divide(samples: list[Sample], classes: int, part: float, random: np.random.Generator) -> _Sides | None:
    """The best division of all that are tried, None where there is none."""
    sums = _running_sums(samples, classes)
    best: tuple[tuple[float, ...], _Blocks, Bools] | None = None
    for blocks in _layouts(sums.shape[1] - 1, sums.shape[2] - 1, random):
        counts = blocks.counts(sums)
        lost = 1.0 - counts.sum() / max(1, int(sums[:, -1, -1].sum()))
        for chosen in _choices(counts, part, random):
            score = _score(counts, chosen, part, sums[:, -1, -1] > 0, lost)
            if best is None or score < best[0]:
                best = score, blocks, chosen
        if best is not None and best[0] < _GOOD_ENOUGH:
            break
    return None if best is None else best[1].sides(best[2])


def _running_sums(samples: list[Sample], classes: int) -> Counts:
    """Shape (classes, rows + 1, columns + 1): pixels of each class above and left of a corner."""
    rows, columns = samples[0].labels.shape[1:]
    sums = np.zeros((classes, rows + 1, columns + 1), np.int64)
    for sample in samples:
        for n in range(classes):
            sums[n, 1:, 1:] += np.count_nonzero(sample.labels == n + 1, axis=0)
    return sums.cumsum(1).cumsum(2)


@dataclass(frozen=True)
class _Blocks:
    """A slice cut into blocks along its rows and columns.

    Args:
        rows: First row of each block, and one past the last row.
        columns: Likewise.
        half_gap: Pixels at the border of a block that nobody uses where the next one is on the other side.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    half_gap: int

    def counts(self, sums: Counts) -> Counts:
        """Shape (blocks, classes): pixels of each class that surely count, whatever the next block's side is."""
        (top, bottom), (left, right) = (self._inner(edges) for edges in (self.rows, self.columns))
        found = (
            sums[:, bottom][:, :, right]
            - sums[:, top][:, :, right]
            - sums[:, bottom][:, :, left]
            + sums[:, top][:, :, left]
        )
        return np.asarray(found.reshape(len(sums), -1).T)

    def sides(self, chosen: Bools) -> _Sides:
        """The sides of the pixels, of the blocks that validate, shape (blocks,)."""
        from scipy.ndimage import minimum_filter

        blocks = chosen.reshape(len(self.rows) - 1, len(self.columns) - 1)
        validates = blocks.repeat(np.diff(self.rows), 0).repeat(np.diff(self.columns), 1)
        width = 2 * self.half_gap + 1
        training, validation = (minimum_filter(mask, width, mode="nearest") for mask in (~validates, validates))
        return _Sides(training, validation)

    def _inner(self, edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and one past the last pixel of each block without the gap, which the outer border has not."""
        start, stop = edges[:-1] + self.half_gap, edges[1:] - self.half_gap
        start[0], stop[-1] = edges[0], edges[-1]
        return start, np.maximum(start, stop)


def _layouts(rows: int, columns: int, random: np.random.Generator) -> Iterator[_Blocks]:
    """Coarse and fine blocks, as they are and shifted, for a scribble may lie in one block of a layout only."""
    mean_side = float(np.sqrt(rows * columns))
    for side in sorted({max(_SMALLEST_BLOCK, int(mean_side / n)) for n in _DIVISIONS}, reverse=True):
        for _ in range(_SHIFTS):
            yield _Blocks(_edges(rows, side, random), _edges(columns, side, random), max(1, min(_GAP, side // 4) // 2))


def _edges(length: int, side: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Borders of blocks about as long as ``side``, moved together by up to a quarter of it."""
    inner = np.linspace(0, length, max(1, round(length / side)) + 1)[1:-1]
    moved = inner + random.uniform(-0.25, 0.25) * side
    return np.unique(np.concatenate([[0], np.rint(moved), [length]]).astype(np.int64))


def _choices(counts: Counts, part: float, random: np.random.Generator) -> Iterator[Bools]:
    """Blocks that could validate, drawn at random until they hold the part of the labels asked for."""
    sizes = counts.sum(1)
    labelled = np.flatnonzero(sizes)
    if len(labelled) < 2:
        return
    for _ in range(_TRIALS):
        order = random.permutation(labelled)
        filled = np.cumsum(sizes[order]) / sizes.sum()
        count = int(np.clip(np.abs(filled - part).argmin() + 1, 1, len(order) - 1))
        chosen = np.zeros(len(counts), bool)
        chosen[order[:count]] = True
        yield chosen


def _score(counts: Counts, chosen: Bools, part: float, present: Bools, lost: float) -> tuple[float, ...]:
    """The smaller the better: classes that do not train, that do not validate, how far off their parts are."""
    validation, training = counts[chosen].sum(0)[present], counts[~chosen].sum(0)[present]
    share = validation / np.maximum(1, validation + training)
    off = float(np.abs(share - part).mean())
    return float(np.sum(training == 0)), float(np.sum(validation == 0)), off + lost


def _choose_sources(dataset: Dataset, sources: list[str], part: float, random: np.random.Generator) -> set[str]:
    """Consecutive images that validate."""
    counts = np.array([_count_classes(_of_source(dataset, name), len(dataset.classes)) for name in sources])
    width = int(np.clip(round(part * len(sources)), 1, len(sources) - 1))
    starts = random.permutation(len(sources) - width + 1)
    chosen = [(np.arange(len(sources)) >= start) & (np.arange(len(sources)) < start + width) for start in starts]
    best = min(chosen, key=lambda one: _score(counts, one, part, counts.sum(0) > 0, 0.0))
    return {name for name, validates in zip(sources, best, strict=True) if validates}


def _of_source(dataset: Dataset, name: str) -> Iterable[Sample]:
    return (sample for sample in dataset.of_role("mixed") if sample.source == name)


def _count_classes(samples: Iterable[Sample], classes: int) -> Counts:
    counts = sum(np.bincount(sample.labels.ravel(), minlength=classes + 1) for sample in samples)
    return np.asarray(counts, np.int64)[1 : classes + 1]
