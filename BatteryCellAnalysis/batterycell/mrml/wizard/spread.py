"""Pixels of a frame and voxels of its image: which belong to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.data.grid import Grid
from batterycell.volume import Volume

from .region import Places, Region, region_about

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

# Half-way between two voxels, indices are moved by so much: rounding must not decide, as others round otherwise.
TIE = 1e-6


def spread(labels: Volume, image: Volume) -> tuple[Region | Places, Codes]:
    """Labels on any grid at the voxels of an image.

    A voxel takes the label of the pixel in which its centre lies; of a rectangle, also a voxel that it only cuts, so
    that an oblique one shows no holes. The voxel nearest to a pixel's centre takes that one's label: what is read on
    the same pixels is what was written, except where an oblique frame has two pixels in one voxel (1 to 8 of 100).

    Args:
        labels: uint8; one slice for a rectangle.
        image: The image's grid.

    Returns:
        The voxels, of a rectangle one by one, of a box as a block; and their labels, 0 beside the frame. None of them
        where it lies outside the image.
    """
    region = region_about(Grid.of(labels), image)
    if region is None:
        return np.zeros((3, 0), np.int64), np.zeros(0, np.uint8)
    if labels.array.shape[0] == 1:
        return _spread_slice(labels, image, region)
    return region, _spread_box(labels, region.crop(image))


def nearest_voxels(grid: Grid, image: Volume, tie: float = 0.0) -> Places:
    """The voxels of an image in which those of a grid have their centres.

    Args:
        grid: The grid.
        image: The image's grid.
        tie: What is added to indices, for half-way between two voxels.

    Returns:
        (k, j, i), shape (3, slices, rows, columns); -1 outside the image.
    """
    places = _nearest(_mapped(grid.in_voxels_of(image), np.indices(grid.shape)), tie)
    return np.where(_lie_in(places, image.array.shape), places, -1)


def _spread_slice(labels: Volume, image: Volume, region: Region) -> tuple[Places, Codes]:
    matrix = Grid.of(image).in_voxels_of(labels)
    cut = _cut_voxels(matrix, region)
    own = cut, _codes_at(labels, _mapped(matrix, cut))
    nearest = [_at_centres(labels, image, tie) for tie in (TIE, -TIE)]
    # Several pixels share a voxel where they are finer: its own comes last, and stays.
    is_finer = np.linalg.norm(matrix[:3, :2], axis=0).max() > 1.0 + TIE
    order = [*nearest, own] if is_finer else [own, *nearest]
    return _last_of_each(np.hstack([one for one, _ in order]), np.concatenate([codes for _, codes in order]), image)


def _spread_box(labels: Volume, block: Volume) -> Codes:
    matrix, shape = Grid.of(block).in_voxels_of(labels), block.array.shape
    slices = (np.mgrid[k : k + 1, : shape[1], : shape[2]] for k in range(shape[0]))
    return np.concatenate([_codes_at(labels, _mapped(matrix, voxels)) for voxels in slices])


def _cut_voxels(matrix: Floats, region: Region) -> Places:
    """The voxels of a region that a plane cuts, shape (3, n); the matrix leads from (i, j, k) to slices from it."""
    weights, start = matrix[2, 2::-1], matrix[2, 3]
    across = int(np.abs(weights).argmax())
    reach = max(0.5, float(np.abs(weights).sum()) / 2) + TIE
    low, high = np.array(region.start), np.array(region.stop)
    low[across], high[across] = 0, 1
    places = np.indices(high - low).reshape(3, -1) + low[:, None]
    # A plane is met within two voxels along the axis that it faces most.
    middle = np.rint(-(weights @ places + start) / weights[across]).astype(np.int64)
    tried = np.repeat(places[:, None], 5, axis=1)
    tried[across] = middle + np.arange(-2, 3)[:, None]
    tried = tried.reshape(3, -1)
    is_cut = np.abs(weights @ tried + start) <= reach
    inside = _lie_in(tried - np.array(region.start)[:, None], region.shape)
    return np.asarray(tried[:, is_cut & inside])


def _codes_at(labels: Volume, index: Floats) -> Codes:
    """The labels at continuous indices (k, j, i), shape (3, ...); of a single slice, however far before or behind."""
    whole = _nearest(index, TIE)
    if len(labels.array) == 1:
        whole[0] = 0
    inside = _lie_in(whole, labels.array.shape)
    codes = np.zeros(inside.shape, np.uint8)
    codes[inside] = labels.array[tuple(whole[:, inside])]
    return codes


def _at_centres(labels: Volume, image: Volume, tie: float) -> tuple[Places, Codes]:
    """The voxels nearest to the pixels' centres, shape (3, n), and the pixels' labels."""
    places = nearest_voxels(Grid.of(labels), image, tie).reshape(3, -1)
    inside = places[0] >= 0
    return places[:, inside], labels.array.reshape(-1)[inside]


def _last_of_each(places: Places, codes: Codes, image: Volume) -> tuple[Places, Codes]:
    """Voxels without repetition, each with the last of its labels that says anything."""
    known = codes > 0
    places, codes = places[:, known], codes[known]
    flat = np.ravel_multi_index(tuple(places), image.array.shape)
    _, last = np.unique(flat[::-1], return_index=True)
    return places[:, ::-1][:, last], codes[::-1][last]


def _mapped(matrix: Floats, kji: Places) -> Floats:
    """Indices (k, j, i), shape (3, ...), mapped by a matrix in (i, j, k)."""
    moved = np.tensordot(matrix[2::-1, 2::-1], kji, axes=1)
    return np.asarray(moved + matrix[2::-1, 3].reshape(3, *[1] * (kji.ndim - 1)))


def _nearest(index: Floats, tie: float) -> Places:
    return np.floor(index + (0.5 + tie)).astype(np.int64)


def _lie_in(places: Places, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    limits = np.array(shape).reshape(3, *[1] * (places.ndim - 1))
    return np.asarray(np.all((places >= 0) & (places < limits), axis=0))
