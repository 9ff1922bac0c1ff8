"""How unlike frames look: small pictures of them, compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.apply.plan import part
from batterycell.segment.data.grid import sample_grey
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image, Levels

Thumb = NDArray[np.float32]
# Rows and columns of the pictures.
_THUMB = 24


def make_thumb(image: Image, frame: Frame, levels: Sequence[Levels]) -> Thumb:
    """A small picture of a frame's middle slice, levels applied, contrast as in the whole."""
    grid = frame_grid(frame, image.grid, Sampling())
    middle = grid.shape[0] // 2
    plane = part(grid, ((middle, 0, 0), (middle + 1, *grid.shape[1:])))
    _, row, column = plane.voxel_size_um
    small = plane.resized((plane.voxel_size_um[0], row * plane.shape[1] / _THUMB, column * plane.shape[2] / _THUMB))
    pairs = zip(levels, image.channels, strict=True)
    grey = np.stack([one.apply(sample_grey(channel, small)) for one, channel in pairs])
    return np.asarray(np.clip(grey, -2, 2), np.float32)


def order_by_novelty(
    unsure: Sequence[float], thumbs: Sequence[Thumb], seen: Sequence[Thumb]
) -> list[tuple[int, float]]:
    """Places of the candidates, best first, each with its novelty when its turn came."""
    usual = _usual_distance([*thumbs, *seen])
    nearest = [min((_distance(one, other) / usual for other in seen), default=1.0) for one in thumbs]
    left, ordered = list(range(len(thumbs))), []
    while left:
        best = max(left, key=lambda place: unsure[place] * min(1.0, nearest[place]))
        ordered.append((best, min(1.0, nearest[best])))
        left.remove(best)
        for place in left:
            nearest[place] = min(nearest[place], _distance(thumbs[place], thumbs[best]) / usual)
    return ordered


def _usual_distance(thumbs: Sequence[Thumb]) -> float:
    pairs = [_distance(one, other) for place, one in enumerate(thumbs) for other in thumbs[:place]]
    return max(float(np.median(pairs)), 1e-6) if pairs else 1.0


def _distance(one: Thumb, other: Thumb) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))
