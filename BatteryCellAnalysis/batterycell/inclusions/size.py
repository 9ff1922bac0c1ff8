"""The size of an inclusion: a blurred sphere fitted to what is above its background."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .grid import RollGrid
from .surroundings import Surroundings, look_around

Floats = NDArray[np.float64]

_REACH_SIGMAS = 3.5
_ALIKE = 0.5  # least share of the largest contrast that an inclusion has in every direction
_LARGEST_MM = 0.8
_ROUNDS = 2
_DIAMETERS = 24  # tried, evenly on a logarithmic scale
_LEAST, _MOST = 0.3, 30.0  # in standard deviations of the blur
# By how much the misfit, in variances of a residual, may exceed the least one in a 95 % interval: chi-squared of one
# parameter, times the number of voxels that share one deviation of the noise (calibrated on generated cells).
_WORSE = 3.84 * 6.0
# What the fit cannot know (that a blur is no Gaussian, sheets no smooth background): half width of a 95 % interval, in
# voxels, calibrated on generated cells.
_MODEL_VOXELS = 0.33
_BRIGHTER = 1.4


@dataclass(frozen=True)
class Greys:
    """The scan's blur, and the grey values that can be in it.

    Args:
        blur_mm: Standard deviation of the blur.
        air: Least grey value of a void.
        metal: Grey value of the can's wall.
        voxel_mm: Edge of a cube as large as a voxel.
    """

    blur_mm: float
    air: float
    metal: float
    voxel_mm: float

    @property
    def brightest(self) -> float:
        """Greatest grey value of a particle: copper is brighter than steel, and blur takes from the wall's."""
        return self.air + _BRIGHTER * (self.metal - self.air)


@dataclass(frozen=True)
class Sphere:
    """A fitted sphere.

    Args:
        ras: Its middle, RAS mm, shape (3,).
        diameter_mm: Its diameter; NaN where none fits.
        uncertainty_mm: Half width of the diameter's 95 % interval.
        grey: Its own grey value above the surroundings, without the blur: the greatest in the interval.
        sigmas: By how many standard deviations of the noise it explains the grey values better than no sphere.
        contrasts: Grey values above the surroundings in three directions, see `Surroundings`.
    """

    ras: Floats
    diameter_mm: float
    uncertainty_mm: float
    grey: float
    sigmas: float
    contrasts: Floats

    @property
    def is_streak(self) -> bool:
        """Whether it stands out in one direction much less than in another."""
        sizes = np.abs(self.contrasts)
        return bool(np.ptp(np.sign(self.contrasts)) > 0 or np.nanmin(sizes) < _ALIKE * np.nanmax(sizes))


def sphere_profile(distance: Floats, radius: float, sigma: float) -> Floats:
    """Grey value of a sphere of grey 1, blurred by a Gaussian, over the distance from its middle.

    The convolution of a ball with an isotropic Gaussian in closed form: with a the radius and s the deviation,
    ½[erf((a−r)/√2s) + erf((a+r)/√2s)] − s/(√(2π) r) [exp(−(r−a)²/2s²) − exp(−(r+a)²/2s²)].

    Args:
        distance: Distances, any shape.
        radius: Of the sphere.
        sigma: Standard deviation of the blur.
    """
    r = np.maximum(distance, 1e-3 * sigma)
    low, high = (radius - r) / sigma, (radius + r) / sigma
    edges = 0.5 * (special.erf(low / np.sqrt(2)) + special.erf(high / np.sqrt(2)))
    return np.asarray(edges - sigma / (np.sqrt(2 * np.pi) * r) * (np.exp(-(low**2) / 2) - np.exp(-(high**2) / 2)))


def no_sphere(ras: Floats) -> Sphere:
    """What is known of an inclusion to which no sphere was fitted: where it is."""
    nan = float("nan")
    return Sphere(ras, nan, nan, nan, nan, np.full(3, nan))


def fit_sphere(grid: RollGrid, ras: Floats, extent_mm: float, greys: Greys, bright: bool) -> Sphere:
    """Fit a blurred sphere to the voxels about a place, above what lies beside them.

    Where the sphere lies it replaces the sheets: a voxel of which it fills the share p is p G + (1 - p) E, E what is
    expected there. For every diameter G, the middle and a background are fitted by linear least squares. Grey values
    that nothing in the cell has are not considered: a particle too small to be resolved is bounded from below by the
    brightest metal. The interval holds all diameters whose misfit is not significantly worse than the least one
    (profile likelihood).

    Args:
        grid: The roll.
        ras: About where it is.
        extent_mm: About how large it is.
        greys: Of the scan.
        bright: Whether it is brighter than its surroundings.
    """
    clear = min(extent_mm / 2 + 2.5 * greys.blur_mm, _LARGEST_MM)
    around = look_around(grid, ras, clear, clear + _REACH_SIGMAS * greys.blur_mm)
    if around is None:
        return no_sphere(ras)
    start = replace(no_sphere(ras), contrasts=around.contrasts)
    if start.is_streak:
        return start
    sizes = np.geomspace(_LEAST * greys.blur_mm, min(_MOST * greys.blur_mm, 2 * clear), _DIAMETERS)
    for _ in range(_ROUNDS):
        trial = _Trial.of(around, start.ras, sizes, greys, bright)
        if not np.isfinite(trial.misfits).any():
            return start
        start = replace(start, ras=start.ras + np.clip(trial.shift, -greys.blur_mm, greys.blur_mm))
        sizes = trial.nearer()
    return _Trial.of(around, start.ras, sizes, greys, bright).sphere(start)


