"""What to label next: where a model is least sure, and where nothing like it was labelled yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.apply.blocks import predict_block
from batterycell.segment.apply.engine import prepared
from batterycell.segment.apply.frame import see_frame
from batterycell.segment.apply.plan import AXES
from batterycell.segment.apply.predict import Windows
from batterycell.segment.apply.settings import Along, ApplySettings, Box
from batterycell.segment.apply.volume import with_levels
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image
from batterycell.segment.model.bundle import LoadedModel

from .novelty import make_thumb, order_by_novelty

_DEFAULT = ApplySettings()
_SILENT = Progress()
# A frame is judged by windows of this edge, one in each quarter of it.
_WINDOW = 192
_UNLIKE = 0.7


@dataclass(frozen=True)
class Advice:
    """One frame worth labelling.

    Args:
        frame: The frame; its role is training.
        score: 0 to 1, uncertainty times novelty: the greater, the more is learned from it.
        uncertainty: Mean entropy of the probabilities of mirrored images, as a part of the greatest possible.
        novelty: 0 to 1: how unlike it looks to what is labelled, and to what is advised before it.
        reason: For people, one sentence.
    """

    frame: Frame
    score: float
    uncertainty: float
    novelty: float
    reason: str


def rank_frames(
    images: Mapping[str, Image],
    candidates: Sequence[Frame],
    model: LoadedModel,
    labelled: Sequence[Frame] = (),
    settings: ApplySettings = _DEFAULT,
    progress: Progress = _SILENT,
) -> list[Advice]:
    """Frames in the order in which to label them.

    Args:
        images: The images by name.
        candidates: Frames that could be labelled.
        model: The model as it is now.
        labelled: Frames that have labels; their like is not asked for again. Those of other images do not count.
        settings: Device and precision; levels only where all images share them.
        progress: Told after every frame; asked whether to stop.

    Returns:
        One advice a candidate, best first.

    Raises:
        InputError: if a candidate lies in an image that is not there, or outside of it.
    """
    _check_images(images, candidates)
    known = {name: with_levels(image, settings) for name, image in images.items()}
    model, _ = prepared(model, settings.device)
    unsure = []
    for number, frame in enumerate(candidates):
        progress.report(number / len(candidates), f"judging {frame.name}")
        unsure.append(_entropy(images[frame.image], frame, model, known[frame.image]))
    seen = [frame for frame in labelled if frame.image in images]
    thumbs = [make_thumb(images[frame.image], frame, known[frame.image].levels or ()) for frame in (*candidates, *seen)]
    order = order_by_novelty(unsure, thumbs[: len(candidates)], thumbs[len(candidates) :])
    return [_advice(candidates[place], unsure[place], novelty) for place, novelty in order]


def _check_images(images: Mapping[str, Image], frames: Sequence[Frame]) -> None:
    lost = next((frame for frame in frames if frame.image not in images), None)
    if lost is not None:
        message = f"The frame {lost.name} lies in an image {lost.image!r}, which is not there."
        raise InputError("image-unknown", message, f"The images are {', '.join(images)}.")


def slice_frames(image: Image, along: Along = "k", count: int = 24) -> list[Frame]:
    """Slices of an image as candidates, evenly spread.

    Args:
        image: The image.
        along: The axis along which slices are counted; k where it is "auto".
        count: At most so many.
    """
    axis = max(0, AXES.find(along))
    size = image.grid.array.shape[axis]
    numbers = np.unique(np.linspace(0, size - 1, min(size, count)).round().astype(int))
    return [_slice(image, axis, int(number)) for number in numbers]


def _slice(image: Image, axis: int, number: int) -> Frame:
    shape = image.grid.array.shape
    start = tuple(number if other == axis else 0 for other in range(3))
    stop = tuple(number + 1 if other == axis else size for other, size in enumerate(shape))
    frame = Frame.of_voxels(f"slice {AXES[axis]} {number + 1}", image.name, image.grid, start, stop)
    # Columns and rows of a frame lie in it, whichever axis runs across.
    order = {0: [0, 1, 2], 1: [0, 2, 1], 2: [1, 2, 0]}[axis]
    a, b, c = order
    axes = tuple((row[a], row[b], row[c]) for row in frame.axes)
    return replace(frame, axes=axes, size_mm=(frame.size_mm[a], frame.size_mm[b], frame.size_mm[c]))


def _entropy(image: Image, frame: Frame, model: LoadedModel, settings: ApplySettings) -> float:
    """Mean entropy of the class in some windows of a frame, 0 to 1."""
    whole, (model, device) = see_frame(image, frame, model, settings), prepared(model, settings.device)
    solid = model.info.network.dimension == "3d"
    mixed = device.mixed_precision if settings.mixed_precision is None else settings.mixed_precision
    run = (device.name, Windows(flips=not solid, mixed_precision=mixed))
    windows = _windows(whole.block, 1 if solid else 2)
    found = [predict_block(replace(whole, block=box), model, run, _SILENT) for box in windows]
    return float(np.mean([_mean_entropy(one) for one in found]))


def _mean_entropy(probabilities: NDArray[np.float32]) -> float:
    p = np.clip(probabilities, 1e-7, 1.0)
    return float(-(p * np.log(p)).sum(0).mean() / np.log(max(2, len(p))))


def _windows(block: Box, parts: int) -> list[Box]:
    """Windows in the middle of each part of a frame's middle slice; all of it where it is small."""
    (_, rows, columns), middle = block[1], block[1][0] // 2
    if max(rows, columns) <= _WINDOW * parts:
        return [((middle, 0, 0), (middle + 1, rows, columns))]
    return [
        ((middle, top, left), (middle + 1, min(rows, top + _WINDOW), min(columns, left + _WINDOW)))
        for top in _starts(rows, parts)
        for left in _starts(columns, parts)
    ]


def _starts(length: int, parts: int) -> list[int]:
    middles = [round(length * (2 * number + 1) / (2 * parts)) for number in range(parts)]
    return sorted({min(max(0, middle - _WINDOW // 2), max(0, length - _WINDOW)) for middle in middles})


def _advice(frame: Frame, uncertainty: float, novelty: float) -> Advice:
    looks = "nothing like it is labelled" if novelty >= _UNLIKE else f"it is {1 - novelty:.0%} like one that is"
    reason = f"The model is {uncertainty:.0%} unsure there, and {looks}."
    return Advice(replace(frame, role="training"), uncertainty * novelty, uncertainty, novelty, reason)
