"""The can: its outer surface, sub-voxel, and the cylinder through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from batterycell.errors import InputError
from batterycell.volume import Volume

Points = NDArray[np.float64]

_RAYS = 180
_SLICES = 48
_WHOLE = 0.94  # of the rays must meet the wall; dents, tabs and noise may hide a few


@dataclass(frozen=True)
class Can:
    """The outer cylinder of a cell.

    Args:
        origin: A point on the axis, RAS mm.
        direction: Unit vector along the axis, RAS, sign arbitrary.
        outer_radius_mm: Mean outer radius of the straight wall.
        outer_diameter_sd_mm: Standard deviation of the outer diameter over the wall (ovality, dents, noise).
        u_outer_diameter_mm: Half width of the mean diameter's 95 % interval.
    """

    origin: Points
    direction: Points
    outer_radius_mm: float
    outer_diameter_sd_mm: float
    u_outer_diameter_mm: float

    @property
    def outer_diameter_mm(self) -> float:
        """Mean outer diameter of the straight wall."""
        return 2.0 * self.outer_radius_mm


def find_can(volume: Volume) -> Can:
    """Find the cylinder of a cell's outer wall.

    The wall's outer edge is where the grey value has risen halfway from the air outside to the wall, on rays in
    slices across the array axis that the cell follows most closely; a cylinder is fitted to the edges robustly, so
    that groove, crimp, dents and tabs do not pull it.

    Args:
        volume: The cell.

    Returns:
        The can.

    Raises:
        InputError: if there is no round can, or the volume's border cuts it lengthwise.
    """
    axis, circles = _coarse_axis(volume)
    points, expected = _outer_edges(volume, axis, circles)
    _refuse_cut_can(points, expected)
    return _fit_cylinder(volume, points, axis)


@dataclass(frozen=True)
class _Circle:
    """A circle in one slice, in mm on the slice: (u, v) along the two array axes across."""

    slice_index: float
    u: float
    v: float
    radius: float
    residual: float


def _coarse_axis(volume: Volume) -> tuple[int, list[_Circle]]:
    """The array axis (0 = k, 1 = j, 2 = i) across which the cell's sections are round, and those sections."""
    steps = [max(1, round(n / 96)) for n in volume.array.shape]
    coarse = volume.array[:: steps[0], :: steps[1], :: steps[2]].astype(np.float32)
    mask = coarse > _air_threshold(coarse)
    sizes = volume.spacing_mm[::-1] * steps
    best: tuple[float, int, list[_Circle]] = (np.inf, 0, [])
    for axis in range(3):
        circles = _section_circles(mask, axis, sizes, steps[axis])
        if len(circles) >= max(4, mask.shape[axis] // 5):
            spread = np.median([c.residual / c.radius for c in circles]) + _spread([c.radius for c in circles])
            best = min(best, (float(spread), axis, circles), key=lambda item: item[0])
    if best[0] > 0.12:
        raise InputError(
            "no-cell",
            "No round can was found in the volume",
            "The whole circumference of a cylindrical cell must lie in the volume, and metal be brighter than air.",
        )
    return best[1], best[2]


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


def _section_circles(mask: NDArray[np.bool_], axis: int, sizes: Points, step: int) -> list[_Circle]:
    """Circles around the mask in every section across an axis that looks round."""
    sections = np.moveaxis(mask, axis, 0)
    v_size, u_size = np.delete(sizes, axis)
    found = []
    for index, section in enumerate(sections):
        edge = _hull_points(section) * (u_size, v_size)
        if len(edge) >= 12:
            u, v, radius, residual = _fit_circle(edge)
            if residual < 0.1 * radius:
                found.append(_Circle(index * step, u, v, radius, residual))
    return found


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


def _fit_circle(points: Points) -> tuple[float, float, float, float]:
    """Centre, radius and mean absolute residual of the least-squares circle (Kåsa 1976)."""
    system = np.column_stack([points, np.ones(len(points))])
    a, b, c = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)[0]
    u, v = a / 2, b / 2
    radius = float(np.sqrt(max(c + u * u + v * v, 0.0)))
    residual = np.abs(np.hypot(points[:, 0] - u, points[:, 1] - v) - radius).mean()
    return float(u), float(v), radius, float(residual)