@dataclass(frozen=True)
class _Trial:
    """Spheres of several diameters about the same middle.

    Args:
        sizes: Diameters in mm, evenly on a logarithmic scale.
        misfits: Sum of squares that each leaves; infinite where it has no possible grey value.
        greys: Grey value of each above its surroundings.
        shifts: Where the middle should rather be, for each, shape (n, 3).
        worse: By how much a misfit in the 95 % interval may exceed the least one.
        without: Sum of squares without a sphere.
        model_mm: What the fit cannot know, half width of a 95 % interval.
    """

    sizes: Floats
    misfits: Floats
    greys: Floats
    shifts: Floats
    worse: float
    without: float
    model_mm: float

    @classmethod
    def of(cls, around: Surroundings, middle: Floats, sizes: Floats, greys: Greys, bright: bool) -> _Trial:
        distance = np.linalg.norm(around.ras - middle, axis=1)
        outward = (around.ras - middle) / np.maximum(distance, 1e-6)[:, None]
        usual = float(np.median(around.expected[np.argsort(distance)[:30]]))
        limits = (usual, greys.brightest if bright else greys.air)
        fits = [_fit(around, _columns(distance, outward, size, greys.blur_mm), limits) for size in sizes]
        misfits = np.array([fit[0] for fit in fits])
        worse = _WORSE * float(np.min(misfits)) / max(len(distance) - 6, 1)
        above = np.array([fit[1][0] for fit in fits]) - usual
        shifts = np.array([fit[1][2:] for fit in fits]) / np.where(above == 0, 1.0, above)[:, None]
        without = float(np.sum((around.excess - around.excess.mean()) ** 2))
        return cls(sizes, misfits, above, shifts, worse, without, _MODEL_VOXELS * greys.voxel_mm)

    @property
    def shift(self) -> Floats:
        """Where the middle of the best sphere should rather be."""
        return np.asarray(self.shifts[int(np.argmin(self.misfits))])

    def nearer(self) -> Floats:
        """Diameters to be tried next: those that may be in the interval, and a little beyond."""
        good, step = self._good(2.0), float(self.sizes[1] / self.sizes[0])
        return np.geomspace(good.min() / step, good.max() * step, _DIAMETERS)

    def sphere(self, start: Sphere) -> Sphere:
        """The best sphere with its interval."""
        if not np.isfinite(self.misfits).any():
            return start
        best, step = float(self.sizes[int(np.argmin(self.misfits))]), float(np.sqrt(self.sizes[1] / self.sizes[0]))
        good = self._good(1.0)
        half = float(np.hypot(max(good.max() * step - best, best - good.min() / step), self.model_mm))
        grey = max(self.greys[np.isin(self.sizes, good)].tolist(), key=abs)
        sigmas = float(np.sqrt(max(self.without - self.misfits.min(), 0.0) * 3.84 / self.worse))
        return replace(start, diameter_mm=best, uncertainty_mm=half, grey=grey, sigmas=sigmas)

    def _good(self, times: float) -> Floats:
        return np.asarray(self.sizes[self.misfits <= self.misfits.min() + times * self.worse])


def _columns(distance: Floats, outward: Floats, size: float, blur: float) -> Floats:
    """What the grey values are made of: the sphere, a background, and the sphere moved along each axis, (n, 5)."""
    profile = sphere_profile(distance, size / 2, blur)
    slope = (sphere_profile(distance + 0.05 * blur, size / 2, blur) - profile) / (0.05 * blur)
    return np.column_stack([profile, np.ones(len(profile)), -slope[:, None] * outward])


def _fit(around: Surroundings, columns: Floats, limits: tuple[float, float]) -> tuple[float, Floats]:
    """Sum of squares that is left, and the shares of the columns; the sphere's is its grey value."""
    # Between that of its surroundings, which would be no sphere at all, and the extreme one.
    values = around.excess + columns[:, 0] * around.expected
    found = _solve(columns, values)
    grey = min(max(float(found[0]), min(limits)), max(limits))
    if grey == limits[0]:
        return float("inf"), found
    if grey != found[0]:
        found = np.concatenate([[grey], _solve(columns[:, 1:], values - grey * columns[:, 0])])
    left = values - columns @ found
    return float(left @ left), found


def _solve(columns: Floats, values: Floats) -> Floats:
    """Linear least squares from the normal equations: five well separated unknowns, thousands of values."""
    return np.asarray(np.linalg.lstsq(columns.T @ columns, columns.T @ values, rcond=None)[0])
