"""The wall as a slab seen through a blur, fitted to many rays at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_ITERATIONS = 6
_INWARD, _OUTWARD = 2.5, 3.5  # blurs beyond the wall's surfaces that are fitted; windings lie close inside
_METAL_SD = 0.05  # of the contrast: how far the metal's grey value may vary from place to place
_HELD = 1e9  # weight that holds an inner surface that is not seen
_LAGS = 8


@dataclass(frozen=True)
class Blur:
    """What is common to all rays.

    Args:
        sigma: Standard deviation of the blur along the radius, mm.
        metal: Grey value of the metal in the wall's middle.
        slope: Change of the metal's grey value outward, per mm (beam hardening).
        noise: Standard deviation of the grey values.
        thickness: Usual thickness of the wall, mm; NaN where no inner surface was seen.
    """

    sigma: float
    metal: float
    slope: float
    noise: float
    thickness: float


@dataclass(frozen=True)
class Slab:
    """Fitted walls, shape (n,) each.

    Args:
        outer: Radius of the outer surface, mm.
        inner: Radius of the inner surface, mm.
        u_outer: Standard uncertainty of the outer radius from noise, mm.
        u_wall: Standard uncertainty of the thickness from noise, mm.
        noise: Standard deviation of the grey values about the fits.
    """

    outer: Floats
    inner: Floats
    u_outer: Floats
    u_wall: Floats
    noise: float


def fit_slab(
    radius: Floats, grey: Floats, start: Floats, blur: Blur, has_inner: NDArray[np.bool_] | None = None
) -> Slab:
    """Fit a blurred slab to rays by Gauss-Newton steps.

    ``g(r) = b + (c − b) Φ((r − r_i)/σ) + (a − c) Φ((r − r_o)/σ)`` with the metal's slope added inside the wall: two
    edges of one Gaussian blur (Smith 1997, The Scientist and Engineer's Guide to DSP, ch. 25), fitted together, so
    that neither the half maximum of a thin wall, which is lower than half the metal, nor partial volume moves them.
    Levels a, b, c and both radii are free in each ray; c is held near the usual metal, which decides where the wall
    is hardly thicker than the blur. A voxel's box and the interpolation widen the blur and move nothing.

    Args:
        radius: Places of the samples, mm, shape (n, k).
        grey: Grey values, shape (n, k); NaN is left out.
        start: Rough outer and inner radius, mm, shape (n, 2).
        blur: What is common to all rays.
        has_inner: Which rays show the inner surface, shape (n,); of the others only the outer one is fitted.

    Returns:
        The walls; NaN where the fit left them, or there is no inner surface.
    """
    weight = _window(radius, start, blur.sigma) * np.isfinite(grey)
    grey = np.where(weight > 0, grey, 0.0)
    theta = _first(radius, np.where(weight > 0, grey, np.nan), start, blur)
    seen = np.ones(len(grey), bool) if has_inner is None else has_inner
    known = np.full((len(grey), 5), 1e-9)
    known[:, 2] += (blur.noise / (_METAL_SD * abs(blur.metal) + 1e-12)) ** 2
    known[~seen, 4] = _HELD * blur.metal**2 + 1.0
    for _ in range(_ITERATIONS):
        model, jacobian = _model(radius, theta, blur)
        weighted = jacobian * weight[..., None]
        normal = np.matmul(weighted.transpose(0, 2, 1), jacobian) + known[:, None] * np.eye(5)
        pull = np.zeros_like(theta)
        pull[:, 2] = known[:, 2] * (blur.metal - theta[:, 2])
        slope = np.matmul(weighted.transpose(0, 2, 1), (grey - model)[..., None])[..., 0] + pull
        step = np.linalg.solve(normal, slope[..., None])[..., 0]
        step[:, 3:] = np.clip(step[:, 3:], -blur.sigma, blur.sigma)
        theta = theta + step
    residual = (grey - _model(radius, theta, blur)[0]) * weight
    slab = _walls(theta, start, np.linalg.inv(normal), residual, blur)
    return replace(slab, inner=np.where(seen, slab.inner, np.nan), u_wall=np.where(seen, slab.u_wall, np.nan))


def _window(radius: Floats, start: Floats, sigma: float) -> Floats:
    inside = (radius < start[:, :1] + _OUTWARD * sigma) & (radius > start[:, 1:] - _INWARD * sigma)
    return inside.astype(float)


def _first(radius: Floats, grey: Floats, start: Floats, blur: Blur) -> Floats:
    """Air and inside from the ends of each ray's window."""
    ends = (radius > start[:, :1] + 1.5 * blur.sigma, radius < start[:, 1:] - 1.5 * blur.sigma)
    levels = []
    for end in ends:
        part = end & np.isfinite(grey)
        levels.append(np.where(part, grey, 0).sum(1) / np.maximum(part.sum(1), 1))
    return np.stack([*levels, np.full(len(grey), blur.metal), start[:, 0], start[:, 1]], axis=1)


def _model(radius: Floats, theta: Floats, blur: Blur) -> tuple[Floats, Floats]:
    """Model (n, k) and its derivatives (n, k, 5) by air, inside, metal, outer and inner radius."""
    air, inside, metal, outer, inner = theta.T[..., None]
    z_outer, z_inner = (radius - outer) / blur.sigma, (radius - inner) / blur.sigma
    past_outer, past_inner = special.ndtr(z_outer), special.ndtr(z_inner)
    share = past_inner - past_outer
    model = inside + (metal - inside) * past_inner + (air - metal) * past_outer
    model += blur.slope * (radius - (outer + inner) / 2) * share
    bell = np.sqrt(2 * np.pi) * blur.sigma
    by_outer = (metal - air) * np.exp(-0.5 * z_outer**2) / bell
    by_inner = (inside - metal) * np.exp(-0.5 * z_inner**2) / bell
    return model, np.stack([past_outer, 1 - past_inner, share, by_outer, by_inner], axis=-1)


def _walls(theta: Floats, start: Floats, inverse: Floats, residual: Floats, blur: Blur) -> Slab:
    noise = max(float(np.sqrt(np.median(residual[residual != 0] ** 2) / 0.455)) if residual.any() else 0.0, 1e-9)
    # A ray that fits worse than others sees something that is no slab, and its surfaces are known that much worse.
    own = np.sqrt((residual**2).sum(axis=1) / np.maximum((residual != 0).sum(axis=1) - theta.shape[1], 1))
    scale = np.maximum(noise, own) * np.sqrt(_samples_per_value(residual))
    u_outer = scale * np.sqrt(inverse[:, 3, 3])
    u_wall = scale * np.sqrt(np.maximum(inverse[:, 3, 3] + inverse[:, 4, 4] - 2 * inverse[:, 3, 4], 0))
    outer, inner = theta[:, 3], theta[:, 4]
    lost = (np.abs(theta[:, 3:] - start).max(axis=1) > 2 * blur.sigma) | (outer <= inner)
    outer, inner, u_outer, u_wall = (np.where(lost, np.nan, value) for value in (outer, inner, u_outer, u_wall))
    return Slab(outer, inner, u_outer, u_wall, noise)


def _samples_per_value(residual: Floats) -> float:
    """How many neighbouring samples one independent value is worth: 1 + 2 Σ autocorrelation."""
    power = float((residual**2).mean()) + 1e-30
    lags = [float((residual[:, lag:] * residual[:, :-lag]).mean()) / power for lag in range(1, _LAGS)]
    return 1 + 2 * sum(max(lag, 0.0) for lag in lags)
