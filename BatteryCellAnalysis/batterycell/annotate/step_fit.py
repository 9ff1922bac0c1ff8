"""Least-squares fit of blurred, parallel, flat edges to the voxels about a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from .noise import Fit, fit_spread

Floats = NDArray[np.float64]

# Steepest slope that an edge may have against the plane across the ruler: tan 75°.
_MAX_SLOPE = 3.7
# In voxels: what moves farther from where it was seen, or is blurred more, is no edge.
_MOST_MOVE, _MOST_BLUR = 1.5, 3.0
# Mean and standard deviation of what is known beforehand of the two slopes and of the blur's logarithm (in voxels):
# most rulers are drawn roughly across the edge, and scanners blur by about a voxel. Edges that stand alone tell their
# blur themselves; a sheet as thin as the blur does not, and its neighbours would then be anywhere.
_BEFORE = (np.array([0.0, 0.0, np.log(0.85)]), np.array([1.0, 1.0, 0.35]))


@dataclass(frozen=True)
class Patch:
    """Voxels about a line.

    Args:
        along: Position of each voxel along the line in mm, shape (n,).
        across: Position beside the line in mm along two axes, shape (n, 2).
        value: Grey values, shape (n,).
        point: Place of each voxel in mm, shape (n, 3), for the noise's correlation.
        voxel_mm: Voxel size along the line.
        mean_mm: Mean voxel size (of equal volume).
    """

    along: Floats
    across: Floats
    value: Floats
    point: Floats
    voxel_mm: float
    mean_mm: float


@dataclass(frozen=True)
class Steps:
    """Fitted edges.

    Args:
        position: Where they cross the line, mm, shape (k,).
        u95: Half width of the 95 % interval of each position, mm, shape (k,).
        contrast: Grey value after minus before each edge, shape (k,).
        u_contrast: Standard uncertainty of the contrasts, shape (k,).
        slope: Slope of the edges against the plane across the line, shape (2,).
        blur: Standard deviation of the blur along the line, mm.
        noise: Standard deviation of the residuals.
        count: Number of independent values that the residuals are worth.
    """

    position: Floats
    u95: Floats
    contrast: Floats
    u_contrast: Floats
    slope: Floats
    blur: float
    noise: float
    count: float


def fit_steps(patch: Patch, start: Floats, slope: Floats) -> Steps | None:
    """Fit parallel edges of one blur: ``level + Σ contrast · Φ((along − position − slope · across) / blur)``.

    The error function is the edge of a plane seen through a Gaussian blur; that a voxel averages over its box widens
    the blur, which is free, and does not move the position. The covariance is that of ordinary least squares under
    correlated noise, ``(JᵀJ)⁻¹ JᵀCJ (JᵀJ)⁻¹`` (White 1980), with C found from the residuals (`fit_spread`).

    Args:
        patch: Voxels.
        start: Rough positions of the edges, mm, ascending, shape (k,).
        slope: Rough slope, shape (2,).

    Returns:
        The edges; None where the voxels do not determine them.
    """
    count = len(start)
    if len(patch.value) < 2 * (2 * count + 4):
        return None
    blur = patch.mean_mm * float(np.sqrt(1 + slope @ slope))
    theta, noise = _first_guess(patch, start, slope), 0.03 * float(np.ptp(patch.value)) + 1e-9
    for _ in range(2):  # the second time with the noise that the first has found, which weighs the prior
        done = _minimize(patch, theta, _prior(len(theta), noise, blur))
        if done is None:
            return None
        theta, noise = done.x, _noise(done.fun[:-3], len(theta))
    return _steps(patch, done)


def _minimize(patch: Patch, guess: Floats, prior: tuple[Floats, Floats]) -> optimize.OptimizeResult | None:
    rows, target = prior
    with np.errstate(all="ignore"):  # far off the edge the model overflows, and the step is taken back
        done = optimize.least_squares(
            lambda theta: np.concatenate([_model(patch, theta)[0] - patch.value, rows @ theta - target]),
            guess,
            jac=lambda theta: np.vstack([_model(patch, theta)[1], rows]),
            method="lm",
            x_scale="jac",
            max_nfev=40,
            xtol=1e-5,
            ftol=1e-7,
        )
    return done if _is_near(patch, done.x, guess) else None


def _is_near(patch: Patch, theta: Floats, guess: Floats) -> bool:
    """Whether the edges stayed where they were seen, and look like edges."""
    positions, slope = slice((len(theta) - 4) // 2 + 1, -3), theta[-3:-1]
    move = _MOST_MOVE * patch.voxel_mm * np.sqrt(1 + (guess[-3:-1] ** 2).sum())
    near = np.abs(theta[positions] - guess[positions]) <= move
    widest = _MOST_BLUR * max(patch.voxel_mm, patch.mean_mm) * np.sqrt(1 + slope @ slope)
    return bool(near.all() and np.abs(slope).max() <= _MAX_SLOPE and np.exp(theta[-1]) <= widest)


def _noise(residual: Floats, parameters: int) -> float:
    return float(np.sqrt(residual @ residual / max(len(residual) - parameters, 1))) + 1e-9


def _model(patch: Patch, theta: Floats) -> tuple[Floats, Floats]:
    """Model (n,) and derivatives (n, p) by level, k contrasts, k positions, two slopes and the blur's logarithm."""
    count = (len(theta) - 4) // 2
    contrast, position, slope, blur = theta[1 : count + 1], theta[count + 1 : -3], theta[-3:-1], np.exp(theta[-1])
    z = (patch.along - patch.across @ slope)[:, None] / blur - position / blur
    step = special.ndtr(z)
    bell = contrast * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    shift = -bell / blur
    by_slope = shift.sum(axis=1)[:, None] * patch.across
    by_blur = -(bell * z).sum(axis=1)[:, None]
    model = theta[0] + step @ contrast
    return model, np.hstack([np.ones((len(z), 1)), step, shift, by_slope, by_blur])


def _prior(size: int, noise: float, blur: float) -> tuple[Floats, Floats]:
    """What is known beforehand, as rows (3, p) and values (3,) of further residuals; ``blur`` of one voxel, in mm."""
    mean, sd = _BEFORE
    rows = np.zeros((3, size))
    rows[:, -3:] = np.diag(noise / sd)
    return rows, noise / sd * (mean + np.array([0, 0, np.log(blur)]))


def _first_guess(patch: Patch, start: Floats, slope: Floats) -> Floats:
    """Levels by linear least squares at the rough positions."""
    levels = len(start) + 1
    theta = np.concatenate([np.zeros(levels), start, slope, [np.log(0.8 * patch.voxel_mm)]])
    columns = _model(patch, np.concatenate([np.ones(levels), theta[levels:]]))[1][:, :levels]
    theta[:levels] = np.linalg.lstsq(columns, patch.value, rcond=None)[0]
    return theta


def _steps(patch: Patch, done: optimize.OptimizeResult) -> Steps | None:
    jacobian, rows, residual = done.jac[:-3], done.jac[-3:], done.fun[:-3]
    spread = fit_spread(patch.point / patch.mean_mm, Fit(jacobian, residual, rows, _noise(residual, len(done.x))))
    if spread is None:
        return None
    count = (len(done.x) - 4) // 2
    contrasts, positions = slice(1, count + 1), slice(count + 1, -3)
    return Steps(
        position=done.x[positions],
        u95=spread.u95[positions],
        contrast=done.x[contrasts],
        u_contrast=spread.sd[contrasts],
        slope=done.x[-3:-1],
        blur=float(np.exp(done.x[-1])),
        noise=_noise(residual, len(done.x)),
        count=spread.count,
    )
