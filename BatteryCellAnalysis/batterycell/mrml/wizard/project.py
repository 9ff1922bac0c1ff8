"""The project of a scene as what a training learns from: through the same functions as on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.mrml.loaded import is_voxel_size_known
from batterycell.progress import Progress
from batterycell.segment import Dataset, Frame, TrainSettings
from batterycell.segment.data.checks import Problem, find_problems
from batterycell.segment.data.contents import Project
from batterycell.segment.data.dataset import common_voxel_size, make_dataset
from batterycell.segment.data.grid import Grid
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.segment.division import KEY as DIVISIONS
from batterycell.segment.division import read_divisions
from batterycell.segment.model.bundle import read_info
from batterycell.volume import Volume

from .classes import all_labels, classes_of, labels_of, sync_classes
from .fill import is_oblique
from .frames import frame_nodes, frames_of
from .images import channel_nodes, image_name, image_of
from .labels import Codes, painted_outside, read_codes
from .layers import layers_of
from .region import Region, region_of
from .snapshot import stamp_of
from .spread import TIE, nearest_voxels

_NO_PROGRESS = Progress()
_KEPT = "_batterycell_problems"


def scene_project(scene: Any, settings: TrainSettings) -> Project:
    """The project of a scene: classes, the images that have frames, the labels that these frames show, the frames.

    Args:
        scene: The scene.
        settings: How it will train, which decides on which pixels labels are looked for.

    Raises:
        InputError: if an image cannot be used, or segments overlap where a frame is.
    """
    sync_classes(scene)
    nodes = _framed(scene)
    frames = tuple(frames_of(scene))
    bare = Project(classes_of(scene), tuple(image_of(node) for node in nodes), {}, frames)
    how = Sampling(common_voxel_size(bare, settings) if frames else None)
    labels = {image_name(node): _labels_in(node, frames_of(scene, node), how) for node in nodes}
    return replace(bare, labels={name: volume for name, volume in labels.items() if volume is not None})


def scene_dataset(
    scene: Any, settings: TrainSettings, progress: Progress = _NO_PROGRESS, start_from: str = ""
) -> Dataset:
    """What a training learns from in a scene.

    Args:
        scene: The scene.
        settings: How it will train.
        progress: Told after every frame.
        start_from: Folder of the model that it goes on from: what taught that one does not validate this one.

    Raises:
        InputError: if there is nothing to learn from, or something cannot be used.
    """
    earlier = read_divisions(read_info(Path(start_from)).training.get(DIVISIONS)) if start_from else ()
    return make_dataset(scene_project(scene, settings), settings, progress, divisions=earlier)


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


def _labels_in(volume_node: Any, frames: Sequence[Frame], how: Sampling) -> Volume | None:
    """The labels that frames of an image show, as one block; None where nothing is painted in any.

    The rest of the block stays unread, which costs neither time nor memory.
    """
    labels_node, image = labels_of(volume_node), volume_of(volume_node)
    painted = [layer.region for layer in layers_of(labels_node) if layer.region is not None]
    about = [one for frame in frames if (one := region_of(frame, image, margin=1)) is not None]
    if not about or not painted:
        return None
    block = reduce(Region.union, about)
    codes = np.zeros(block.shape, np.uint8)
    for frame in frames:
        if is_oblique(frame, image):
            _copy_cut(labels_node, frame_grid(frame, image, how), image, (block, codes))
        else:
            _copy_block(labels_node, region_of(frame, image, margin=1), (block, codes))
    return replace(block.crop(image), array=codes) if codes.any() else None


def _copy_block(labels_node: Any, region: Region | None, target: tuple[Region, Codes]) -> None:
    """Copy the labels of a region into a block."""
    if region is not None:
        target[1][region.slices_in(target[0])] = read_codes(labels_node, region)


def _copy_cut(labels_node: Any, grid: Grid, image: Volume, target: tuple[Region, Codes]) -> None:
    """Copy the labels of the voxels that a grid cuts into a block; half-way between two voxels, of both."""
    block, codes = target
    for tie in (TIE, -TIE):
        places = nearest_voxels(grid, image, tie)
        places = places[:, places[0] >= 0]
        codes[tuple(places - np.array(block.start)[:, None])] = read_codes(labels_node, places)
