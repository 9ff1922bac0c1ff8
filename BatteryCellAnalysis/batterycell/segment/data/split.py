"""Mixed samples divided into what is learned from and what validates, so that no neighbour leaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.division import Division, Place
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
_Known = dict[Place, Division]


def split_mixed(dataset: Dataset, part: float, seed: int) -> Dataset:
    """Divide each mixed sample into a training and a validation sample of the same pixels.

    Of eight and more images, each is kept on one side, consecutive ones together (slices of a stack are neighbours).
    Of fewer, labels are divided by blocks of pixels, with a gap without labels between the sides; samples of one image
    with the same rows and columns, such as slices of a volume, are divided alike. Of the divisions tried, the one is
    taken that leaves each class on both sides, if any does, in the part asked for. What the dataset's own divisions put
    on a side, in an earlier round, stays there as long as frames stay where they are: a network that goes on from that
    round must not be judged by what it was taught.

    Args:
        dataset: Samples of all roles; the others stay as they are.
        part: Part of the labels that validates, 0 to 1.
        seed: The same seed divides alike.

    Returns:
        The dataset without mixed samples, with how they were divided. What cannot be divided trains.
    """
    random, known = np.random.default_rng(seed), {one.place: one for one in dataset.divisions}
    if part > 0:
        known |= _divide_images(dataset, part, random, known)
        known |= _divide_groups(dataset, part, random, known)
    groups = {_group(sample) for sample in dataset.of_role("mixed")} if part > 0 else set()
    sides = {group: _sides_of(known, group) for group in groups}
    samples = [new for sample in dataset.samples for new in _divided(sample, sides.get(_group(sample)))]
    return replace(dataset, samples=tuple(samples), divisions=tuple(known.values()))


@dataclass(frozen=True)
class _Sides:
    """Which pixels of a slice train and which validate; those in the gap do neither. Shape (rows, columns)."""

    training: Bools
    validation: Bools


def _sides_of(known: _Known, group: Place) -> _Sides | bool | None:
    """The sides of a group's pixels; whether all of them validate, where its image is on one side as a whole."""
    whole, division = known.get((group[0], ())), known.get(group)
    if whole is not None:
        return bool(whole.validates)
    return None if division is None else _Blocks.of(division).sides(_marked(division.validates, _count(division)))


def _divided(sample: Sample, sides: _Sides | bool | None) -> Iterator[Sample]:
    if sample.role != "mixed":
        yield sample
    elif not isinstance(sides, _Sides):
        yield replace(sample, role="validation" if sides else "training")
    else:
        yield replace(sample, labels=np.where(sides.training, sample.labels, np.uint8(0)), role="training")
        labels = np.where(sides.validation, sample.labels, np.uint8(0))
        if labels.any():
            yield replace(sample, labels=labels, role="validation")


def _group(sample: Sample) -> Place:
    return sample.source, sample.labels.shape[1:]


def _divide_groups(dataset: Dataset, part: float, random: np.random.Generator, known: _Known) -> _Known:
    groups: dict[Place, list[Sample]] = {}
    for sample in dataset.of_role("mixed"):
        if (sample.source, ()) not in known:
            groups.setdefault(_group(sample), []).append(sample)
    classes, found = len(dataset.classes), {}
    for place, samples in groups.items():
        division = _divide(_running_sums(samples, classes), part, random, known.get(place, Division(place[0])))
        if division is not None:
            found[place] = division
    return found


def _divide(sums: Counts, part: float, random: np.random.Generator, before: Division) -> Division | None:
    """The best division of all that are tried, None where there is none; blocks that had a side before keep it."""
    best: tuple[tuple[float, ...], _Blocks, Bools] | None = None
    size = sums.shape[1] - 1, sums.shape[2] - 1
    for blocks in [_Blocks.of(before)] if before.rows else _layouts(*size, random):
        counts = blocks.counts(sums)
        lost = 1.0 - counts.sum() / max(1, int(sums[:, -1, -1].sum()))
        for chosen in _choices(counts, part, random, before):
            score = _score(counts, chosen, part, sums[:, -1, -1] > 0, lost)
            if best is None or score < best[0]:
                best = score, blocks, chosen
        if best is not None and best[0] < _GOOD_ENOUGH:
            break
    return None if best is None else best[1].division(sums, best[2], before)


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

    @classmethod
    def of(cls, division: Division) -> _Blocks:
        """The blocks of a division."""
        return cls(np.array(division.rows, np.int64), np.array(division.columns, np.int64), division.half_gap)

    def division(self, sums: Counts, chosen: Bools, before: Division) -> Division:
        """The division by these blocks, of those that validate, shape (blocks,); what had a side before keeps it."""
        labelled = replace(self, half_gap=0).counts(sums).sum(1) > 0
        validates = {*before.validates, *np.flatnonzero(labelled & chosen).tolist()}
        trains = {*before.trains, *np.flatnonzero(labelled & ~chosen).tolist()}
        rows, columns = (tuple(edges.tolist()) for edges in (self.rows, self.columns))
        return Division(before.image, rows, columns, self.half_gap, tuple(sorted(validates)), tuple(sorted(trains)))

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


