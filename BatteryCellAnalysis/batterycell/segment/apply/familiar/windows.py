"""Windows of an image, as a network sees them: a few from all over it."""

from __future__ import annotations

from itertools import product

import numpy as np

from batterycell.segment.apply.blocks import Seen
from batterycell.segment.apply.plan import Plan, make_plan
from batterycell.segment.apply.settings import Along, Box
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.info import ModelInfo

from .descriptor import LEAST_EDGE, Image2D

EDGE = 512
_COUNT = 16


def image_windows(image: Image, levels: tuple[Levels, ...], info: ModelInfo, along: Along = "auto") -> list[Image2D]:
    """Windows of slices that are spread over an image; none where it is too small to be judged.

    Args:
        image: The image, channels in the model's order.
        levels: One a channel.
        info: The model's.
        along: The axis across the slices.
    """
    plan = make_plan(image, info, "auto" if along == "around" else along)
    seen = Seen(image, levels, plan, ((0, 0, 0), plan.image.shape))
    return [window for box in _boxes(plan) for window in seen.pixels(box, 0)[:, 0]]


def tiles(picture: Image2D) -> list[Image2D]:
    """A picture in equal parts, none larger than `EDGE`."""
    rows, columns = (_spans(length) for length in picture.shape)
    return [picture[a:b, c:d] for (a, b), (c, d) in product(rows, columns)]


def _boxes(plan: Plan) -> list[Box]:
    """Some of the equal parts of evenly spread slices."""
    slices, *edges = plan.network.shape
    if min(edges) < LEAST_EDGE:
        return []
    parts = [((a, c), (b, d)) for (a, b), (c, d) in product(*map(_spans, edges))]
    count = min(slices, max(1, -(-_COUNT // len(parts))))
    numbers = [int((n + 0.5) * slices / count) for n in range(count)]
    boxes: list[Box] = [((k, *first), (k + 1, *last)) for k in numbers for first, last in parts]
    chosen = np.unique(np.linspace(0, len(boxes) - 1, min(len(boxes), _COUNT)).round().astype(int))
    return [boxes[place] for place in chosen]


def _spans(length: int) -> list[tuple[int, int]]:
    count = -(-length // EDGE)
    return [(n * length // count, (n + 1) * length // count) for n in range(count)]