def _outer_edges(volume: Volume, axis: int, circles: list[_Circle]) -> tuple[Points, int]:
    """Outer wall edges as (i, j, k) indices, shape (n, 3), and how many rays were cast."""
    radius = float(np.median([c.radius for c in circles]))
    good = [c for c in circles if abs(c.radius - radius) < 0.1 * radius]
    chosen = [good[n] for n in np.unique(np.linspace(0, len(good) - 1, _SLICES).astype(int))]
    sections = np.moveaxis(volume.array, axis, 0)
    v_size, u_size = np.delete(volume.spacing_mm[::-1], axis)
    edges = []
    for circle in chosen:
        section = sections[round(circle.slice_index)].astype(np.float32)
        u, v = _ray_edges(section, circle, radius, (float(u_size), float(v_size)))
        edges.append(np.column_stack([np.full(len(u), round(circle.slice_index)), v, u]))
    kji = np.concatenate(edges)
    return np.insert(kji[:, 1:], axis, kji[:, 0], axis=1)[:, ::-1], len(chosen) * _RAYS


def _ray_edges(
    section: NDArray[np.float32], circle: _Circle, radius: float, sizes: tuple[float, float]
) -> tuple[Points, Points]:
    """Where rays from outside first meet the wall halfway between air and its grey value, as pixel indices."""
    step = 0.5 * min(sizes)
    reach = np.arange(1.12 * radius, 0.8 * radius, -step)
    angle = np.radians(np.arange(_RAYS) * 360 / _RAYS)[:, None]
    u = (circle.u + np.cos(angle) * reach) / sizes[0]
    v = (circle.v + np.sin(angle) * reach) / sizes[1]
    grey = ndimage.map_coordinates(section, [v, u], order=1, mode="nearest")
    inside = (u >= 0) & (v >= 0) & (u <= section.shape[1] - 1) & (v <= section.shape[0] - 1)
    crossing, found = _first_rise(grey)
    rows = np.flatnonzero(found)
    at = crossing[rows]
    rows, at = rows[inside[rows, at.astype(int)]], at[inside[rows, at.astype(int)]]
    distance = reach[0] - at * step
    return (circle.u + np.cos(angle[rows, 0]) * distance) / sizes[0], (
        circle.v + np.sin(angle[rows, 0]) * distance
    ) / sizes[1]


