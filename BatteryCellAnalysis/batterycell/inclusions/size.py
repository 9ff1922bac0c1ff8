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


@dataclass(frozen=True)
class Greys:
    """The scan's blur, and the grey values that can be in it.

    Args:
        blur_mm: Standard deviation of the blur.
        air: Least grey value of a void.
        metal: Greatest grey value of a particle.
    """

    blur_mm: float
    air: float
    metal: float


@dataclass(frozen=True)
class Sphere:
    """A fitted sphere.

    Args:
        ras: Its middle, RAS mm, shape (3,).
        diameter_mm: Its diameter; NaN where none fits.
        uncertainty_mm: Half width of the diameter's 95 % interval.
        grey: Its own grey value above the surroundings, without the blur: the greatest in the interval.
        contrasts: Grey values above the surroundings in three directions, see `Surroundings`.
    """

    ras: Floats
    diameter_mm: float
    uncertainty_mm: float
    grey: float
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
    return Sphere(ras, nan, nan, nan, np.full(3, nan))


def fit_sphere(grid: RollGrid, ras: Floats, extent_mm: float, greys: Greys, bright: bool) -> Sphere:
    """Fit a blurred sphere to the voxels about a place, above what lies beside them.

    For every diameter the grey value, the middle and a background are fitted by linear least squares. Grey values that
    nothing in the cell has are not considered: a particle too small to be resolved is bounded from below by the
    brightest metal. The interval holds all diameters whose misfit is not significantly worse than the least one
    (profile likelihood).

    Args:
        grid: The roll.
        ras: About where it is.
        extent_mm: About how large it is.
        greys: Of the scan.
        bright: Whether it is brighter than its surroundings.
    """
    empty = no_sphere(ras)
    clear = min(extent_mm / 2 + 2.5 * greys.blur_mm, _LARGEST_MM)
    around = look_around(grid, ras, clear, clear + _REACH_SIGMAS * greys.blur_mm)
    if around is None:
        return empty
    empty = replace(empty, contrasts=around.contrasts)
    if empty.is_streak:
        return empty
    sizes = np.geomspace(_LEAST * greys.blur_mm, min(_MOST * greys.blur_mm, 2 * clear), _DIAMETERS)
    middle, misfits = ras, sizes
    for _ in range(_ROUNDS):
        fits = [_Fit.of(around, middle, size, greys, bright) for size in sizes]
        misfits = np.array([fit.misfit for fit in fits])
        best = int(np.argmin(misfits))
        if not np.isfinite(misfits[best]):
            return empty
        middle = middle + np.clip(fits[best].shift, -greys.blur_mm, greys.blur_mm)
        good = sizes[misfits <= misfits[best] + 2 * _worse(misfits, len(around.excess))]
        step = float(sizes[1] / sizes[0])
        sizes = np.geomspace(good.min() / step, good.max() * step, _DIAMETERS)
    last = [_Fit.of(around, middle, size, greys, bright) for size in sizes]
    misfits = np.array([fit.misfit for fit in last])
    if not np.isfinite(misfits).any():
        return empty
    good = misfits <= np.min(misfits) + _worse(misfits, len(around.excess))
    grey = max((fit.grey for fit, one in zip(last, good, strict=True) if one), key=abs)
    return Sphere(middle, *_interval(sizes, misfits, good), grey, around.contrasts)


def _worse(misfits: Floats, count: int) -> float:
    """By how much misfits (sums of squares) in a 95 % interval may exceed the least one."""
    return float(_WORSE * np.min(misfits) / max(count - 6, 1))


def _interval(sizes: Floats, misfits: Floats, good: NDArray[np.bool_]) -> tuple[float, float]:
    """The best diameter, and half the width of its interval."""
    best, step = sizes[int(np.argmin(misfits))], float(np.sqrt(sizes[1] / sizes[0]))
    half = max(sizes[good].max() * step - best, best - sizes[good].min() / step)
    return float(best), float(half)


@dataclass(frozen=True)
class _Fit:
    """The best sphere of one diameter: the sum of squares that is left, its grey, where its middle should rather be."""

    misfit: float
    grey: float
    shift: Floats

    @classmethod
    def of(cls, around: Surroundings, middle: Floats, size: float, greys: Greys, bright: bool) -> _Fit:
        distance = np.linalg.norm(around.ras - middle, axis=1)
        profile = sphere_profile(distance, size / 2, greys.blur_mm)
        eps = 0.05 * greys.blur_mm
        slope = (sphere_profile(distance + eps, size / 2, greys.blur_mm) - profile) / eps
        outward = (around.ras - middle) / np.maximum(distance, 1e-6)[:, None]
        matrix = np.column_stack([profile, np.ones(len(profile)), -slope[:, None] * outward])
        usual = float(np.median(around.expected[np.argsort(distance)[:30]]))
        limit = (greys.metal if bright else greys.air) - usual
        return cls._solved(matrix, around.excess, limit)

    @classmethod
    def _solved(cls, matrix: Floats, excess: Floats, limit: float) -> _Fit:
        """Least squares with a grey value between 0 and the limit."""
        found = np.linalg.lstsq(matrix, excess, rcond=None)[0]
        grey = float(found[0]) * np.sign(limit)
        if grey <= 0 or limit == 0:
            return cls(float("inf"), 0.0, np.zeros(3))
        if grey > abs(limit):
            rest = np.linalg.lstsq(matrix[:, 1:], excess - limit * matrix[:, 0], rcond=None)[0]
            found = np.concatenate([[limit], rest])
        left = excess - matrix @ found
        return cls(float(left @ left), float(found[0]), np.asarray(found[2:] / found[0]))
