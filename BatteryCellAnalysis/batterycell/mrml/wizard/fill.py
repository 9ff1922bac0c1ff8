"""Labels of a model, on the pixels of a frame, into the labels of its image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_of
from batterycell.segment import UNKNOWN, Frame
from batterycell.segment.data.grid import sample_labels
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.volume import Volume

from .classes import ensure_labels, labels_of
from .frame_places import is_rectangle, voxel_axes
from .labels import Codes, read_codes
from .region import region_of
from .spread import nearest_voxels, spread
from .steps import Step, change_labels

# Voxels around a frame that an oblique one may cut.
_MARGIN = 1


def fill_frame(volume_node: Any, frame: Frame, labels: Volume | Codes, overwrite: bool = False) -> Step:
    """Fill a frame from a prediction; one `steps.undo_step` takes it back.

    Args:
        volume_node: The frame's image.
        frame: The frame.
        labels: As of ``segment_frame``; or its array alone, shape (slices, rows, columns) on the frame's own pixels. 0
            where nothing is to be filled in.
        overwrite: Whether what is painted becomes what is predicted; else only unpainted pixels are filled.

    Returns:
        The step.

    Raises:
        InputError: if the frame lies outside the image, the labels belong to another frame, or segments overlap in it.
    """
    return fill_frames(volume_node.GetScene(), [(volume_node, frame, labels)], overwrite)


def fill_frames(scene: Any, filled: Sequence[tuple[Any, Frame, Volume | Codes]], overwrite: bool = False) -> Step:
    """Fill several frames, of any images, in one step; arguments and errors as of `fill_frame`."""
    blocks = [_changed(*one, overwrite) for one in filled]
    name = filled[0][1].name if len(filled) == 1 else f"{len(filled)} frames"
    return change_labels(scene, f"Fill {name}", blocks)


def frame_codes(volume_node: Any, frame: Frame, labels_node: Any = None) -> Codes:
    """The labels in a frame, on its own pixels.

    Args:
        volume_node: Its image.
        frame: The frame.
        labels_node: A prediction of `results`; None for what was painted.

    Returns:
        Shape (slices, rows, columns); 0 beyond the image. Where segments overlap, the later class of the order.
    """
    volume, labels_node = volume_of(volume_node), labels_node or labels_of(volume_node)
    grid = frame_grid(frame, volume, Sampling())
    if labels_node is None:
        return np.full(grid.shape, UNKNOWN, np.uint8)
    if is_oblique(frame, volume):
        return read_codes(labels_node, nearest_voxels(grid, volume), later_wins=True)
    region = region_of(frame, volume, _MARGIN)
    if region is None:
        return np.full(grid.shape, UNKNOWN, np.uint8)
    codes = read_codes(labels_node, region, later_wins=True)
    return sample_labels(replace(region.crop(volume), array=codes), grid)


def is_oblique(frame: Frame, volume: Volume) -> bool:
    """Whether a frame is a rectangle at an angle: of the block around it, which may be the image, it shows little."""
    return is_rectangle(frame, volume) and voxel_axes(volume, np.array(frame.axes)) is None


def frame_volume(
    volume_node: Any, frame: Frame, codes: Codes, voxel_size_um: tuple[float, float, float] | None = None
) -> Volume:
    """Labels of a frame in their place, e.g. a preview of a training.

    Args:
        volume_node: The frame's image.
        frame: The frame.
        codes: Shape (slices, rows, columns).
        voxel_size_um: Size (z, y, x) of these pixels, as of the frame's `Sample`; None for the image's own.

    Raises:
        InputError: if the frame has another number of such pixels: it was changed meanwhile.
    """
    volume = volume_of(volume_node)
    grid = frame_grid(frame, volume, Sampling(voxel_size_um))
    if grid.shape != codes.shape:
        message = f"The frame {frame.name} has another size than when it was predicted."
        raise InputError("frame-changed", message, "Predict it again.")
    return Volume(codes, grid.ijk_to_ras, volume.voxel_size_source, frame.name)


def _changed(volume_node: Any, frame: Frame, labels: Volume | Codes, overwrite: bool) -> tuple[Any, Any, Codes]:
    """The labels' node, the voxels of its image, and their labels to be."""
    labels_node, image = ensure_labels(volume_node), volume_of(volume_node)
    placed = labels if isinstance(labels, Volume) else frame_volume(volume_node, frame, labels)
    where, predicted = spread(placed, image)
    if region_of(frame, image) is None:
        raise outside(frame)
    before = read_codes(labels_node, where)
    takes = (predicted != UNKNOWN) & (overwrite | (before == UNKNOWN))
    return labels_node, where, np.where(takes, predicted, before)


def outside(frame: Frame) -> InputError:
    """What is said of a frame that lies outside its image."""
    return InputError("frame-outside", f"The frame {frame.name} lies outside its image.", "Move or remove it.")
