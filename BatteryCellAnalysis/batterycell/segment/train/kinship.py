"""Which classes and channels of a model are those of a training: by their names, else by what it sees in the labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.apply.predict import Windows, predict_probabilities
from batterycell.segment.model.info import ModelInfo
from batterycell.segment.samples import Dataset, Sample

from .patches import seen_by

Floats = NDArray[np.float64]
# A few windows of each frame tell which class is meant.
_EDGE, _MOST_SAMPLES = 256, 6
# Of a class' pixels; what the model sees in fewer of them is an error.
_LEAST_PART = 0.1


@dataclass(frozen=True)
class Kinship:
    """How a model's classes and channels become those of a training.

    Args:
        classes: Each class as a mean of the model's classes: shape (classes, model's classes), rows sum to 1.
        channels: What each channel gives to each of the model's, shape (channels, model's channels).
        named: Of each class, whether the model has one of its name.
    """

    classes: Floats
    channels: Floats
    named: tuple[bool, ...]


def find_kinship(info: ModelInfo, network: Any, dataset: Dataset) -> Kinship:
    """How a model's classes and channels become those of a training.

    Classes are matched by name. For others, the model is asked what it sees where they are painted in the training
    frames: a class is the mean of all of the model's classes that are mostly seen there and have no namesake; where
    there is none, the one that is seen there most.

    Args:
        info: What the model says of itself.
        network: Its network, on the CPU.
        dataset: What is learnt from.
    """
    channels = channel_shares(info.channel_names, dataset.channel_names)
    pairs = named_pairs([one.name for one in dataset.classes], [one.name for one in info.classes])
    named = tuple(number in dict(pairs) for number in range(len(dataset.classes)))
    seen = np.zeros((len(dataset.classes), len(info.classes)))
    if not all(named):
        for sample in dataset.of_role("training")[:_MOST_SAMPLES]:
            seen += _seen(info, network, sample, channels, len(dataset.classes))
    return Kinship(class_shares(seen, pairs), channels, named)


def named_pairs(names: Sequence[str], known: Sequence[str]) -> list[tuple[int, int]]:
    """Numbers of the classes (one's own, the model's) that are called alike, in capital or small letters."""
    places = {name.strip().casefold(): number for number, name in enumerate(known)}
    folded = [name.strip().casefold() for name in names]
    return [(number, places[name]) for number, name in enumerate(folded) if name in places]


def class_shares(seen: Floats, pairs: Iterable[tuple[int, int]]) -> Floats:
    """`Kinship.classes`, from pixels painted as each class and seen as each of the model's, and from namesakes."""
    shares: Floats = np.zeros(seen.shape)
    for own, its in pairs:
        shares[own, its] = 1.0
    parts = seen / np.maximum(seen.sum(1, keepdims=True), 1.0)
    mostly, has_none = parts.argmax(0), shares.sum(1) == 0
    is_free = (shares.sum(0) == 0) & (parts.max(0) > _LEAST_PART)
    for its in np.flatnonzero(is_free & has_none[mostly]).tolist():
        shares[mostly[its], its] = 1.0
    for own in np.flatnonzero(~shares.any(1)).tolist():
        shares[own] = parts[own] == parts[own].max() if seen[own].any() else 1.0
    return np.asarray(shares / shares.sum(1, keepdims=True))


def channel_shares(names: Sequence[str], known: Sequence[str]) -> Floats:
    """`Kinship.channels`: namesakes are one; the others meet in order where they are as many, else in their mean.

    Args:
        names: The model's channels.
        known: Those of the training.
    """
    shares = np.zeros((len(known), len(names)))
    for own, its in named_pairs(known, names):
        shares[own, its] = 1.0
    left, lost = np.flatnonzero(~shares.any(1)), np.flatnonzero(~shares.any(0))
    shares[np.ix_(left, lost)] = np.eye(len(left)) if len(left) == len(lost) else 1.0 / max(1, len(left))
    return shares


def _seen(info: ModelInfo, network: Any, sample: Sample, channels: Floats, classes: int) -> Floats:
    """Sums of the model's probabilities over a frame's painted pixels, by class."""
    spec = info.network
    image = np.einsum("np,nkji->pkji", channels, seen_by(sample, spec)).astype(np.float32)
    spots = np.argwhere(sample.labels.max(0) > 0)
    row, column = (max(0, int(place) - _EDGE // 2) for place in np.median(spots, axis=0)) if len(spots) else (0, 0)
    part = (..., slice(row, row + _EDGE), slice(column, column + _EDGE))
    found = predict_probabilities(network, image[part], spec, "cpu", Windows(context=spec.margin), Progress())
    labels = sample.labels[part]
    return np.stack([found[:, labels == number + 1].sum(1) for number in range(classes)]).astype(np.float64)
