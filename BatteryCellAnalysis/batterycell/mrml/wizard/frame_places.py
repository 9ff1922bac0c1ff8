"""Where frames lie: taken from a slice view or a block of voxels, and snapped to whole voxels."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment import Frame
from batterycell.segment.data.grid import voxel_along
from batterycell.volume import Volume

from .region import Region, region_of

Floats = NDArray[np.float64]

# Axes are the image's own when they differ by less, about 0.05°; saved scenes keep that.
_ALONG = 1e-3
# A frame thinner than this many voxels is a rectangle.
_RECTANGLE = 1.5
# Rows and columns of a slice across each voxel axis (i, j, k): rows run along the later one.
_PLANES = {0: (1, 2, 0), 1: (0, 2, 1), 2: (0, 1, 2)}


def slice_frame(name: str, volume: Volume, plane: Floats, size_mm: tuple[float, float]) -> Frame:
    """The frame that a slice view shows.

    Args:
        name: Its name.
        volume: Its image.
        plane: (4, 4), slice to the volume's own RAS: x to the right, y up; the origin in the middle of the view.
        size_mm: Width and height of the view.

    Returns:
        Whole voxels in the image's own order where the slice lies along its axes; else a rectangle as the view shows
        it, one voxel thick. Cut to the image.

    Raises:
        InputError: if the view does not show the image.
    """
    axes = voxel_axes(volume, plane[:3, :3])
    frame = _oblique(name, volume, plane, size_mm) if axes is None else _straight(name, volume, plane, size_mm)
    if frame is None:
        message = f"The view does not show the image {volume.name}."
        raise InputError("frame-outside", message, "Bring the image into the view and add the frame again.")
    return frame


def snapped(frame: Frame, volume: Volume) -> Frame:
    """The frame of the nearest whole voxels, cut to the image, where its axes are the image's own; else itself.

    A rectangle stays one voxel thick in either case.
    """
    axes = voxel_axes(volume, np.array(frame.axes))
    if axes is None or region_of(frame, volume) is None:
        return _thin(frame, volume)
    frame = _thin(frame, volume)
    middle = volume.to_ijk(frame.centre_mm)
    counts = np.ones(3)
    counts[list(axes)] = np.maximum(1, np.rint(np.array(frame.size_mm) / volume.spacing_mm[list(axes)]))
    start = np.floor(middle - counts / 2 + 1 + 1e-6).astype(int)
    region = Region.at(start[::-1], counts[::-1]).common(Region.of(volume))
    return frame if region is None else _of_region(frame, volume, region, axes)


def narrowed(frame: Frame, volume: Volume, pixels: int) -> Frame:
    """The middle of a frame, its columns and rows at most so many voxels long."""
    most = [pixels * voxel_along(volume, axis) for axis in np.array(frame.axes).T[:2]]
    width, height, thickness = frame.size_mm
    return snapped(replace(frame, size_mm=(min(width, most[0]), min(height, most[1]), thickness)), volume)


def is_rectangle(frame: Frame, volume: Volume) -> bool:
    """Whether a frame is one voxel of its image thick."""
    return frame.size_mm[2] < _RECTANGLE * voxel_along(volume, np.array(frame.axes)[:, 2])


def box_frame(name: str, volume: Volume, region: Region) -> Frame:
    """The frame of a block of voxels."""
    return Frame.of_voxels(name, volume.name, volume, region.start, region.stop)


def _straight(name: str, volume: Volume, plane: Floats, size_mm: tuple[float, float]) -> Frame | None:
    """The whole voxels of a slice across a voxel axis."""
    across = voxel_axes(volume, plane[:3, :3])
    if across is None:
        return None
    normal = across[2]
    corners = np.array([[x, y, 0.0] for x, y in product((-0.5, 0.5), repeat=2)]) * [*size_mm, 0.0]
    ijk = volume.to_ijk(corners @ plane[:3, :3].T + plane[:3, 3])
    low, high = np.ceil(ijk.min(0) - 0.499).astype(int), np.floor(ijk.max(0) + 0.499).astype(int) + 1
    low[normal] = np.floor(ijk[0, normal] + 0.5 + 1e-6)
    high[normal] = low[normal] + 1
    region = Region.at(low[::-1], (high - low)[::-1]).common(Region.of(volume))
    bare = Frame(name, volume.name, (0.0, 0.0, 0.0), (), (1.0, 1.0, 1.0))
    return _of_region(bare, volume, region, _PLANES[normal]) if region else None


def _of_region(frame: Frame, volume: Volume, region: Region, axes: tuple[int, int, int]) -> Frame:
    """A frame over whole voxels whose columns, rows and slices run along these voxel axes (i, j, k)."""
    block = box_frame(frame.name, volume, region)
    order = list(axes)
    columns = np.array(block.axes)[:, order]
    if frame.axes:
        # The frame's own directions, so that its pixels do not change their order.
        columns = columns * np.sign(np.sum(columns * np.array(frame.axes), axis=0))
    size = np.array(block.size_mm)[order]
    return replace(frame, centre_mm=block.centre_mm, axes=_rows(columns), size_mm=tuple(size.tolist()))


def _oblique(name: str, volume: Volume, plane: Floats, size_mm: tuple[float, float]) -> Frame | None:
    axes = plane[:3, :3] * [1.0, -1.0, -1.0]
    shown = _section(volume, plane)
    low, high = np.maximum(shown.min(0), -np.array(size_mm) / 2), np.minimum(shown.max(0), np.array(size_mm) / 2)
    pixel = np.array([voxel_along(volume, axis) for axis in axes.T])
    counts = np.floor((high - low) / pixel[:2])
    if not len(shown) or (counts < 1).any():
        return None
    centre = plane[:3, :2] @ ((low + high) / 2) + plane[:3, 3]
    size = (*(counts * pixel[:2]).tolist(), float(pixel[2]))
    return Frame(name, volume.name, tuple(centre.tolist()), _rows(axes), size)


def _section(volume: Volume, plane: Floats) -> Floats:
    """Where a plane cuts the edges of a volume, in the plane's x and y, shape (n, 2)."""
    shape = np.array(volume.array.shape[::-1])
    corners = np.array(list(product((0, 1), repeat=3)))
    pairs = [(a, b) for a in range(8) for b in range(a) if np.abs(corners[a] - corners[b]).sum() == 1]
    places = volume.to_ras(corners * shape - 0.5) - plane[:3, 3]
    local = places @ plane[:3, :3]
    cuts = [_crossing(local[a], local[b]) for a, b in pairs if local[a, 2] * local[b, 2] <= 0]
    return np.array(cuts).reshape(-1, 2)


def _crossing(one: Floats, other: Floats) -> Floats:
    share = one[2] / (one[2] - other[2]) if one[2] != other[2] else 0.0
    return np.asarray(one[:2] + share * (other[:2] - one[:2]))


def _thin(frame: Frame, volume: Volume) -> Frame:
    """A rectangle one voxel thick, a box as it is."""
    width, height, thickness = frame.size_mm
    if is_rectangle(frame, volume):
        thickness = voxel_along(volume, np.array(frame.axes)[:, 2])
    return replace(frame, size_mm=(width, height, thickness))


def voxel_axes(volume: Volume, axes: Floats) -> tuple[int, int, int] | None:
    """The voxel axes (i, j, k) along which columns, rows and slices run; None where they run obliquely."""
    shares = np.abs(axes.T @ (volume.ijk_to_ras[:3, :3] / volume.spacing_mm))
    first, second, third = shares.argmax(axis=1).tolist()
    along = np.allclose(shares.max(axis=1), 1.0, atol=_ALONG**2) and len({first, second, third}) == 3
    return (first, second, third) if along else None


def _rows(axes: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple((first, second, third) for first, second, third in axes.tolist())
