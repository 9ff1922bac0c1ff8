"""Follow a sheet upward on half-planes, out of the windings and along its overhang."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.winding import EndPlanes, Sheets

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

FENCE = np.float32(-1e9)  # value of places that no path may cross
_FORBIDDEN = 1e4
_MAX_STEP = 2  # columns a path may move a row: with two samples a voxel, a lean of 45° in cubic voxels
_FLANK_VOXELS = 1.5  # how far the blurred flank of metal reaches along the axis
_STEP_COST = 0.35  # against a contrast of 1 gained by following the ridge


def contrast_image(planes: EndPlanes, sheets: Sheets) -> Image:
    """Contrast of every place against its two sides: grey − (left + right) / 2, shape (a, h, r).

    The sides lie where the windings show the dark beside an anode. Zero near metal (can, groove, cap), whose
    blurred flank would pass for a sheet.
    """
    sigma = 0.05 * sheets.pitch_mm / planes.radius_step
    smooth: Image = ndimage.gaussian_filter1d(planes.grey, sigma, axis=2)
    side = max(1, round(sheets.valley_mm / planes.radius_step))
    contrast: Image = smooth.copy()
    contrast[:, :, side:-side] -= 0.5 * (smooth[:, :, 2 * side :] + smooth[:, :, : -2 * side])
    contrast[:, :, :side] = contrast[:, :, -side:] = 0.0
    contrast[near_metal(planes, sheets)] = 0.0
    return contrast


def near_metal(planes: EndPlanes, sheets: Sheets) -> NDArray[np.bool_]:
    """Where metal is within reach of a sheet's sides, shape (a, h, r)."""
    wall = np.percentile(planes.grey, 99.5)
    metal = planes.grey > max(0.5 * (sheets.cathode_grey + wall), 1.2 * sheets.cathode_grey)
    across = 2 * round((sheets.valley_mm + planes.voxel_across_mm) / planes.radius_step) + 1
    along = 2 * round(_FLANK_VOXELS * planes.voxel_axial_mm / planes.height_step) + 1
    return np.asarray(ndimage.maximum_filter(metal.view(np.uint8), (1, along, across)).view(bool))


@dataclass(frozen=True)
class Strips:
    """Values around straight lines through half-planes.

    Args:
        values: Shape (n, h, w): line, row, offset.
        offsets: Offset of each column from its line in mm, shape (w,).
    """

    values: NDArray[np.float32]
    offsets: Floats


def cut_strips(image: Image, planes: EndPlanes, angle: NDArray[np.int64], radius: Floats,
               half_width: float) -> Strips:  # fmt: skip
    """Strips of an image (a, h, r) around lines at constant radius, one for each angle index and radius (n,)."""
    reach = int(half_width / planes.radius_step)
    offsets = planes.radius_step * np.arange(-reach, reach + 1, dtype=float)
    position = (radius - planes.radii[0]) / planes.radius_step
    whole = np.floor(position).astype(int)
    share = np.clip(position - whole, 0, 1).astype(np.float32)
    values = np.empty((len(radius), image.shape[1], len(offsets)), np.float32)
    for n, (a, middle) in enumerate(zip(angle, whole, strict=True)):
        columns = _columns(image[a], middle - reach, len(offsets) + 1)
        left, right = columns[:, :-1], columns[:, 1:]
        values[n] = left + share[n] * (right - left)
        values[n][(left == FENCE) | (right == FENCE)] = FENCE
    return Strips(values, offsets)


def _columns(image: Image, first: int, count: int) -> Image:
    """Some columns of an image (h, r) in a row; beyond its border those at the border."""
    if first >= 0 and first + count <= image.shape[1]:
        return image[:, first : first + count]
    return image[:, np.clip(np.arange(first, first + count), 0, image.shape[1] - 1)]


def follow_ridges(strips: Strips, first: NDArray[np.int64], start_width: Floats, scale: float) -> Floats:
    """Offset in mm of the best ridge through every strip at every row, shape (n, h).

    Dynamic programming over rows (as in the live wire of Mortensen & Barrett 1995): the path collects value / scale
    and pays for the square of its steps. It begins at its own first row (n,), within ± start_width (n,) of the middle.
    """
    values = np.where(strips.values == FENCE, -_FORBIDDEN, np.clip(strips.values / scale, -1.0, 1.5))
    width = values.shape[2]
    start = np.where(np.abs(strips.offsets) <= start_width[:, None], 0.0, -1e6).astype(np.float32)
    total = start
    back = np.empty(values.shape, np.int8)
    steps = range(-_MAX_STEP, _MAX_STEP + 1)
    for row in range(values.shape[1]):
        padded = np.pad(total, ((0, 0), (_MAX_STEP, _MAX_STEP)), constant_values=-1e9)
        options = np.stack([padded[:, _MAX_STEP + s : _MAX_STEP + s + width] - _STEP_COST * s * s for s in steps])
        begun = (row > first)[:, None]
        back[:, row] = np.where(begun, options.argmax(axis=0) - _MAX_STEP, 0)
        total = np.where(begun, options.max(axis=0), start) + values[:, row]
    return _walk_back(total, back, strips.offsets)


def _walk_back(total: Image, back: NDArray[np.int8], offsets: Floats) -> Floats:
    lines = np.arange(len(total))
    column = total.argmax(axis=1)
    path = np.empty(back.shape[:2])
    for row in range(back.shape[1] - 1, -1, -1):
        path[:, row] = offsets[column]
        column = column + back[lines, row, column]
    return path


def sample_along(image: Image, planes: EndPlanes, angle: NDArray[np.int64], radius: Floats) -> Floats:
    """Values of an image (a, h, r) along paths with a radius for every row, radius (n, h); result (n, h)."""
    position = np.clip((radius - planes.radii[0]) / planes.radius_step, 0, image.shape[2] - 1.001)
    low = position.astype(int)
    rows = np.arange(image.shape[1])
    left, right = image[angle[:, None], rows, low], image[angle[:, None], rows, low + 1]
    return np.asarray(left + (position - low) * (right - left), float)


def fence(planes: EndPlanes, image: Image, angle: NDArray[np.int64], radius: Floats, half_width: float) -> Image:
    """A copy of an image (a, h, r) that no path can cross within half_width mm of paths (n, h); NaN: no fence there."""
    fenced: Image = image.copy()
    path, rows = np.nonzero(np.isfinite(radius))
    column = np.round((radius[path, rows] - planes.radii[0]) / planes.radius_step).astype(int)
    reach = round(half_width / planes.radius_step)
    for offset in range(-reach, reach + 1):
        fenced[angle[path], rows, np.clip(column + offset, 0, image.shape[2] - 1)] = FENCE
    return fenced
