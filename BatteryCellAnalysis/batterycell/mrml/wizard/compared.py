"""What a model found and what was painted, as files that are evaluated as on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.io.segments import Segment, write_segments
from batterycell.mrml.cell import attach, role_of, volume_of
from batterycell.mrml.names import name_of
from batterycell.mrml.transforms import SEGMENTS
from batterycell.segment import UNKNOWN, Frame, SegmentClass
from batterycell.segment.data.dataset import background_label
from batterycell.volume import Volume

from .classes import classes_of
from .fill import frame_codes, frame_volume
from .frames import frames_of
from .labels import label_ids, read_labels
from .layers import layers_of
from .region import Region, region_of
from .segments import look_of

Pair = dict[str, Any]
# Frames of these roles taught the model.
TAUGHT = ("training", "mixed")


def painted_frames(volume_node: Any) -> list[Frame]:
    """The frames of an image in which something is painted, or which are said to be labelled in full."""
    frames = frames_of(volume_node.GetScene(), volume_node)
    return [frame for frame in frames if _truth(volume_node, frame).any()]


def write_frame_pairs(volume_node: Any, found: Any, folder: Path) -> list[Pair]:
    """Write the labels painted in each frame, and the prediction there, as segmentations.

    Args:
        volume_node: The image.
        found: A prediction, as of `results.add_prediction`; frames that it does not reach are left out.
        folder: Where to; it exists.

    Returns:
        The pairs, as of ``worker.evaluate``; a frame is named with its role.

    Raises:
        InputError: if nothing is painted in a frame that the prediction reaches.
    """
    frames = [frame for frame in painted_frames(volume_node) if _reaches(found, volume_node, frame)]
    if not frames:
        message = f"Nothing is painted in a frame of {name_of(volume_node)} that {name_of(found)} reaches."
        raise InputError("nothing-painted", message, "Paint in a frame, or segment the whole volume.")
    predicted = {
        frame.name: frame_volume(volume_node, frame, frame_codes(volume_node, frame, found)) for frame in frames
    }
    return write_predicted_pairs(volume_node, predicted, classes_in(found), folder)


def write_predicted_pairs(
    volume_node: Any, predicted: Mapping[str, Volume], classes: list[SegmentClass], folder: Path
) -> list[Pair]:
    """Write the labels painted in frames, and what a model found in each, as segmentations.

    Args:
        volume_node: The image.
        predicted: Labels by the frame's name, on the frame's own pixels.
        classes: The model's.
        folder: Where to; it exists.
    """
    scene = volume_node.GetScene()
    frames = [frame for frame in frames_of(scene, volume_node) if frame.name in predicted]
    pairs = []
    for number, frame in enumerate(frames):
        truth = frame_volume(volume_node, frame, _truth(volume_node, frame))
        files = [folder / f"{kind}_{number}.seg.nrrd" for kind in ("prediction", "truth")]
        _write(replace(truth, array=predicted[frame.name].array), classes, files[0])
        _write(truth, list(classes_of(scene)), files[1])
        pairs.append({"name": f"{frame.name} ({frame.role})", "prediction": str(files[0]), "truth": str(files[1])})
    return pairs


def write_whole_pair(volume_node: Any, found: Any, truth: Any, folder: Path) -> list[Pair]:
    """Write a prediction and another segmentation of the same image; each slice counts as an image.

    Args:
        volume_node: The image.
        found: A prediction.
        truth: Any ``vtkMRMLSegmentationNode`` in its place.
        folder: Where to; it exists.

    Raises:
        InputError: if the truth is empty, or its segments overlap.
    """
    for node in (found, truth):
        if not role_of(node):
            attach(volume_node, node, SEGMENTS)
    region = _reach(truth, volume_node)
    if region is None:
        message = f"{name_of(truth)} holds nothing within {name_of(volume_node)}."
        raise InputError("nothing-painted", message, "Choose another segmentation.")
    files = [folder / f"{kind}.seg.nrrd" for kind in ("prediction", "truth")]
    for node, file in zip((found, truth), files, strict=True):
        _write(read_labels(node, region), classes_in(node), file)
    return [{"name": name_of(truth), "prediction": str(files[0]), "truth": str(files[1]), "by_slice": True}]


def classes_in(segmentation_node: Any) -> list[SegmentClass]:
    """The names and colours of a segmentation's segments, in the order of their labels."""
    return [SegmentClass(*look_of(segmentation_node, one)) for one in label_ids(segmentation_node)]


def _truth(volume_node: Any, frame: Frame) -> Any:
    """What was painted in a frame; where it is labelled in full, the rest is background."""
    codes = frame_codes(volume_node, frame)
    background = background_label(classes_of(volume_node.GetScene()))
    return np.where(codes == UNKNOWN, background, codes).astype(np.uint8) if frame.full else codes


def _reaches(found: Any, volume_node: Any, frame: Frame) -> bool:
    """Whether a prediction covers the voxels of a frame, at least in part."""
    reach, region = _reach(found, volume_node), region_of(frame, volume_of(volume_node))
    return reach is not None and region is not None and region.common(reach) is not None


def _reach(segmentation_node: Any, volume_node: Any) -> Region | None:
    """The voxels of an image that a segmentation's layers cover."""
    regions = [layer.region for layer in layers_of(segmentation_node) if layer.region is not None]
    return reduce(Region.union, regions).common(Region.of(volume_of(volume_node))) if regions else None


def _write(labels: Volume, classes: list[SegmentClass], path: Path) -> None:
    segments = [Segment(one.name, one.color, number) for number, one in enumerate(classes, 1)]
    write_segments(labels, segments, path)
