"""Frames cut out of images: their pixels and labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment.classes import UNKNOWN
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image, Levels
from batterycell.segment.samples import Sample
from batterycell.volume import UM_PER_MM, Volume

from .grid import Grid, is_inside, sample_grey, sample_labels, snapped, voxel_along

# A frame thinner than this many voxels is a rectangle, however finely it is sampled.
_RECTANGLE = 1.5


@dataclass(frozen=True)
class Sampling:
    """How frames become pixels.

    Args:
        voxel_size_um: Size (z, y, x) of the pixels in µm, along the frame's slices, rows and columns; None for the
            image's own, and for its own along the slices where z is 0.
        margin: Slices of context before and behind, for 2.5D.
        background: Label of unpainted pixels in fully labelled frames; 0 where no class is the background.
    """

    voxel_size_um: tuple[float, float, float] | None = None
    margin: int = 0
    background: int = UNKNOWN


def sample_frame(
    image: Image, labels: Volume | None, frame: Frame, levels: tuple[Levels, ...], how: Sampling
) -> Sample:
    """The pixels and labels of a frame.

    A frame along the image's axes at the image's own voxel size is a plain crop of whole voxels; else grey values are
    linearly interpolated and labels are those of the nearest voxel. Beyond the image, grey values are those of its
    border and labels are unknown.

    Args:
        image: What it lies in.
        labels: Labels on any grid in the image's RAS; None where nothing was painted.
        frame: Where.
        levels: One a channel, of the whole image.
        how: Size of the pixels, slices of context.

    Raises:
        InputError: if the frame lies outside the image, or pixels lack a label that it says they have.
    """
    grid = frame_grid(frame, image.grid, how)
    inside = is_inside(image.grid, grid)
    _check_inside(frame, inside)
    known = np.zeros(grid.shape, np.uint8) if labels is None else sample_labels(labels, grid)
    known = np.asarray(np.where(inside, known, UNKNOWN), np.uint8)
    if frame.full and frame.role != "monitoring":
        known = _completed(known, inside, frame, how.background)
    pixels = np.stack([sample_grey(channel, grid.widened(how.margin)) for channel in image.channels])
    return Sample(frame.name, image.name, pixels, known, levels, grid.voxel_size_um, frame.role, how.margin)


def frame_grid(frame: Frame, volume: Volume, how: Sampling) -> Grid:
    """Where the pixels of a frame lie: its slices, rows and columns, without margin.

    Args:
        frame: The frame.
        volume: The grid of the image it lies in.
        how: Size of the pixels.
    """
    native = native_size_mm(frame, volume)
    step = native if how.voxel_size_um is None else np.array(how.voxel_size_um[::-1]) / UM_PER_MM
    step = np.where(step > 0, step, native)
    size = np.array(frame.size_mm)
    counts = np.maximum(1, np.floor(size / step + 0.5)).astype(int)
    if size[2] < _RECTANGLE * native[2]:
        counts[2] = 1
    shift = np.diag([*step, 1.0])
    shift[:3, 3] = -(counts - 1) / 2 * step
    columns, rows, slices = counts.tolist()
    return snapped(volume, Grid((slices, rows, columns), frame.to_ras @ shift))


def native_size_mm(frame: Frame, volume: Volume) -> NDArray[np.float64]:
    """(3,): the image's own voxel size along a frame's columns, rows and slices, in mm."""
    return np.array([voxel_along(volume, direction) for direction in np.array(frame.axes).T])


def _check_inside(frame: Frame, inside: NDArray[np.bool_]) -> None:
    if not inside.any():
        message = f"The frame {frame.name} lies outside the image {frame.image}."
        raise InputError("frame-outside", message, "Move it into the image, or delete it.")


def _completed(
    labels: NDArray[np.uint8], inside: NDArray[np.bool_], frame: Frame, background: int
) -> NDArray[np.uint8]:
    """The labels of a fully labelled frame: what nobody painted is background."""
    bare = inside & (labels == UNKNOWN)
    if background == UNKNOWN and bare.any():
        message = f"{int(bare.sum())} pixels of the fully labelled frame {frame.name} on {frame.image} have no label."
        hint = "Paint them, name a class 'background' to take them, or do not mark the frame as fully labelled."
        raise InputError("frame-unlabelled", message, hint)
    return np.where(bare, np.uint8(background), labels)
