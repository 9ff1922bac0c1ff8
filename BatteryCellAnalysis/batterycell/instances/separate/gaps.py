"""Narrow gaps in a class, found by closing it with a ball."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import floor, sqrt

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Distance = Callable[[Mask], NDArray[np.float32]]
# To move the whole over a ball of more voxels takes longer than to find distances.
_MOST_STEPS = 300
# A ball holds the voxels on its surface, however their place was rounded.
_ON = 1 + 1e-6


def close_gaps(inside: Mask, half: float, squares: tuple[float, ...], distance: Distance) -> Mask:
    """A class with its gaps up to twice ``half`` wide: what no ball of that radius outside of the class can reach.

    Serra, Image Analysis and Mathematical Morphology, 1982, ch. II: the closing by a ball.

    Args:
        inside: Shape (k, j, i).
        half: Radius of the ball.
        squares: Squared edges of a voxel along (k, j, i); infinite where neighbours along an axis are none.
        distance: Gives the distance to the nearest voxel that is not inside, in the unit of ``half``.
    """
    steps = _ball(half, squares)
    if len(steps) > _MOST_STEPS:
        near = distance(~inside) <= half * _ON
        return np.asarray(distance(near) > half * _ON)
    return ~_spread(~_spread(inside, steps), steps)


def _ball(radius: float, squares: tuple[float, ...]) -> list[tuple[int, ...]]:
    """Steps to the voxels of one half of a ball; the other half are the steps back."""
    reach = (range(-n, n + 1) for n in (floor(radius / sqrt(one) * _ON) for one in squares))
    return [
        step
        for step in product(*reach)
        if step > (0, 0, 0)
        and sum(n * n * one for n, one in zip(step, squares, strict=True) if n) <= (radius * _ON) ** 2
    ]


def _spread(inside: Mask, steps: list[tuple[int, ...]]) -> Mask:
    """Everything within a ball of what is inside."""
    spread: Mask = inside.copy()
    for step in steps:
        here = tuple(slice(max(-n, 0), -n if n > 0 else None) for n in step)
        there = tuple(slice(max(n, 0), n if n < 0 else None) for n in step)
        spread[there] |= inside[here]
        spread[here] |= inside[there]
    return spread
