"""Labels of a model, on the pixels of a frame, into the labels of its image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_of
from batterycell.segment import UNKNOWN, Frame
from batterycell.segment.data.grid import Grid, sample_labels
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.volume import Volume

from .classes import ensure_labels, labels_of
from .frame_places import is_rectangle, voxel_axes
from .labels import Codes, codes_at, read_codes
from .region import Region, region_of
from .steps import Step, change_labels

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# A voxel's centre on the border of two pixels belongs to the second, in spite of rounding.
TIE = 1e-6
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
    blocks = [_block(*one, overwrite) for one in filled]
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
        return codes_at(labels_node, nearest_voxels(grid, volume), later_wins=True)
    region = region_of(frame, volume, _MARGIN)
    if region is None:
        return np.full(grid.shape, UNKNOWN, np.uint8)
    codes = read_codes(labels_node, region, later_wins=True)
    return sample_labels(replace(region.crop(volume), array=codes), grid)


def is_oblique(frame: Frame, volume: Volume) -> bool:
    """Whether a frame is a rectangle at an angle: of the block around it, which may be the image, it shows little."""
    return is_rectangle(frame, volume) and voxel_axes(volume, np.array(frame.axes)) is None


def nearest_voxels(grid: Grid, volume: Volume, tie: float = 0.0) -> Whole:
    """The voxels (k, j, i) of a volume, shape (3, slices, rows, columns), in which a grid's have their centres.

    Args:
        grid: The grid.
        volume: The volume.
        tie: What is added to indices, for half-way between two voxels.

    Returns:
        -1 outside the volume.
    """
    inside, whole = _whole(_mapped(grid.in_voxels_of(volume), np.indices(grid.shape)), volume.array.shape, tie)
    return np.where(inside, whole, -1)


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


def spread(labels: Volume, block: Volume) -> Codes:
    """Labels on any grid at the voxels of a block of an image.

    A voxel takes the label of the pixel in which its centre lies; of a rectangle, also a voxel that it only cuts,
    so that an oblique one shows no holes. The voxel nearest to a pixel's centre takes that one's label: what is read on
    the same pixels is what was written.

    Args:
        labels: uint8.
        block: The grid asked for.

    Returns:
        Shape of the block; 0 elsewhere.
    """
    shape = block.array.shape
    matrix = Grid.of(block).in_voxels_of(labels)
    nearest = _scattered(labels.array, Grid.of(labels).in_voxels_of(block), shape)
    own = np.stack([_gathered(labels.array, matrix, shape, k) for k in range(shape[0])])
    # Several pixels share a voxel where they are finer.
    is_finer = np.linalg.norm(matrix[:3, :2], axis=0).max() > 1.0 + TIE
    first, second = (own, nearest) if is_finer else (nearest, own)
    return np.where(first == UNKNOWN, second, first)


def _block(volume_node: Any, frame: Frame, labels: Volume | Codes, overwrite: bool) -> tuple[Any, Region, Codes]:
    labels_node, image = ensure_labels(volume_node), volume_of(volume_node)
    region = region_of(frame, image, _MARGIN)
    if region is None:
        raise outside(frame)
    placed = labels if isinstance(labels, Volume) else frame_volume(volume_node, frame, labels)
    predicted = spread(placed, region.crop(image))
    before = read_codes(labels_node, region)
    takes = (predicted != UNKNOWN) & (overwrite | (before == UNKNOWN))
    return labels_node, region, np.where(takes, predicted, before)


def _gathered(labels: Codes, matrix: Floats, shape: tuple[int, ...], k: int) -> Codes:
    """The labels at the voxels of one slice of a block of a shape; the matrix leads from its (i, j, k) to theirs."""
    index = _mapped(matrix, np.mgrid[k : k + 1, : shape[1], : shape[2]])
    if len(labels) == 1:
        # Half of a voxel's extent across the plane.
        reach = max(0.5, float(np.abs(matrix[2, :3]).sum()) / 2)
        index[0] *= 0.5 / reach
    inside, whole = _whole(index, labels.shape, TIE)
    result = np.zeros(shape[1:], np.uint8)
    result[inside[0]] = labels[tuple(whole[:, inside])]
    return result


def _scattered(labels: Codes, matrix: Floats, shape: tuple[int, ...]) -> Codes:
    """The labels at the voxels of a block of a shape that are nearest to them; the matrix leads to its (i, j, k)."""
    result = np.zeros(shape, np.uint8)
    index = _mapped(matrix, np.indices(labels.shape))
    for tie in (TIE, -TIE, 0.0):
        # Half-way between two voxels, whoever reads it may take either.
        inside, whole = _whole(index, shape, tie)
        result[tuple(whole[:, inside])] = labels[inside]
    return result


def _mapped(matrix: Floats, kji: Whole) -> Floats:
    """Indices (k, j, i), shape (3, ...), mapped by a matrix in (i, j, k)."""
    return np.asarray(np.tensordot(matrix[2::-1, 2::-1], kji, axes=1) + matrix[2::-1, 3].reshape(3, 1, 1, 1))


def _whole(index: Floats, shape: tuple[int, ...], tie: float) -> tuple[NDArray[np.bool_], Whole]:
    """The nearest whole indices, shape (3, ...), and which of them lie in a shape."""
    whole = np.floor(index + (0.5 + tie)).astype(np.int64)
    inside = (whole >= 0) & (whole < np.array(shape).reshape(3, 1, 1, 1))
    return np.all(inside, axis=0), whole


def outside(frame: Frame) -> InputError:
    """What is said of a frame that lies outside its image."""
    return InputError("frame-outside", f"The frame {frame.name} lies outside its image.", "Move or remove it.")
