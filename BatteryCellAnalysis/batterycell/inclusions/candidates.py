"""Places in a turn of the roll that stand out from their surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .background import MARGIN_MM, stand_out
from .grid import RollGrid, Turn

Grey = NDArray[np.float32]

# In standard deviations of what is usual at a place; clean generated cells stay below 4.8.
THRESHOLD = 6.0
_FOOT = 3.5  # what hangs together above this is one candidate
_MOST = 200  # in a turn: the strongest


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


@dataclass(frozen=True)
class TurnFindings:
    """What one turn shows.

    Args:
        candidates: The strongest first.
        usual: Median over its places of the standard deviation of the surroundings, NaN where nothing is known.
    """

    candidates: list[Candidate]
    usual: float


def search_turn(grid: RollGrid, number: int) -> TurnFindings:
    """Find what stands out in one turn."""
    turn = grid.turn(number, MARGIN_MM)
    if turn.own.sum() < 2 or len(turn.heights) < 2:
        return TurnFindings([], float("nan"))
    steps = grid.steps_mm[0], turn.step_mm
    residual, deviation = stand_out(grid.sample(turn), steps)
    sigmas = residual / deviation
    found = [one for sign in (1, -1) for one in _islands(turn, (residual, sign * sigmas), steps)]
    known = deviation[:, ::4, ::4][residual[:, ::4, ::4] != 0]
    return TurnFindings(sorted(found, key=lambda one: -one.sigmas)[:_MOST], float(np.median(known)))


def _islands(turn: Turn, values: tuple[Grey, Grey], steps: tuple[float, float]) -> list[Candidate]:
    """Candidates of one sign, each a connected region whose peak is this turn's own."""
    from scipy import ndimage

    residual, sigmas = values
    if sigmas.max() < THRESHOLD:
        return []
    labels, _ = ndimage.label(sigmas > _FOOT)
    strong = np.unique(labels[sigmas >= THRESHOLD])
    peaks = ndimage.maximum_position(sigmas, labels, strong)
    boxes = ndimage.find_objects(labels)
    return [
        Candidate(
            float(turn.turns[peak[2]]),
            float(turn.depths[peak[0]]),
            float(turn.heights[peak[1]]),
            float(residual[peak]),
            float(sigmas[peak]),
            _extent(turn, residual, (labels, label, boxes[label - 1], peak), steps),
        )
        for label, peak in zip(strong.tolist(), peaks, strict=True)
        if turn.own[peak[2]]
    ]


def _extent(
    turn: Turn, residual: Grey, island: tuple[Any, int, tuple[slice, ...], Any], steps: tuple[float, float]
) -> tuple[float, float, float]:
    """How far an island reaches at half its peak, in mm."""
    labels, label, box, peak = island
    half = (labels[box] == label) & (residual[box] / residual[peak] > 0.5)
    across = float(np.mean(turn.radii[0] - turn.radii[1])) / len(turn.depths)
    counts = [float(half.any(axis=tuple({0, 1, 2} - {axis})).sum()) for axis in range(3)]
    return counts[0] * across, counts[1] * steps[0], counts[2] * steps[1]
