"""Labels of a model, on the grid of a frame, into the labels of its image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_of
from batterycell.segment import UNKNOWN, Frame
from batterycell.volume import Volume

from .classes import ensure_labels
from .labels import Codes, read_codes
from .region import Region, region_of
from .steps import Step, change_labels

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# A voxel's centre on the border of two pixels belongs to the second, in spite of rounding.
_TIE = 1e-6
# Voxels around a frame in which pixels of an oblique one may lie.
_MARGIN = 1


def fill_frame(volume_node: Any, frame: Frame, labels: Codes, overwrite: bool = False) -> Step:
    """Fill a frame from a prediction; one `steps.undo_step` takes it back.

    Args:
        volume_node: The frame's image.
        frame: The frame.
        labels: Shape (slices, rows, columns) over the frame, along its axes; 0 where nothing is to be filled in.
        overwrite: Whether what is painted becomes what is predicted; else only unpainted pixels are filled.

    Returns:
        The step.

    Raises:
        InputError: if the frame lies outside the image, or segments overlap in it.
    """
    return fill_frames(volume_node.GetScene(), [(volume_node, frame, labels)], overwrite)


def fill_frames(scene: Any, filled: Sequence[tuple[Any, Frame, Codes]], overwrite: bool = False) -> Step:
    """Fill several frames, of any images, in one step; arguments and errors as of `fill_frame`."""
    blocks = [_block(*one, overwrite) for one in filled]
    name = filled[0][1].name if len(filled) == 1 else f"{len(filled)} frames"
    return change_labels(scene, f"Fill {name}", blocks)


def _block(volume_node: Any, frame: Frame, labels: Codes, overwrite: bool) -> tuple[Any, Region, Codes]:
    labels_node, image = ensure_labels(volume_node), volume_of(volume_node)
    region = region_of(frame, image, _MARGIN)
    if region is None:
        raise outside(frame)
    predicted = spread(frame, labels, region.crop(image))
    before = read_codes(labels_node, region)
    takes = (predicted != UNKNOWN) & (overwrite | (before == UNKNOWN))
    return labels_node, region, np.where(takes, predicted, before)


def spread(frame: Frame, labels: Codes, block: Volume) -> Codes:
    """The labels of a frame at the voxels of a block of its image.

    A voxel takes the label of the pixel in which its centre lies; a voxel that is the nearest one to a pixel's centre,
    as happens in oblique frames, takes that one's, so that every pixel of the frame is written.

    Args:
        frame: The frame.
        labels: Shape (slices, rows, columns) over the frame, along its axes.
        block: The grid asked for.

    Returns:
        Shape of the block; 0 elsewhere.
    """
    counts = np.array(labels.shape[::-1])
    to_pixels = np.diag([*(counts / frame.size_mm), 1.0])
    to_pixels[:3, 3] = (counts - 1) / 2
    matrix = to_pixels @ np.linalg.inv(frame.to_ras) @ block.ijk_to_ras
    nearest = _scattered(labels, np.linalg.inv(matrix), block.array.shape)
    own = np.stack([_gathered(labels, matrix, block.array.shape, k) for k in range(block.array.shape[0])])
    return np.where(own == UNKNOWN, nearest, own)


def _gathered(labels: Codes, matrix: Floats, shape: tuple[int, ...], k: int) -> Codes:
    """The labels at the voxels of one slice of a block of a shape; the matrix leads from its (i, j, k) to theirs."""
    inside, index = _whole(matrix, np.mgrid[k : k + 1, : shape[1], : shape[2]], labels.shape)
    result = np.zeros(shape[1:], np.uint8)
    result[inside[0]] = labels[tuple(index[:, inside])]
    return result


def _scattered(labels: Codes, matrix: Floats, shape: tuple[int, ...]) -> Codes:
    """The labels at the voxels of a block of a shape that are nearest to them; the matrix leads to its (i, j, k)."""
    result = np.zeros(shape, np.uint8)
    inside, index = _whole(matrix, np.indices(labels.shape), shape)
    result[tuple(index[:, inside])] = labels[inside]
    return result


def _whole(matrix: Floats, kji: Whole, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], Whole]:
    """Nearest whole indices, shape (3, ...), of places mapped by a matrix in (i, j, k), and which lie in a shape."""
    mapped = np.tensordot(matrix[2::-1, 2::-1], kji, axes=1) + matrix[2::-1, 3].reshape(3, 1, 1, 1)
    index = np.floor(mapped + 0.5 + _TIE).astype(np.int64)
    inside = (index >= 0) & (index < np.array(shape).reshape(3, 1, 1, 1))
    return np.all(inside, axis=0), index


def outside(frame: Frame) -> InputError:
    """What is said of a frame that lies outside its image."""
    return InputError("frame-outside", f"The frame {frame.name} lies outside its image.", "Move or remove it.")
