"""Least-squares fits of blurred steps to many grey-value profiles at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_ITERATIONS = 30


@dataclass(frozen=True)
class Profiles:
    """Grey-value profiles.

    Args:
        position: Positions in mm, shape (n, m).
        value: Values, shape (n, m).
        weight: 1 where a sample counts, 0 where not, shape (n, m).
    """

    position: Floats
    value: Floats
    weight: Floats


def cut_windows(position: Floats, value: Floats, usable: NDArray[np.bool_], window: tuple[Floats, Floats]) -> Profiles:
    """The part of each profile that lies in its window.

    Args:
        position: Evenly spaced positions in mm, shape (h,).
        value: Shape (n, h).
        usable: Which values count, shape (n, h).
        window: Lowest and highest position of each profile's window in mm, shape (n,) each.
    """
    step = position[1] - position[0]
    first = np.ceil((window[0] - position[0]) / step).astype(int)
    length = int(np.ceil(np.max(window[1] - window[0]) / step)) + 1
    index = first[:, None] + np.arange(length)
    clipped = np.clip(index, 0, len(position) - 1)
    counts = (index == clipped) & (position[clipped] <= window[1][:, None]) & np.take_along_axis(usable, clipped, 1)
    return Profiles(position[clipped], np.take_along_axis(value, clipped, 1), counts.astype(float))


@dataclass(frozen=True)
class Prior:
    """What is known of parameters before the fit: mean and standard deviation, shape (n, p); inf where nothing is."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True)
class StepFit:
    """Fitted steps.

    Args:
        inner: Value before the step, shape (n,).
        outer: For one step the value beyond; for a sheet's contrast its value between the two steps, shape (n,).
        position: Where the step is, mm, shape (n,).
        blur: Standard deviation of the blur, mm, shape (n,).
        u_position: Standard uncertainty of the position for uncorrelated noise, mm, shape (n,).
        noise: Standard deviation of the residuals, shape (n,).
        residual: Shape (n, m), 0 where a sample does not count.
    """

    inner: Floats
    outer: Floats
    position: Floats
    blur: Floats
    u_position: Floats
    noise: Floats
    residual: Floats


def fit_steps(profiles: Profiles, prior: Prior, start: Floats) -> StepFit:
    """Fit ``outer + (inner − outer) · Φ((position − x) / blur)``: an edge with Gaussian blur.

    Args:
        profiles: n profiles.
        prior: On (inner, outer, position, blur).
        start: Start values, shape (n, 4).
    """
    return _fit(profiles, prior, start, np.full(len(start), -np.inf))


def fit_tips(profiles: Profiles, prior: Prior, start: Floats, level: Floats) -> StepFit:
    """Fit a sheet's contrast: ``(inner → outer at a known level) · Φ((position − x) / blur)``, zero beyond the tip.

    The contrast of an anode steps from its value between two cathodes (inner) to its value above them (outer) at
    the level where they end, and to nothing at its own end.

    Args:
        profiles: n profiles.
        prior: On (inner, outer, position, blur).
        start: Start values, shape (n, 4).
        level: Where the neighbouring cathodes end, mm, shape (n,).
    """
    return _fit(profiles, prior, start, level)


def _fit(profiles: Profiles, prior: Prior, start: Floats, level: Floats) -> StepFit:
    """Levenberg-Marquardt (Marquardt 1963) on all profiles at once, in whitened form."""
    tip = np.isfinite(level)
    theta, damping = start.copy(), np.full(len(start), 1e-3)
    noise = _rough_noise(profiles)
    cost = _cost(profiles, prior, theta, level, noise)
    for _ in range(_ITERATIONS):
        model, jacobian = _model(profiles.position, theta, level, tip)
        normal, gradient = _normal_equations(profiles, prior, theta, model, jacobian, noise)
        diagonal = np.einsum("npp->np", normal)
        damped = normal + np.einsum("np,pq->npq", damping[:, None] * diagonal + 1e-12, np.eye(4))
        trial = theta + np.clip(np.linalg.solve(damped, gradient[..., None])[..., 0], -_reach(theta), _reach(theta))
        trial[:, 3] = np.clip(trial[:, 3], 0.2 * start[:, 3], 4 * start[:, 3])
        trial_cost = _cost(profiles, prior, trial, level, noise)
        better = trial_cost < cost
        theta = np.where(better[:, None], trial, theta)
        cost, damping = np.where(better, trial_cost, cost), np.clip(damping * np.where(better, 0.3, 5.0), 1e-9, 1e6)
    return _result(profiles, prior, theta, level, noise)


