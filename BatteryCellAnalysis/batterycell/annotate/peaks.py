"""Where a grey-value profile along a ruler is steep: the edges that a fit starts from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.interpolation import interpolate
from batterycell.volume import Volume

from .patches import Line

Floats = NDArray[np.float64]

# A neighbour this steep, as a share of the edge itself, is clear to the eye.
CLEAR = 0.5
# An edge counts that is at least this share as steep as the steepest within reach; a neighbour, this share.
_LEAST_STEEPNESS, _LEAST_NEIGHBOUR = 0.25, 0.1
# What is nearer may only be noise where something farther is so much steeper.
_FAR_STEEPER = 2.0
_STEPS_PER_VOXEL = 4
# Standard deviation of the smoothing along the profile, and radius of the ring over which it is averaged, in voxels.
_SMOOTHING, _RING = 0.7, 0.7
# Half length of a piece about an edge, and how far an edge's blur reaches, in voxels.
_HALF_LENGTH, _TAIL = 3.5, 1.5


def find_peaks(volume: Volume, line: Line, limits: tuple[float, float]) -> Floats:
    """Places of locally largest steepness between and a little beyond two positions in mm, and how steep, (n, 2)."""
    position, steepness = _profile(volume, line, limits)
    size = np.abs(steepness)
    inner = size[1:-1]
    top = np.flatnonzero((inner >= size[:-2]) & (inner > size[2:])) + 1
    top = top[size[top] > _LEAST_NEIGHBOUR * size.max(initial=0.0)]
    return np.column_stack([position[top], size[top]])


def nearest_first(peaks: Floats, limits: tuple[float, float]) -> list[Floats]:
    """Peaks within reach, from the nearest on: each far steeper than those before, which may only be noise."""
    reachable = peaks[(peaks[:, 0] >= limits[0]) & (peaks[:, 0] <= limits[1])]
    steep = reachable[reachable[:, 1] >= _LEAST_STEEPNESS * reachable[:, 1].max(initial=0.0)]
    nearest = steep[np.argsort(np.abs(steep[:, 0]))]
    return [peak for index, peak in enumerate(nearest) if peak[1] > _FAR_STEEPER * nearest[:index, 1].max(initial=0.0)]


def window(line: Line, peaks: Floats, peak: Floats, slope: Floats) -> tuple[tuple[float, float], Floats]:
    """Where the piece of the line about an edge begins and ends, mm, and the peaks in it, at most four, (n, 2)."""
    unit = line.voxel_mm * float(np.sqrt(1 + slope @ slope))
    away = (peaks[:, 0] - peak[0]) / unit
    clear = away[peaks[:, 1] > CLEAR * peak[1]]
    low, high = -_half_length(-clear), _half_length(clear)
    nearest = np.argsort(np.abs(away))
    seen = nearest[(away[nearest] > low - _TAIL / 3) & (away[nearest] < high + _TAIL / 3)]
    return (peak[0] + low * unit, peak[0] + high * unit), peaks[np.sort(seen[:4])]


def _half_length(clear: Floats) -> float:
    """Voxels of a piece on one side of an edge: clear neighbours are taken in whole, or their tails would pull."""
    near = clear[(clear > 0) & (clear < _HALF_LENGTH + _TAIL)]
    return max(_HALF_LENGTH, float(near.max(initial=0.0)) + _TAIL)


def _profile(volume: Volume, line: Line, limits: tuple[float, float]) -> tuple[Floats, Floats]:
    """Positions along the line in mm, and the steepness there of grey values averaged a little beside the line."""
    from scipy import ndimage

    step, spare = line.voxel_mm / _STEPS_PER_VOXEL, _HALF_LENGTH * line.voxel_mm
    position = np.arange(limits[0] - spare, limits[1] + spare + step, step)
    values = interpolate(volume, volume.to_ijk(line.points(position[:, None], _ring(line)))).astype(np.float64)
    known = np.isfinite(values)
    inside = known.any(axis=1)
    if not inside.any():
        return position, np.zeros(len(position))
    mean = np.where(known, values, 0.0)[inside].sum(axis=1) / known[inside].sum(axis=1)
    # Beyond the volume it goes on as at its border, which is no edge.
    whole = np.interp(position, position[inside], mean)
    return position, ndimage.gaussian_filter1d(whole, _SMOOTHING * _STEPS_PER_VOXEL, order=1, mode="nearest")


def _ring(line: Line) -> Floats:
    """The line itself and six places about it, mm across the line, shape (7, 2)."""
    angles = np.arange(6) * np.pi / 3
    return np.vstack([[0, 0], _RING * line.beside_mm * np.column_stack([np.cos(angles), np.sin(angles)])])
