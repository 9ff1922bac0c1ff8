"""Least-squares fits of blurred steps to many grey-value profiles at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_ITERATIONS = 30
_CONVERGED = 1e-7  # of the cost: what is left to gain moves an end by far less than its uncertainty


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
        below: Value below the first step (a sheet between cathodes), shape (n,).
        plateau: Value before the end, shape (n,).
        beyond: Value beyond the end, shape (n,).
        position: Where the end is, mm: halfway from plateau to beyond, shape (n,).
        blur: Standard deviation of the blur, mm, shape (n,).
        u_position: Standard uncertainty of the position for uncorrelated noise, mm, shape (n,).
        residual: Shape (n, m), 0 where a sample does not count.
    """

    below: Floats
    plateau: Floats
    beyond: Floats
    position: Floats
    blur: Floats
    u_position: Floats
    residual: Floats


_POSITION, _BLUR = 3, 4  # columns of the parameters (below, plateau, beyond, position, blur)


def fit_steps(profiles: Profiles, prior: Prior, level: Floats) -> StepFit:
    """Fit ends with Gaussian blur: ``beyond + (height − beyond) · Φ((position − x) / blur)``.

    The height before the end steps at a known level from `below` to `plateau`, with the same blur: an anode's
    contrast differs between two cathodes and above them. Where the level is -inf the height is the plateau alone.

    Args:
        profiles: n profiles.
        prior: On (below, plateau, beyond, position, blur), shape (n, 5); its means are the start values.
        level: Height of the known step in mm, shape (n,).
    """
    theta, damping = prior.mean.copy(), np.full(len(prior.mean), 1e-3)
    noise = _rough_noise(profiles)
    cost = _cost(profiles, prior, theta, level, noise)
    for _ in range(_ITERATIONS):
        trial = _step(profiles, prior, theta, level, (noise, damping))
        trial_cost = _cost(profiles, prior, trial, level, noise)
        better = trial_cost < cost
        done = np.abs(trial_cost - cost) <= _CONVERGED * cost
        theta = np.where(better[:, None], trial, theta)
        cost, damping = np.where(better, trial_cost, cost), np.clip(damping * np.where(better, 0.3, 5.0), 1e-9, 1e6)
        if done.all():
            break
    return _result(profiles, prior, theta, level, noise)


def _step(profiles: Profiles, prior: Prior, theta: Floats, level: Floats, state: tuple[Floats, Floats]) -> Floats:
    """One trial step of Levenberg and Marquardt (Marquardt 1963) for all profiles; state: noise, damping."""
    noise, damping = state
    model, jacobian = _model(profiles.position, theta, level)
    normal, gradient = _normal_equations(profiles, prior, theta, model, jacobian, noise)
    diagonal = damping[:, None] * np.einsum("npp->np", normal) + 1e-12
    damped = normal + diagonal[:, :, None] * np.eye(theta.shape[1])
    step = np.linalg.solve(damped, gradient[..., None])[..., 0]
    # Positions move by at most one blur, the blur by half of itself: the model says little farther away.
    blur = theta[:, _BLUR]
    step[:, _POSITION] = np.clip(step[:, _POSITION], -blur, blur)
    step[:, _BLUR] = np.clip(step[:, _BLUR], -0.5 * blur, 0.5 * blur)
    trial = theta + step
    trial[:, _BLUR] = np.clip(trial[:, _BLUR], 0.2 * prior.mean[:, _BLUR], 4 * prior.mean[:, _BLUR])
    return np.asarray(trial)


def _model(position: Floats, theta: Floats, level: Floats) -> tuple[Floats, Floats]:
    """Model values (n, m) and their derivatives (n, m, 5) by (below, plateau, beyond, position, blur)."""
    below, plateau, beyond, at, blur = (column[:, None] for column in theta.T)
    z = (at - position) / blur
    step, bell = special.ndtr(z), np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    between = special.ndtr((level[:, None] - position) / blur)
    drop = below * between + plateau * (1 - between) - beyond
    by_position = drop * bell / blur
    by = [between * step, (1 - between) * step, 1 - step, by_position, -z * by_position]
    return beyond + drop * step, np.stack(by, axis=-1)


def _normal_equations(
    profiles: Profiles, prior: Prior, theta: Floats, model: Floats, jacobian: Floats, noise: Floats
) -> tuple[Floats, Floats]:
    weighted = jacobian * (profiles.weight / noise[:, None] ** 2)[..., None]
    normal = np.matmul(weighted.transpose(0, 2, 1), jacobian)
    gradient = np.matmul(weighted.transpose(0, 2, 1), (profiles.value - model)[..., None])[..., 0]
    certainty = 1 / prior.sd**2
    return normal + certainty[:, :, None] * np.eye(theta.shape[1]), gradient + certainty * (prior.mean - theta)


def _cost(profiles: Profiles, prior: Prior, theta: Floats, level: Floats, noise: Floats) -> Floats:
    model, _ = _model(profiles.position, theta, level)
    misfit = (profiles.weight * (profiles.value - model) ** 2).sum(axis=1) / noise**2
    return np.asarray(misfit + (((theta - prior.mean) / prior.sd) ** 2).sum(axis=1))


def _rough_noise(profiles: Profiles) -> Floats:
    """Noise from second differences of neighbouring samples, robust to steps; at least a fiftieth of the range."""
    second = np.diff(profiles.value, 2, axis=1)
    spread = 1.4826 * np.median(np.abs(second), axis=1) / np.sqrt(6)
    return np.asarray(np.maximum(spread, 0.02 * np.ptp(profiles.value, axis=1) + 1e-9))


def _result(profiles: Profiles, prior: Prior, theta: Floats, level: Floats, noise: Floats) -> StepFit:
    model, jacobian = _model(profiles.position, theta, level)
    residual = profiles.weight * (profiles.value - model)
    freedom = np.maximum(profiles.weight.sum(axis=1) - theta.shape[1], 1)
    sd = np.maximum(np.sqrt((residual**2).sum(axis=1) / freedom), 0.1 * noise)
    normal, _ = _normal_equations(profiles, prior, theta, model, jacobian, sd)
    covariance = np.linalg.inv(normal + 1e-12 * np.eye(theta.shape[1]))
    below, plateau, beyond, position, blur = theta.T
    u_position = np.sqrt(np.maximum(covariance[:, _POSITION, _POSITION], 0.0))
    return StepFit(below, plateau, beyond, position, blur, u_position, residual)


def correlation_inflation(residual: Floats) -> float:
    """Factor on uncertainties because neighbouring samples share noise: sqrt(1 + 2 Σ ρ(k)), from residuals (n, m).

    Source: variance of a mean of correlated samples (Priestley 1981, §5.3.2), correlations pooled over profiles
    and summed up to their first zero.
    """
    variance = float((residual**2).mean())
    total = 1.0
    for lag in range(1, residual.shape[1] // 4):
        rho = float((residual[:, lag:] * residual[:, :-lag]).mean()) / variance if variance > 0 else 0.0
        if rho <= 0:
            break
        total += 2 * rho
    return float(np.sqrt(total))
