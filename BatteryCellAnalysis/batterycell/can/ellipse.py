"""Ellipses through a can's sections that dents do not pull."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SUBSETS, _POINTS = 400, 8
_ROUNDS = 12
_TUKEY = 4.685  # 95 % efficient with Gaussian noise (Beaton & Tukey 1974)
LEAST_SHARE = 0.85  # of the circumference that must be seen
_MOST_LEFT_OUT = 0.45


@dataclass(frozen=True)
class Ellipses:
    """Ellipses, shape (n,) each; NaN where there is none.

    Args:
        x: Middle, mm.
        y: Middle, mm.
        major: Greater semi-axis, mm.
        minor: Lesser semi-axis, mm.
        turn: Direction of the greater one, radians.
    """

    x: Floats
    y: Floats
    major: Floats
    minor: Floats
    turn: Floats

    def radius(self, angle: Floats) -> Floats:
        """Distance of the ellipses from the origin in directions (radians, shape (a,)), shape (n, a)."""
        x, y, major, minor, turn = (value[:, None] for value in (self.x, self.y, self.major, self.minor, self.turn))
        cosine, sine = np.cos(turn), np.sin(turn)
        along = (np.cos(angle) * cosine + np.sin(angle) * sine) / major
        across = (np.sin(angle) * cosine - np.cos(angle) * sine) / minor
        start_along, start_across = (x * cosine + y * sine) / major, (y * cosine - x * sine) / minor
        a, b = along**2 + across**2, along * start_along + across * start_across
        c = start_along**2 + start_across**2 - 1
        return np.asarray((b + np.sqrt(np.maximum(b * b - a * c, 0))) / a)


def fit_ellipses(angle: Floats, radius: Floats, floor_mm: float, left_out: NDArray[np.bool_] | None = None) -> Ellipses:
    """Fit an ellipse to each section robustly.

    Direct least squares (Fitzgibbon, Pilu & Fisher 1999, in the stable form of Halíř & Flusser 1998), repeated with
    Tukey's biweight. It starts from one shape for all sections, the best of many ellipses through a few points by the
    median of the residuals (Rousseeuw 1984), so that up to half of the circumference may be dented.

    Args:
        angle: Directions, radians, shape (a,).
        radius: Radii, mm, shape (n, a); NaN is left out.
        floor_mm: Least scale of the residuals: finer, edges are not known.
        left_out: Places known to be dented, shape (n, a); kept in a section of which too little would be left.

    Returns:
        The ellipses, shape (n,); NaN where less than `LEAST_SHARE` of the circumference is seen.
    """
    values = np.full((5, len(radius)), np.nan)
    enough = np.isfinite(radius).mean(axis=1) >= LEAST_SHARE
    if left_out is not None:
        radius = np.where(left_out & (left_out.mean(axis=1, keepdims=True) < _MOST_LEFT_OUT), np.nan, radius)
    if enough.any():
        size = float(np.nanmedian(radius[enough]))
        found = _fit(angle, radius[enough] / size, floor_mm / size)
        values[:, enough] = found.x * size, found.y * size, found.major * size, found.minor * size, found.turn
    return Ellipses(*values)


def _fit(angle: Floats, radius: Floats, floor: float) -> Ellipses:
    shape = _median_shape(angle, _middle(radius)).radius(angle)
    residual = radius - shape
    residual = residual - np.nanmedian(residual, axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        found = _direct(angle, radius, _weights(residual, floor))
        residual = radius - found.radius(angle)
    return found


def _middle(radius: Floats) -> Floats:
    """Median over the sections, shape (1, a)."""
    if len(radius) == 1:
        return radius
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a direction in which nothing is seen
        return np.asarray(np.nanmedian(radius, axis=0))[None]


def _weights(residual: Floats, floor: float) -> Floats:
    """Tukey's biweight; dents go inward, so the scale is that of what lies outward."""
    outward = np.where(residual > 0, residual, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a section without edges
        scale = 1.4826 * np.nanmedian(outward, axis=1, keepdims=True)
    away = residual / (_TUKEY * np.fmax(scale, floor))
    return np.where(np.abs(away) < 1, (1 - away**2) ** 2, 0.0)


def _median_shape(angle: Floats, radius: Floats) -> Ellipses:
    """The ellipse through a few points that has the least median residual; radius of shape (1, a)."""
    rng = np.random.default_rng(0)
    known = np.flatnonzero(np.isfinite(radius[0]))
    weights = np.zeros((_SUBSETS, len(angle)))
    for row in weights:
        row[rng.choice(known, min(_POINTS, len(known)), replace=False)] = 1.0
    tried = _direct(angle, np.repeat(radius, _SUBSETS, axis=0), weights)
    with np.errstate(invalid="ignore"):
        misfit = np.nanmedian(np.abs(tried.radius(angle) - radius), axis=1)
    best = int(np.nanargmin(np.where(np.isfinite(misfit), misfit, np.inf)))
    return Ellipses(*(value[best : best + 1] for value in (tried.x, tried.y, tried.major, tried.minor, tried.turn)))


def _direct(angle: Floats, radius: Floats, weights: Floats) -> Ellipses:
    """Weighted direct least-squares ellipses (Halíř & Flusser 1998), all at once."""
    weights = np.where(np.isfinite(radius), weights, 0.0)
    radius = np.where(np.isfinite(radius), radius, 1.0)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    squares = np.stack([x * x, x * y, y * y], axis=-1)
    lines = np.stack([x, y, np.ones_like(x)], axis=-1)
    weighted = squares * weights[..., None]
    s1 = weighted.transpose(0, 2, 1) @ squares
    s2 = weighted.transpose(0, 2, 1) @ lines
    s3 = (lines * weights[..., None]).transpose(0, 2, 1) @ lines + 1e-12 * np.eye(3)
    to_lines = -np.linalg.solve(s3, s2.transpose(0, 2, 1))
    reduced = s1 + s2 @ to_lines
    reduced = np.stack([reduced[:, 2] / 2, -reduced[:, 1], reduced[:, 0] / 2], axis=1)
    vectors = np.real(np.linalg.eig(reduced)[1])
    condition = 4 * vectors[:, 0] * vectors[:, 2] - vectors[:, 1] ** 2
    best = np.argmax(condition, axis=1)
    quadratic = np.take_along_axis(vectors, best[:, None, None], 2)[..., 0]
    linear = (to_lines @ quadratic[..., None])[..., 0]
    return _from_conic(quadratic, linear)


def _from_conic(quadratic: Floats, linear: Floats) -> Ellipses:
    """Middle and axes of ``a x² + b xy + c y² + d x + e y + f = 0``."""
    (a, b, c), (d, e, f) = quadratic.T, linear.T
    with np.errstate(divide="ignore", invalid="ignore"):
        below = 4 * a * c - b * b
        x, y = (b * e - 2 * c * d) / below, (b * d - 2 * a * e) / below
        level = -(f + (d * x + e * y) / 2)
        mean, away = (a + c) / 2, np.hypot((a - c) / 2, b / 2)
        sign = np.sign(mean)
        major = np.sqrt(level / (mean - sign * away))
        minor = np.sqrt(level / (mean + sign * away))
    turn = 0.5 * np.arctan2(-b * sign, (c - a) * sign)
    return Ellipses(x, y, major, minor, turn % np.pi)