def _choices(counts: Counts, part: float, random: np.random.Generator, before: Division) -> Iterator[Bools]:
    """Blocks that could validate: those that did, and of the free ones as many as make the part asked for."""
    sizes, is_first = counts.sum(1), not before.rows
    fixed, taught = (_marked(numbers, len(counts)) for numbers in (before.validates, before.trains))
    free = np.flatnonzero((sizes > 0) & ~fixed & ~taught)
    if is_first and len(free) < 2:
        return
    for _ in range(_TRIALS):
        order = random.permutation(free)
        filled = np.cumsum([sizes[fixed].sum(), *sizes[order]]) / max(1, sizes.sum())
        count = int(np.abs(filled - part).argmin())
        chosen = fixed.copy()
        chosen[order[: int(np.clip(count, 1, len(order) - 1)) if is_first else count]] = True
        yield chosen


def _marked(numbers: Iterable[int], count: int) -> Bools:
    return np.asarray(np.isin(np.arange(count), list(numbers)))


def _count(division: Division) -> int:
    return (len(division.rows) - 1) * (len(division.columns) - 1)


def _score(counts: Counts, chosen: Bools, part: float, present: Bools, lost: float) -> tuple[float, ...]:
    """The smaller the better: classes that do not train, that do not validate, how far off their parts are."""
    validation, training = counts[chosen].sum(0)[present], counts[~chosen].sum(0)[present]
    share = validation / np.maximum(1, validation + training)
    off = float(np.abs(share - part).mean())
    return float(np.sum(training == 0)), float(np.sum(validation == 0)), off + lost


def _divide_images(dataset: Dataset, part: float, random: np.random.Generator, known: _Known) -> _Known:
    """Where there are many images, a side for each that has none yet: consecutive ones validate."""
    sources = list(dict.fromkeys(sample.source for sample in dataset.of_role("mixed")))
    divided = {image for image, _ in known}
    new = np.array([n for n, name in enumerate(sources) if name not in divided], int)
    if len(sources) < MANY_IMAGES or not len(new):
        return {}
    fixed = np.array([(name, ()) in known and bool(known[name, ()].validates) for name in sources])
    counts = np.array([_count_classes(_of_source(dataset, name), len(dataset.classes)) for name in sources])
    width = round(part * len(sources)) - int(fixed.sum())
    choices = list(_runs(new, width, fixed, random))
    best = min(choices, key=lambda one: _score(counts, one, part, counts.sum(0) > 0, 0.0))
    return {(sources[n], ()): _whole(sources[n], bool(best[n])) for n in new}


def _runs(new: Counts, width: int, fixed: Bools, random: np.random.Generator) -> Iterator[Bools]:
    """Images that could validate: those that did, and so many consecutive ones of the new."""
    fewest = int(len(new) == len(fixed))
    width = int(np.clip(width, fewest, len(new) - fewest))
    for start in random.permutation(len(new) - width + 1):
        chosen = fixed.copy()
        chosen[new[start : start + width]] = True
        yield chosen
    if not fewest:
        yield fixed


def _whole(image: str, validates: bool) -> Division:
    return Division(image, validates=(0,)) if validates else Division(image, trains=(0,))


def _of_source(dataset: Dataset, name: str) -> Iterable[Sample]:
    return (sample for sample in dataset.of_role("mixed") if sample.source == name)


def _count_classes(samples: Iterable[Sample], classes: int) -> Counts:
    counts = sum(np.bincount(sample.labels.ravel(), minlength=classes + 1) for sample in samples)
    return np.asarray(counts, np.int64)[1 : classes + 1]