def _first_rise(grey: NDArray[np.float32]) -> tuple[Points, NDArray[np.bool_]]:
    """Continuous sample index where each row first rises halfway from its start to its wall."""
    # A quarter of each ray lies in air; its first samples may lie outside a round field of view.
    air = np.median(grey[:, : max(5, grey.shape[1] // 4)], axis=1, keepdims=True)
    wall = np.percentile(grey, 98, axis=1, keepdims=True)
    level = (air + wall) / 2
    above = grey >= level
    first = np.argmax(above, axis=1)
    found = above.any(axis=1) & (first > 0) & ((wall - air)[:, 0] > 0.25 * np.median(wall - air))
    before = np.take_along_axis(grey, np.maximum(first - 1, 0)[:, None], 1)[:, 0]
    after = np.take_along_axis(grey, first[:, None], 1)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = (level[:, 0] - before) / (after - before)
    return first - 1 + np.nan_to_num(fraction), found


def _refuse_cut_can(points: Points, expected: int) -> None:
    share = len(points) / expected
    if share < 0.3:
        raise InputError(
            "no-cell",
            "No round can was found in the volume",
            "A cylindrical cell must lie in it with its whole circumference; pouch and prismatic cells cannot be "
            "measured yet.",
        )
    if share < _WHOLE:
        raise InputError(
            "cell-cut",
            f"The volume holds only {100 * share:.0f} % of a round can's circumference",
            "Scan or crop so that all of it and a rim of air lie inside; pouch and prismatic cells cannot be "
            "measured yet.",
        )


def _fit_cylinder(volume: Volume, points: Points, axis: int) -> Can:
    """Cylinder through edges given as (i, j, k) indices: first robustly through all, then through the straight wall."""
    ras = volume.to_ras(points)
    voxel = float(volume.spacing_mm.min())
    start = _Start.of(volume, ras, axis)
    parameters = start.parameters
    for scale in (0.02 * parameters[4], 2 * voxel):
        parameters = _least_squares(parameters, ras, start, scale)
    for _ in range(2):
        residual = _residuals(parameters, ras, start)
        straight = _straight_wall(residual, points[:, 2 - axis], voxel)
        parameters = _least_squares(parameters, ras[straight], start, voxel)
    spread = 2 * float(_residuals(parameters, ras[straight], start).std())
    origin, direction = _axis(parameters, start)
    # Rays of one slice share ovality and reconstruction errors, so slices, not rays, count as independent; a tenth of
    # a voxel stands for the edge's definition (partial volume, beam hardening at the wall).
    uncertainty = 1.96 * float(np.hypot(spread / np.sqrt(_SLICES), 2 * 0.1 * voxel))
    return Can(origin, direction, float(parameters[4]), spread, uncertainty)


def _straight_wall(residual: Points, section: Points, voxel: float) -> NDArray[np.bool_]:
    """Which edges lie on sections of the usual radius: not on groove, crimp or rim, whose radius is another.

    The usual radius is the middle of the densest half of the sections' medians (half-sample mode; Robertson & Cryer
    1974).
    """
    sections, which = np.unique(section, return_inverse=True)
    medians = np.array([np.median(residual[which == n]) for n in range(len(sections))])
    ordered = np.sort(medians)
    half = (len(ordered) + 1) // 2
    first = int(np.argmin(ordered[half - 1 :] - ordered[: len(ordered) - half + 1]))
    usual = np.median(ordered[first : first + half])
    within = np.abs(medians - usual) < 0.5 * voxel
    return np.asarray(within[which] & (np.abs(residual - usual) < 4 * voxel + 0.02 * abs(usual)))


@dataclass(frozen=True)
class _Start:
    """Where the fit starts, and the coordinates it moves in: (offset 2, slope 2, radius) across a first direction."""

    centre: Points
    direction: Points
    across: Points
    radius: float

    @classmethod
    def of(cls, volume: Volume, ras: Points, axis: int) -> _Start:
        direction = volume.ijk_to_ras[:3, 2 - axis] / volume.spacing_mm[2 - axis]
        across, centre = _across(direction), ras.mean(axis=0)
        return cls(centre, direction, across, float(np.median(np.linalg.norm((ras - centre) @ across, axis=1))))

    @property
    def parameters(self) -> Points:
        return np.array([0.0, 0.0, 0.0, 0.0, self.radius])


def _least_squares(parameters: Points, ras: Points, start: _Start, scale: float) -> Points:
    fit = optimize.least_squares(_residuals, parameters, args=(ras, start), loss="soft_l1", f_scale=scale)
    return np.asarray(fit.x)


def _across(direction: Points) -> Points:
    """Two unit vectors across a direction as columns, shape (3, 2)."""
    return np.asarray(np.linalg.svd(direction[None])[2][1:].T)


def _axis(parameters: Points, start: _Start) -> tuple[Points, Points]:
    direction = start.direction + start.across @ parameters[2:4]
    return start.centre + start.across @ parameters[:2], np.asarray(direction / np.linalg.norm(direction))


def _residuals(parameters: Points, ras: Points, start: _Start) -> Points:
    """Distances of points to the cylinder (offset 2, slope 2, radius) in mm."""
    origin, direction = _axis(parameters, start)
    offset = ras - origin
    along = offset @ direction
    return np.asarray(np.linalg.norm(offset - along[:, None] * direction, axis=1) - parameters[4])
