"""Outlines of point sets on the grid, of all objects at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def outline(group: Ints, u: Ints, v: Ints) -> tuple[Ints, Ints]:
    """The convex hulls of points in planes, one of each group, as two chains along u.

    What lies on or inside the line between its neighbours is dropped, in all groups at once, until nothing does.

    Args:
        group: Group of each point, shape (p,).
        u: Coordinate along the chains.
        v: Coordinate across.

    Returns:
        Indices of the points of the lower and of the upper chain, each in the order of group and u; the points at both
        ends of u are in both chains where there is but one of them.
    """
    order = np.lexsort((v, u, group))
    first = _new(group[order]) | _new(u[order])
    last = np.append(first[1:], True)[: len(first)]
    lower, upper = order[first], order[last]
    return lower[_chain(group[lower], u[lower], v[lower])], upper[_chain(group[upper], u[upper], -v[upper])]


def extreme(group: Ints, u: Ints, v: Ints) -> Ints:
    """Indices of the corners of the convex hull of each group, each once, rising."""
    lower, upper = outline(group, u, v)
    chosen = np.zeros(len(group), bool)
    chosen[lower] = chosen[upper] = True
    return np.flatnonzero(chosen)


def _new(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before; the first does."""
    return np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.zeros(0, bool)


def _chain(group: Ints, u: Ints, v: Ints) -> Ints:
    """Positions that remain when all but the lower convex chain of each group is dropped; u rises in each group."""
    rank = np.cumsum(_new(group)) - 1
    open_, done = np.arange(len(group)), [np.zeros(0, np.intp)]
    while len(open_):
        drop = _inside(rank[open_], u[open_], v[open_])
        changed = np.zeros(rank[-1] + 1, bool)
        changed[rank[open_[drop]]] = True
        rest = changed[rank[open_]]
        done.append(open_[~rest])
        open_ = open_[rest & ~drop]
    return np.sort(np.concatenate(done))


def _inside(group: Ints, u: Ints, v: Ints) -> NDArray[np.bool_]:
    """Whether a point lies on or above the line between its neighbours in the group."""
    inside = np.zeros(len(group), bool)
    along, across = u[2:] - u[:-2], v[2:] - v[:-2]
    turn = (u[1:-1] - u[:-2]) * across - (v[1:-1] - v[:-2]) * along
    inside[1:-1] = (turn <= 0) & (group[2:] == group[:-2])
    return inside
