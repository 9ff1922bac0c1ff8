"""Places in a turn of the roll that stand out from their surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .background import MARGIN_MM, Outstanding, stand_out
from .grid import Part, Piece, RollGrid

Grey = NDArray[np.float32]

# In standard deviations of what is usual at a place; clean generated cells stay below 4.8.
THRESHOLD = 6.0
_FLAT, _FLAT_MM = 4.0, 0.3
_FOOT = 3.5  # what hangs together above this is one candidate
_MOST = 100  # in a piece: the strongest
_FEWEST = 32  # samples


@dataclass(frozen=True)
class Candidate:
    """A place that stands out.

    Args:
        turns: Turns from the cathode's outer end.
        depth: Share of the way from this turn's cathode inward to the next one.
        height_mm: Height.
        contrast: Grey value above its surroundings, at its peak; negative where it is darker.
        sigmas: The same in standard deviations of the surroundings, positive.
        extent_mm: How far it reaches at half its peak: across the sheets, along the axis, along the sheet.
    """

    turns: float
    depth: float
    height_mm: float
    contrast: float
    sigmas: float
    extent_mm: tuple[float, float, float]

    @property
    def is_flat(self) -> bool:
        """Whether it looks like a piece of a sheet: many times as wide as thick."""
        wide = max(self.extent_mm[1:])
        return wide > max(_FLAT_MM, _FLAT * self.extent_mm[0])


@dataclass(frozen=True)
class Findings:
    """What a piece of the roll shows.

    Args:
        candidates: The strongest first.
        usual: Median over its places of the standard deviation of the surroundings, NaN where nothing is known.
    """

    candidates: list[Candidate]
    usual: float


def search(grid: RollGrid, part: Part) -> Findings:
    """Find what stands out in one turn or a part of it, at some heights."""
    piece = grid.piece(part, MARGIN_MM)
    if piece.own.sum() < _FEWEST:
        return Findings([], float("nan"))
    grey = grid.sample(piece)
    found = stand_out(grey, piece.steps_mm, _FOOT)
    candidates = [one for sign in (1, -1) for one in _islands(piece, found, sign, grey.shape)]
    return Findings(sorted(candidates, key=lambda one: -one.sigmas)[:_MOST], found.usual)


def _islands(piece: Piece, found: Outstanding, sign: int, shape: tuple[int, ...]) -> list[Candidate]:
    """Candidates of one sign, each a connected region whose peak is this piece's own."""
    from scipy import ndimage

    if not (sign * found.sigmas >= THRESHOLD).any():
        return []
    residual, sigmas = (np.zeros(shape, np.float32) for _ in range(2))
    residual[tuple(found.places)], sigmas[tuple(found.places)] = found.residual, sign * found.sigmas
    labels, _ = ndimage.label(sigmas > 0)
    boxes = ndimage.find_objects(labels)
    return [
        _candidate(piece, (residual, sigmas), (labels[boxes[label - 1]] == label, boxes[label - 1]), peak)
        for label, peak in _peaks(labels, found.places, sign * found.sigmas)
        if piece.own[peak[1:]]
    ]


def _peaks(
    labels: NDArray[np.int32], places: NDArray[np.intp], sigmas: Grey
) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """The labels of connected regions that stand out enough, and where each does most.

    Only places that stand out are sorted: scipy's `maximum_position` sorts all voxels, which takes ten times as long
    as all else that is done with them.
    """
    own = labels[tuple(places)]
    order = np.lexsort((-sigmas, own))
    found, first = np.unique(own[order], return_index=True)
    for label, index in zip(found.tolist(), order[first].tolist(), strict=True):
        if label and sigmas[index] >= THRESHOLD:
            depth, height, column = places[:, index].tolist()
            yield label, (depth, height, column)


def _candidate(
    piece: Piece,
    values: tuple[Grey, Grey],
    island: tuple[NDArray[np.bool_], tuple[slice, ...]],
    peak: tuple[int, int, int],
) -> Candidate:
    residual, sigmas = values
    mask, box = island
    half = mask & (residual[box] / residual[peak] > 0.5)
    across = float(np.mean(piece.radii[0] - piece.radii[1])) / len(piece.depths)
    steps = (across, *piece.steps_mm)
    extent = [step * float(half.any(axis=tuple({0, 1, 2} - {axis})).sum()) for axis, step in enumerate(steps)]
    return Candidate(
        float(piece.turns[peak[2]]),
        float(piece.depths[peak[0]]),
        float(piece.heights[peak[1]]),
        float(residual[peak]),
        float(sigmas[peak]),
        (extent[0], extent[1], extent[2]),
    )
