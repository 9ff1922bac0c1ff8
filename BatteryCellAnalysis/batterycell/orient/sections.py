"""Round sections of a cell, on a coarse copy of its volume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

from .several import refuse_several_behind, refuse_several_beside

Points = NDArray[np.float64]

_COARSE = 96  # voxels along each axis
_FLAT = 0.05  # of the width: in less height an axis' tilt cannot be told from the noise
_LEAST_ROUND = 0.12
_FEWEST = 2  # neighbours
_MOST = 0.6
_FEWEST_POINTS = 12  # of an outline


@dataclass(frozen=True)
class Circle:
    """A circle in one slice, in mm on the slice: (u, v) along the two array axes across."""

    slice_index: float
    u: float
    v: float
    radius: float
    residual: float


@dataclass(frozen=True)
class Sections:
    """A cell's round sections.

    Args:
        axis: Array axis (0 = k, 1 = j, 2 = i) across which they lie.
        circles: Around the cell, in rising order of their slices.
    """

    axis: int
    circles: list[Circle]

    @property
    def radius(self) -> float:
        """Usual radius in mm."""
        return float(np.median([circle.radius for circle in self.circles]))

    @property
    def usual(self) -> list[Circle]:
        """Sections of about the usual radius."""
        return [circle for circle in self.circles if abs(circle.radius - self.radius) < 0.1 * self.radius]


def find_sections(volume: Volume) -> Sections:
    """The sections across the array axis that the cell follows most closely.

    Args:
        volume: The cell: a whole volume, or one slice or a few.

    Raises:
        InputError: if nothing round lies in the volume, or more than one cell.
    """
    steps = [max(1, round(n / _COARSE)) for n in volume.array.shape]
    coarse = volume.array[:: steps[0], :: steps[1], :: steps[2]].astype(np.float32)
    air = _air_threshold(coarse)
    flat = flat_axis(volume)
    axes = range(3) if flat is None else (flat,)
    found = _roundest(_without_specks(coarse > air), (volume.spacing_mm[::-1], steps), axes)
    for axis in axes if found is None else (found.axis,):
        refuse_several_beside(volume, axis, air)
    if found is None:
        raise no_cell("The whole circumference of a cylindrical cell must lie in the volume, and metal be brighter "
                      "than air.")  # fmt: skip
    places = [(circle.slice_index * volume.spacing_mm[2 - found.axis], circle.radius) for circle in found.circles]
    refuse_several_behind(np.array(places))
    return found


def _roundest(mask: NDArray[np.bool_], grid: tuple[Points, list[int]], axes: Iterable[int]) -> Sections | None:
    """The sections across the axis across which they are roundest and most alike; None where none are round."""
    spacing, steps = grid
    best: tuple[float, Sections | None] = _LEAST_ROUND, None
    for axis in axes:
        circles = _section_circles(mask, axis, spacing * steps, steps[axis])
        if len(circles) >= max(min(4, mask.shape[axis]), mask.shape[axis] // 5):
            spread = np.median([c.residual / c.radius for c in circles]) + _spread([c.radius for c in circles])
            best = min(best, (float(spread), Sections(axis, circles)), key=lambda item: item[0])
    return best[1]


def flat_axis(volume: Volume) -> int | None:
    """The array axis along which the volume is only a slice or a few; None where it is a real volume."""
    lengths = volume.spacing_mm[::-1] * volume.array.shape
    axis = int(np.argmin(lengths))
    return axis if volume.array.shape[axis] == 1 or lengths[axis] < _FLAT * np.delete(lengths, axis).min() else None


def no_cell(hint: str) -> InputError:
    """The error of a volume without a cell."""
    return InputError("no-cell", "No round can was found in the volume", hint)


def fit_circle(points: Points) -> tuple[float, float, float, float]:
    """Centre, radius and mean absolute residual of the least-squares circle (Kåsa 1976)."""
    system = np.column_stack([points, np.ones(len(points))])
    a, b, c = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)[0]
    u, v = a / 2, b / 2
    radius = float(np.sqrt(max(c + u * u + v * v, 0.0)))
    residual = np.abs(np.hypot(points[:, 0] - u, points[:, 1] - v) - radius).mean()
    return float(u), float(v), radius, float(residual)


def _spread(values: list[float]) -> float:
    return float(np.subtract(*np.percentile(values, [75, 25])) / np.median(values))


def _air_threshold(coarse: NDArray[np.float32]) -> float:
    """A grey value between the air around the cell and its can, which is the brightest metal.

    Air is at the volume's corners and, since reconstructions often blank those, on the largest circle between them.
    """
    angle = np.radians(np.arange(0, 360, 10))
    rows, columns = (
        np.round((n - 1) / 2 * (1 + 0.95 * wave)).astype(int)
        for n, wave in zip(coarse.shape[1:], (np.sin(angle), np.cos(angle)), strict=True)
    )
    corners, circle = np.median(coarse[:, [0, 0, -1, -1], [0, -1, 0, -1]]), np.median(coarse[:, rows, columns])
    metal = np.percentile(coarse, 99)
    # Where the volume is cropped close to the cell, the circle runs in the can.
    air = max(corners, circle) if circle <= np.percentile(coarse, 75) else corners
    return float(air + 0.35 * (metal - air))


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without noise: what has two neighbours at least."""
    from scipy import ndimage

    count = ndimage.convolve(mask.astype(np.uint8), np.ones((3, 3, 3), np.uint8), mode="constant")
    return np.asarray(mask & (count > _FEWEST))


def _section_circles(mask: NDArray[np.bool_], axis: int, sizes: Points, step: int) -> list[Circle]:
    """Circles around the mask in every section across an axis that looks round."""
    v_size, u_size = np.delete(sizes, axis)
    found = []
    for index, section in enumerate(np.moveaxis(mask, axis, 0)):
        edge = _hull_points(_largest(section)) * (u_size, v_size)
        # The corners of a rectangle lie on a circle: few different points are no round outline.
        if len(np.unique(edge, axis=0)) >= _FEWEST_POINTS:
            u, v, radius, residual = fit_circle(edge)
            if residual < 0.1 * radius:
                found.append(Circle(index * step, u, v, radius, residual))
    return found


def _largest(section: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What belongs together in a section, where that is most of it: a cell without what lies beside it."""
    from scipy import ndimage

    closed = ndimage.binary_closing(np.pad(section, 3), iterations=2)[3:-3, 3:-3]  # the coarse copy has gaps
    labels, count = ndimage.label(closed)
    sizes = np.bincount(labels[section], minlength=count + 1)
    return section & (labels == sizes.argmax()) if count > 1 and sizes.max() > _MOST * sizes.sum() else section


def _hull_points(section: NDArray[np.bool_]) -> Points:
    """The outermost mask pixels in 72 directions from the mask's middle, as (u, v) indices."""
    v, u = np.nonzero(section)
    if len(u) < 12:
        return np.empty((0, 2))
    points = np.column_stack([u, v]).astype(float)
    centre = (points.min(0) + points.max(0)) / 2
    angles = np.radians(np.arange(0, 360, 5))
    reach = (points - centre) @ np.stack([np.cos(angles), np.sin(angles)])
    return np.asarray(points[np.argmax(reach, axis=0)])