def _reach(theta: Floats) -> Floats:
    """The longest step one iteration may take: levels freely, positions by one blur."""
    blur = theta[:, 3:4]
    return np.concatenate([np.full((len(theta), 2), np.inf), blur, 0.5 * blur], axis=1)


def _model(position: Floats, theta: Floats, level: Floats, tip: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Model values (n, m) and their derivatives (n, m, 4) by (inner, outer, position, blur)."""
    inner, outer, at, blur = (column[:, None] for column in theta.T)
    z = (at - position) / blur
    step, bell = special.ndtr(z), np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    inside = np.where(tip[:, None], special.ndtr((np.where(tip, level, 0.0)[:, None] - position) / blur), 0.0)
    height = np.where(tip[:, None], inner * inside + outer * (1 - inside), inner - outer)
    floor = np.where(tip[:, None], 0.0, outer)
    by_inner = np.where(tip[:, None], inside * step, step)
    by_outer = np.where(tip[:, None], (1 - inside) * step, 1 - step)
    by_position = height * bell / blur
    return floor + height * step, np.stack([by_inner, by_outer, by_position, -z * by_position], axis=-1)


def _normal_equations(
    profiles: Profiles, prior: Prior, theta: Floats, model: Floats, jacobian: Floats, noise: Floats
) -> tuple[Floats, Floats]:
    weight = profiles.weight / noise[:, None] ** 2
    normal = np.einsum("nm,nmp,nmq->npq", weight, jacobian, jacobian, optimize=True)
    gradient = np.einsum("nm,nmp,nm->np", weight, jacobian, profiles.value - model, optimize=True)
    certainty = 1 / prior.sd**2
    normal += np.einsum("np,pq->npq", certainty, np.eye(4))
    return normal, gradient + certainty * (prior.mean - theta)


def _cost(profiles: Profiles, prior: Prior, theta: Floats, level: Floats, noise: Floats) -> Floats:
    model, _ = _model(profiles.position, theta, level, np.isfinite(level))
    misfit = (profiles.weight * (profiles.value - model) ** 2).sum(axis=1) / noise**2
    return np.asarray(misfit + (((theta - prior.mean) / prior.sd) ** 2).sum(axis=1))


def _rough_noise(profiles: Profiles) -> Floats:
    """Noise from second differences of neighbouring samples, robust to steps; at least a thousandth of the range."""
    second = np.diff(profiles.value, 2, axis=1)
    spread = 1.4826 * np.median(np.abs(second), axis=1) / np.sqrt(6)
    return np.asarray(np.maximum(spread, 0.02 * np.ptp(profiles.value, axis=1) + 1e-9))


def _result(profiles: Profiles, prior: Prior, theta: Floats, level: Floats, noise: Floats) -> StepFit:
    model, jacobian = _model(profiles.position, theta, level, np.isfinite(level))
    residual = profiles.weight * (profiles.value - model)
    freedom = np.maximum(profiles.weight.sum(axis=1) - 4, 1)
    sd = np.maximum(np.sqrt((residual**2).sum(axis=1) / freedom), 0.1 * noise)
    normal, _ = _normal_equations(profiles, prior, theta, model, jacobian, sd)
    covariance = np.linalg.inv(normal + 1e-12 * np.eye(4))
    variance = np.maximum(covariance[:, 2, 2], 0.0)
    inner, outer, position, blur = theta.T
    return StepFit(inner, outer, position, blur, np.sqrt(variance), sd, residual)
