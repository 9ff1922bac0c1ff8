"""Generated pictures of what no model is for: noise, scenes, pages, bodies, patterns; they teach what is foreign.

After Hendrycks, Mazeika & Dietterich 2019, ICLR (outlier exposure): what was seen of anything else tells more about the
border of the familiar than the familiar alone does. No picture that anyone took is among them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .drawing import Floats, Random, blur, coloured, ellipse, light, shape
from .scenes import SCENES


def draw_outlier(seed: int, edge: int = 256) -> Floats:
    """A picture of the kind that its seed stands for, grey values of any range.

    Args:
        seed: Seeds that follow one another give one kind after the other.
        edge: Rows and columns.
    """
    rng = np.random.default_rng((seed, 4242))
    kind = KINDS[_ORDER[seed % len(_ORDER)]]
    picture = kind(rng, edge)
    picture = picture + rng.choice([0.0, 0.02, 0.08]) * picture.std() * rng.normal(size=picture.shape)
    return np.asarray(-picture if rng.random() < 0.2 else picture, np.float64)


def _white(rng: Random, edge: int) -> Floats:
    size = (edge, edge)
    kinds = (
        rng.normal(size=size),
        rng.random(size),
        rng.exponential(size=size),
        rng.poisson(rng.uniform(0.1, 9), size),
    )
    return np.asarray(kinds[rng.integers(len(kinds))], np.float64)


def _coloured(rng: Random, edge: int) -> Floats:
    return coloured(rng, edge, rng.uniform(0.2, 3.0))


def _smoothed(rng: Random, edge: int) -> Floats:
    """Noise without its finest detail."""
    return blur(_white(rng, edge), rng.uniform(0.5, 12.0))


def _page(rng: Random, edge: int) -> Floats:
    """Lines of letters made of strokes."""
    page, height = np.ones((edge, edge)), int(rng.integers(5, 24))
    pitch = int(height * rng.uniform(1.3, 2.2))
    for top in range(int(rng.integers(0, pitch)), edge - height, pitch):
        left = int(rng.integers(0, 2 * height))
        while left < edge - height:
            if rng.random() < 0.83:
                width = int(height * rng.uniform(0.4, 0.9)) + 1
                page[top : top + height, left : left + width] -= _letter(rng, height, width)
            left += int(height * rng.uniform(0.6, 1.0)) + 1
    return blur(page, rng.uniform(0.2, 1.2)) + rng.uniform(0, 0.3) * light(rng, edge)


def _letter(rng: Random, height: int, width: int) -> Floats:
    letter, thick = np.zeros((height, width)), max(1, height // 7)
    for _ in range(rng.integers(2, 5)):
        row, column = int(rng.integers(0, height)), int(rng.integers(0, width))
        if rng.random() < 0.5:
            letter[row : row + thick] = 1.0
        else:
            letter[:, column : column + thick] = 1.0
    return letter


def _body(rng: Random, edge: int) -> Floats:
    """A section through a body: a rim perhaps, and organs of little contrast, in air."""
    outer = rng.uniform(0.3, 0.49) * edge
    aspect, turn = rng.uniform(0.6, 1.0), rng.uniform(0, np.pi)
    picture = rng.uniform(0, 0.2) + 1.0 * ellipse(edge, (edge / 2, edge / 2), (outer, outer * aspect), turn)
    if rng.random() < 0.6:
        inner = outer - rng.uniform(2, 12)
        rim = ellipse(edge, (edge / 2, edge / 2), (inner, inner * aspect), turn)
        picture += rng.uniform(0.5, 4.0) * ((picture > 0.9) & ~rim)
    for _ in range(rng.integers(3, 15)):
        place = edge / 2 + rng.normal(size=2) * outer * 0.35
        axes = outer * rng.uniform(0.03, 0.45, 2)
        organ = ellipse(edge, (place[0], place[1]), (axes[0], axes[1]), rng.uniform(0, np.pi))
        picture += rng.normal() * rng.choice([0.1, 0.3, 1.0]) * organ
    soft = blur(np.asarray(picture, np.float64), rng.uniform(0.0, 1.5))
    return soft + rng.uniform(0, 0.1) * coloured(rng, edge, rng.uniform(-0.3, 1))


def _pattern(rng: Random, edge: int) -> Floats:
    """Weaves, tiles, bricks: waves in two directions, cut or not."""
    i, j = np.mgrid[:edge, :edge]
    picture: Floats = np.zeros((edge, edge))
    for _ in range(rng.integers(2, 5)):
        turn, length = rng.uniform(0, np.pi), rng.uniform(3, 60)
        wave = np.sin(2 * np.pi * (i * np.cos(turn) + j * np.sin(turn)) / length + rng.uniform(0, 6))
        picture += (np.sign(wave) if rng.random() < 0.4 else wave) * rng.uniform(0.3, 1)
    return blur(picture + rng.uniform(0, 1) * coloured(rng, edge, 1.0), rng.uniform(0.3, 1.5))


def _tiles(rng: Random, edge: int) -> Floats:
    """Bricks, boards, tiles."""
    height, width = rng.uniform(6, 60, 2)
    i, j = np.mgrid[:edge, :edge].astype(float)
    row = (i / height).astype(int)
    along = j + width * rng.choice([0.0, 0.5]) * (row % 2)
    column = (along / width).astype(int)
    greys = rng.normal(size=(edge, edge)) * rng.uniform(0, 1)
    picture = greys[row, column] if rng.random() < 0.6 else 2.0 * ((row + column) % 2)
    joint = (i % height < rng.uniform(0, 4)) | (along % width < rng.uniform(0, 4))
    texture = rng.uniform(0, 0.5) * coloured(rng, edge, rng.uniform(0.3, 2.0))
    return blur(np.asarray(np.where(joint, rng.normal() * 2, picture) + texture), rng.uniform(0.3, 1.5))


def _empty(rng: Random, edge: int) -> Floats:
    """Hardly anything: a slope, a spot, a few steps of grey."""
    picture = light(rng, edge) * rng.uniform(0, 3)
    for _ in range(rng.integers(0, 4)):
        picture[shape(rng, edge, rng.uniform(1, edge / 6))] += rng.normal() * 5
    specks = (rng.random((edge, edge)) < rng.choice([0.0, 0.02])) * 1.0
    return np.asarray(np.rint(picture * rng.uniform(1, 20)) + specks)


KINDS: dict[str, Callable[[Random, int], Floats]] = {
    "white noise": _white,
    "coloured noise": _coloured,
    "smooth noise": _smoothed,
    **SCENES,
    "page": _page,
    "body": _body,
    "pattern": _pattern,
    "tiles": _tiles,
    "hardly anything": _empty,
}
# A section through a body is what a section through a cell is most easily taken for.
_ORDER = (*KINDS, "body", "body", "body")
