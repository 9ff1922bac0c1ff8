"""Where each sheet of a stack lies: its middle and its rotation, from its edges on all sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ends import SheetEnds, SideEnds

Floats = NDArray[np.float64]

# What the fit cannot know, calibrated on generated stacks (random_pouch, seeds 100 to 121) and tested on others: noise
# of neighbouring places is shared, and what an edge is off on the whole of a side does not scatter.
_NOISE_FACTOR = 1.5
_COMMON_VOXELS = 0.043
_OUTLIER = 3.0  # standard uncertainties: farther edges (damage, tabs) weigh less
_ROUNDS = 4
_FEWEST = 3  # edges on a side that make a line


@dataclass(frozen=True)
class Lay:
    """How one sheet lies; NaN where its edges do not tell.

    Args:
        middle: Along x and y in mm, shape (2,); where only one of two sides is seen, the place of that edge.
        u: Standard uncertainties of the middle in mm and of the rotation in radians, shape (3,).
        turn: Rotation from x towards y in radians.
        size: Along x and y in mm, shape (2,); NaN where only one side is seen.
        edge: Which side that is along x and y, -1 or 1; 0 where both or none are seen, shape (2,).
        edges: Number of places at which its edges were read.
    """

    middle: Floats
    u: Floats
    turn: float
    size: Floats
    edge: Floats
    edges: int


@dataclass(frozen=True)
class _Edges:
    """Places at which one sheet ends: outward and along in mm, standard uncertainty, axis and sign of the side."""

    outward: Floats
    along: Floats
    u: Floats
    axis: NDArray[np.int64]
    sign: NDArray[np.int64]


def lay_of(sides: Sequence[SideEnds], ends: Sequence[SheetEnds], sheet: int) -> Lay:
    """Fit a rectangle to one sheet's ends: middle, rotation and half sizes, robustly.

    An edge that faces along x lies at ``x = middle + sign · half − rotation · (y − middle)``, one that faces along y
    at ``y = middle + sign · half + rotation · (x − middle)``; both for small rotations.

    Args:
        sides: Sides of the stack.
        ends: Ends of the sheet's kind on each of them.
        sheet: Which.
    """
    edges = _gather(sides, ends, sheet)
    unknown = _unknown(edges)
    theta, covariance = np.zeros(5), np.full((5, 5), np.nan)
    if not len(edges.u) or not unknown.any():
        return Lay(np.full(2, np.nan), np.full(3, np.nan), np.nan, np.full(2, np.nan), np.zeros(2), len(edges.u))
    weight = 1 / edges.u
    for _ in range(_ROUNDS):
        rows, target = _equations(edges, np.where(unknown[3:], theta[:2], 0.0))
        theta[unknown], covariance[np.ix_(unknown, unknown)] = _solve(rows[:, unknown], target, weight)
        distance = np.abs(target - rows @ theta) / edges.u
        weight = 1 / edges.u / np.sqrt(np.maximum(1, distance / _OUTLIER))
    common = _COMMON_VOXELS * max(side.voxel_mm for side in sides)
    return _lay(theta, covariance + np.diag([common**2, common**2, 0, 0, 0]), unknown, edges)


def _gather(sides: Sequence[SideEnds], ends: Sequence[SheetEnds], sheet: int) -> _Edges:
    parts: list[tuple[Floats, ...]] = []
    for side, these in zip(sides, ends, strict=True):
        read = np.isfinite(these.outward[:, sheet])
        if read.sum() >= _FEWEST:
            u = _NOISE_FACTOR * these.u[read, sheet]
            which = np.full((2, len(u)), [[side.side.axis], [side.side.sign]])
            parts.append((side.side.sign * these.outward[read, sheet], side.positions[read], u, *which))
    outward, along, u, axis, sign = (
        (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else [np.empty(0)] * 5
    )
    return _Edges(outward, along, u, axis.astype(int), sign.astype(int))


def _unknown(edges: _Edges) -> NDArray[np.bool_]:
    """Which of (x, y, rotation, half x, half y) the edges tell: halves where both sides are seen."""
    seen = [{int(sign) for sign in edges.sign[edges.axis == axis]} for axis in (0, 1)]
    return np.array([bool(seen[0]), bool(seen[1]), bool(seen[0] or seen[1]), len(seen[0]) == 2, len(seen[1]) == 2])


def _equations(edges: _Edges, pivot: Floats) -> tuple[Floats, Floats]:
    """Rows (m, 5) and values (m,) of the linear equations; the sheet turns about its middle where that is known.

    Where it is not, the middle of the stack takes its place: there the edge's place does not hang on the rotation.
    """
    along_y = edges.axis == 1
    lever = np.where(along_y, edges.along - pivot[0], -(edges.along - pivot[1]))
    rows = np.column_stack([~along_y, along_y, lever, ~along_y * edges.sign, along_y * edges.sign]).astype(float)
    return rows, edges.outward


def _solve(rows: Floats, target: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares and its covariance, no smaller than the scatter says."""
    weighted = rows * weight[:, None]
    normal = np.linalg.pinv(weighted.T @ weighted)
    solution = normal @ (weighted.T @ (weight * target))
    freedom = max(len(target) - rows.shape[1], 1)
    scatter = float(np.sum((weight * (target - rows @ solution)) ** 2)) / freedom
    return solution, normal * max(scatter, 1.0)


def _lay(theta: Floats, covariance: Floats, unknown: NDArray[np.bool_], edges: _Edges) -> Lay:
    value = np.where(unknown, theta, np.nan)
    u = np.sqrt(np.diag(covariance)[:3])
    seen = [{int(sign) for sign in edges.sign[edges.axis == axis]} for axis in (0, 1)]
    edge = np.array([sum(signs) for signs in seen], float)
    return Lay(value[:2], u, float(value[2]), 2 * value[3:], edge, len(edges.u))
