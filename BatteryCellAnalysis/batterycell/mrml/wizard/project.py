"""The project of a scene as what a training learns from: through the same functions as on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.mrml.loaded import is_voxel_size_known
from batterycell.progress import Progress
from batterycell.segment import Dataset, Frame, TrainSettings
from batterycell.segment.data.checks import Problem, find_problems
from batterycell.segment.data.contents import Project
from batterycell.segment.data.dataset import make_dataset
from batterycell.volume import Volume

from .classes import all_labels, classes_of, labels_of, sync_classes
from .frames import frame_nodes, frames_of
from .images import channel_nodes, image_name, image_of
from .labels import painted_outside, read_codes
from .layers import layers_of
from .region import Region, region_of
from .snapshot import stamp_of

_NO_PROGRESS = Progress()
_KEPT = "_batterycell_problems"


def scene_project(scene: Any) -> Project:
    """The project of a scene: classes, the images that have frames, their labels about these frames, the frames.

    Raises:
        InputError: if an image cannot be used, or segments overlap where a frame is.
    """
    sync_classes(scene)
    nodes = _framed(scene)
    labels = {image_name(node): _labels_about(node, frames_of(scene, node)) for node in nodes}
    known = {name: volume for name, volume in labels.items() if volume is not None}
    return Project(classes_of(scene), tuple(image_of(node) for node in nodes), known, tuple(frames_of(scene)))


def scene_dataset(scene: Any, settings: TrainSettings, progress: Progress = _NO_PROGRESS) -> Dataset:
    """What a training learns from in a scene.

    Args:
        scene: The scene.
        settings: How it will train.
        progress: Told after every frame.

    Raises:
        InputError: if there is nothing to learn from, or something cannot be used.
    """
    return make_dataset(scene_project(scene), settings, progress)


def problems_of(scene: Any, settings: TrainSettings) -> list[Problem]:
    """What is missing before a training can start: errors first, then warnings; at once where nothing has changed."""
    sync_classes(scene)
    state = stamp_of(scene), settings
    known: tuple[Any, list[Problem]] = getattr(scene, _KEPT, (None, []))
    if known[0] != state:
        found = sorted(_problems(scene, settings), key=lambda problem: problem.severity != "error")
        known = state, found
        setattr(scene, _KEPT, known)
    return known[1]


def _problems(scene: Any, settings: TrainSettings) -> Iterator[Problem]:
    try:
        yield from find_problems(scene_dataset(scene, settings), settings)
    except InputError as error:
        yield Problem(error.code, error.message, error.hint)
    for node in _framed(scene):
        yield from _image_problems(node)


def _image_problems(volume_node: Any) -> Iterator[Problem]:
    name, labels = image_name(volume_node), labels_of(volume_node)
    if not all(is_voxel_size_known(node) for node in channel_nodes(volume_node)):
        message = f"The voxel size of {name} is unknown: it stands at 1 mm, as programs write that do not know it."
        yield Problem("voxel-size-unknown", message, "Type the voxel size of the image.")
    outside = painted_outside(labels) if labels is not None else 0
    if outside:
        message = f"{outside} painted pixels lie outside the image {name}; nothing is learned from them."
        yield Problem("labels-outside", message, "Erase them, or see whether the labels belong to it.", "warning")


def _framed(scene: Any) -> list[Any]:
    """The volumes that have frames, in the order of their labels."""
    framed = [volume_node_of(roi) for roi in frame_nodes(scene)]
    nodes = [volume_node_of(node) for node in all_labels(scene)]
    return [node for node in nodes if node in framed]


def _labels_about(volume_node: Any, frames: Sequence[Frame]) -> Volume | None:
    """The labels of an image in its frames, as one block; None where nothing is painted in any.

    Between frames the block stays unread, which costs neither time nor memory.
    """
    labels_node, image = labels_of(volume_node), volume_of(volume_node)
    painted = [layer.region for layer in layers_of(labels_node) if layer.region is not None]
    about = [region_of(frame, image, margin=1) for frame in frames]
    known = [part for one in about for layer in painted if one is not None and (part := one.common(layer))]
    if not known:
        return None
    block = reduce(Region.union, known)
    codes = np.zeros(block.shape, np.uint8)
    for part in known:
        codes[part.slices_in(block)] = read_codes(labels_node, part)
    return replace(block.crop(image), array=codes)
