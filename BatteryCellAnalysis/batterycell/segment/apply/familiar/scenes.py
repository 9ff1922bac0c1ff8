"""Pictures like photographs: scenes, things in front of one another, lit surfaces, stars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .drawing import Floats, Random, blur, coloured, light, shape


def _regions(rng: Random, edge: int) -> Floats:
    """A scene: regions with greys and textures of their own, under uneven light."""
    picture = coloured(rng, edge, rng.uniform(0.8, 2.0)) * rng.uniform(0.05, 0.5)
    for _ in range(rng.integers(2, 9)):
        inside = coloured(rng, edge, rng.uniform(1.5, 3.0)) > rng.uniform(-0.5, 1.5)
        texture = coloured(rng, edge, rng.uniform(0.3, 2.0)) * rng.uniform(0.0, 0.5)
        picture = np.where(inside, rng.normal() + texture, picture)
    return blur(np.asarray(picture + light(rng, edge)), rng.uniform(0.3, 1.5))


def _leaves(rng: Random, edge: int) -> Floats:
    """Things in front of one another, of all sizes and greys (dead leaves, Lee, Mumford & Huang 2001, IJCV)."""
    picture, smallest = rng.normal() * np.ones((edge, edge)), rng.uniform(2, 12)
    for _ in range(rng.integers(20, 300)):
        radius = min(smallest * rng.random() ** -0.7, edge / 2)
        inside = shape(rng, edge, radius)
        shade = rng.normal() + light(rng, edge)[inside] * rng.uniform(0, 2)
        picture[inside] = shade + rng.choice([0, 0.1, 0.3]) * rng.normal(size=int(inside.sum()))
    return blur(picture + light(rng, edge), rng.uniform(0.3, 1.5))


def _relief(rng: Random, edge: int) -> Floats:
    """Stones, leaves, cloth: a surface lit from one side."""
    height = coloured(rng, edge, rng.uniform(1.0, 2.5)) * rng.uniform(0.0, 6.0)
    radius = rng.uniform(4, 40)
    for _ in range(int(min(250, rng.uniform(0.3, 2.0) * (edge / radius) ** 2))):
        place, size = rng.uniform(0, edge, 2), radius * rng.uniform(0.5, 1.5)
        top, left = (max(0, int(one - size)) for one in place)
        part = height[top : int(place[0] + size) + 1, left : int(place[1] + size) + 1]
        i, j = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        dome = size**2 - (i - place[0]) ** 2 - (j - place[1]) ** 2
        np.maximum(part, np.sqrt(np.maximum(dome, 0)) + 0.3 * size * (dome > 0), out=part)
    down, right = np.gradient(blur(height, rng.uniform(0.5, 2.0)))
    turn, greys = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5) * height / radius
    lit = np.clip(down * np.cos(turn) + right * np.sin(turn), -1.5, 1.5)
    return np.asarray(lit + greys + rng.uniform(0, 0.3) * coloured(rng, edge, rng.uniform(0.0, 1.5)))


def _stars(rng: Random, edge: int) -> Floats:
    """Bright spots of all sizes in the dark."""
    picture = rng.uniform(0, 0.5) * coloured(rng, edge, rng.uniform(0.0, 2.0))
    for size in rng.uniform(0.5, 8.0, rng.integers(1, 4)):
        spots = np.zeros((edge, edge))
        count = int(rng.uniform(0.002, 0.1) * (edge / size) ** 2) + 1
        spots[tuple(rng.integers(0, edge, (2, count)))] = rng.pareto(1.5, count) + 0.2
        picture += size * rng.uniform(2, 10) * blur(spots, size)
    return np.asarray(np.minimum(picture, rng.uniform(1, 20)))


SCENES: dict[str, Callable[[Random, int], Floats]] = {
    "scene": _regions,
    "things": _leaves,
    "relief": _relief,
    "stars": _stars,
}
