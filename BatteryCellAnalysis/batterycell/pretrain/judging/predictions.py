"""What a model says of generated samples, and how that agrees with what they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.pretrain.plan import family_of
from batterycell.progress import Progress
from batterycell.segment.apply.predict import predict_probabilities
from batterycell.segment.evaluate.confusion import count_confusion
from batterycell.segment.evaluate.scores import ImageScores
from batterycell.segment.model import LoadedModel
from batterycell.segment.samples import Sample

from .reliability import Reliability, count_reliability


@dataclass(frozen=True)
class Judged:
    """What was counted over samples.

    Args:
        images: One a sample, its family as its source.
        reliability: Of all pixels together.
    """

    images: tuple[ImageScores, ...]
    reliability: Reliability

    @property
    def families(self) -> tuple[str, ...]:
        """The families, in order."""
        return tuple(dict.fromkeys(one.source for one in self.images))

    def whole(self, family: str = "") -> ImageScores:
        """A family as one image; all of them where none is named."""
        matrices = [one.matrix for one in self.images if family in ("", one.source)]
        return ImageScores(family or "all", np.sum(matrices, axis=0), source=family)


def judge(model: LoadedModel, samples: Sequence[Sample], progress: Progress) -> Judged:
    """Count how a model's labels and its certainty agree with the truth.

    Args:
        model: The model, on the CPU or a graphics card.
        samples: With labels of its classes.
        progress: Told after each.
    """
    images, reliability = [], Reliability()
    for sample, predicted in predictions(model, samples, progress):
        found = np.asarray(predicted.argmax(0) + 1, np.uint8)[None]
        matrix = count_confusion(sample.labels, found, len(model.info.classes))
        images.append(ImageScores(sample.name, matrix, source=family_of(sample)))
        reliability += count_reliability(predicted, sample.labels[0])
    return Judged(tuple(images), reliability)


def predictions(
    model: LoadedModel, samples: Iterable[Sample], progress: Progress
) -> Iterator[tuple[Sample, NDArray[np.float32]]]:
    """Each sample with the probability of each class, (classes, rows, columns)."""
    listed = list(samples)
    for number, sample in enumerate(listed):
        progress.report(number / len(listed), f"judging the model, image {number + 1} of {len(listed)}")
        yield sample, predict_probabilities(model.network, sample.normalised, model.info.network)[:, 0]
