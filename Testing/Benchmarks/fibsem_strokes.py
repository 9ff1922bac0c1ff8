"""Strokes as people paint them with a brush 7 pixels wide: wavy lines inside objects, half of them along edges.

People go from object to object, small ones too: each stroke begins in an object drawn with a chance that grows with the
square root of its area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RADIUS = 3.0  # of the brush, pixels
_LENGTHS = (40, 150)  # of a stroke, pixels
_WAVES = 0.12  # radians by which a hand turns from pixel to pixel
_ALONG_EDGES = 0.5  # of the strokes
_AT_A_TIME = 5  # strokes between two looks at how much is painted


@dataclass(frozen=True)
class Phase:
    """Where strokes of a phase may run.

    Args:
        depth: Distance of each of its pixels to its edge, 0 outside, shape (rows, columns).
        uphill: Gradient of the depth, shape (2, rows, columns).
        starts: Pixels at which strokes begin: anywhere inside; beside an edge.
        chances: Of these pixels.
    """

    depth: NDArray[np.float64]
    uphill: NDArray[np.float64]
    starts: tuple[NDArray[np.int64], NDArray[np.int64]]
    chances: tuple[NDArray[np.float64], NDArray[np.float64]]


def scribble(labels: NDArray[np.uint8], budget: int, seed: int) -> NDArray[np.uint8]:
    """Labels of a slice that strokes cover, 0 elsewhere.

    Args:
        labels: Shape (rows, columns), all pixels labelled.
        budget: Pixels painted at most; each class gets an equal part.
        seed: Of the hand.
    """
    random = np.random.default_rng(seed)
    strokes = np.zeros_like(labels)
    values = [int(value) for value in np.unique(labels)]
    for value in values:
        strokes[_paint(labels == value, budget // len(values), random)] = value
    return strokes


def _paint(mask: NDArray[np.bool_], budget: int, random: np.random.Generator) -> NDArray[np.bool_]:
    from scipy.ndimage import distance_transform_edt

    phase, centres = _phase(mask), np.zeros(mask.shape, bool)
    painted = centres
    while True:
        for _ in range(_AT_A_TIME):
            path = _stroke(phase, random)
            centres[path[:, 0], path[:, 1]] = True
        wider = mask & (distance_transform_edt(~centres) <= RADIUS)
        if wider.sum() > budget:
            return painted
        painted = wider


def _phase(mask: NDArray[np.bool_]) -> Phase:
    from scipy.ndimage import distance_transform_edt, gaussian_filter, label

    depth = np.asarray(distance_transform_edt(mask), float)
    inside, beside = np.argwhere(depth > RADIUS), np.argwhere((depth > RADIUS) & (depth <= RADIUS + 1.0))
    objects, _ = label(mask)
    chances = tuple(_chances(objects[tuple(starts.T)]) for starts in (inside, beside))
    uphill = np.stack(np.gradient(gaussian_filter(depth, 1.0)))
    return Phase(depth, uphill, (inside, beside), (chances[0], chances[1]))


def _chances(objects: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of pixels (n,), by the numbers of their objects: as likely as the square root of the object's pixels, in all."""
    chances = 1.0 / np.sqrt(np.bincount(objects)[objects])
    return np.asarray(chances / chances.sum())


def _stroke(phase: Phase, random: np.random.Generator) -> NDArray[np.int64]:
    """Pixels (n, 2) that the middle of the brush runs over."""
    along = random.random() < _ALONG_EDGES
    starts, chances = phase.starts[int(along)], phase.chances[int(along)]
    place = starts[random.choice(len(starts), p=chances)].astype(float)
    heading, path = random.uniform(0, 2 * np.pi), []
    for _ in range(random.integers(*_LENGTHS)):
        row, column = np.rint(place).astype(int)
        if not (0 <= row < phase.depth.shape[0] and 0 <= column < phase.depth.shape[1]):
            break
        if phase.depth[row, column] <= RADIUS - 0.5:
            break
        path.append((row, column))
        heading = _turn(phase, (row, column), heading) if along else heading + random.normal(0, _WAVES)
        place = place + np.array([np.sin(heading), np.cos(heading)])
    return np.array(path, np.int64).reshape(-1, 2)


def _turn(phase: Phase, place: tuple[int, int], heading: float) -> float:
    """The direction along the edge that is nearest to a heading, turned back to the edge's distance."""
    deeper = phase.uphill[:, place[0], place[1]]
    tangent = np.array([-deeper[1], deeper[0]])
    tangent *= np.sign(tangent @ (np.sin(heading), np.cos(heading))) or 1.0
    wanted = tangent + deeper * np.clip(RADIUS + 0.5 - phase.depth[place], -1.0, 1.0)
    return float(np.arctan2(wanted[0], wanted[1])) if np.any(wanted) else heading
