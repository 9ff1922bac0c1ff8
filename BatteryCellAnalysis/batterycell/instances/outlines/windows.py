"""Windows of 2 × 2 × 2 voxels in which labels differ: all that surface, contact and topology depend on.

A window in which all voxels are alike adds nothing to a surface, a contact or an Euler number, so that these are
worked out of the few windows in which voxels differ, each of which is looked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab
from batterycell.slabs import Slab

from .contact_classes import ClassPlaces

Labels = NDArray[Any]


@dataclass(frozen=True)
class Windows:
    """The windows of a slab in which labels differ.

    Args:
        labels: Shape (2^d, w): label of each corner of each window; corner c lies 1 further along i where bit 0 of c
            is set, along j where bit 1 is, along k where bit 2 is.
        places: Which class of `contact_classes.ClassPlaces` is at the same corners; None where nobody asks.
    """

    labels: Labels
    places: Labels | None = None


class TakesWindows(Protocol):
    """A measure that is worked out of windows."""

    def take(self, windows: Windows) -> None:
        """Take in the windows of a slab; each window of a volume comes exactly once."""


class WindowPass:
    """Finds the windows of each slab once, for all measures that need them."""

    def __init__(self, context: Context) -> None:
        self._dimension = context.dimension
        self._takers: list[TakesWindows] = []
        self._places: ClassPlaces | None = None

    def feed(self, taker: TakesWindows, places: ClassPlaces | None = None) -> None:
        """Let a measure have the windows, too, with the classes if it names them."""
        self._takers.append(taker)
        self._places = places or self._places

    @property
    def by_class(self) -> bool:
        """Whether it looks at the classes."""
        return self._places is not None

    def add(self, slab: MeasureSlab) -> None:
        """Find the windows of some slices, and pass them on."""
        classes = self._places.of(slab.class_slab) if self._places and slab.class_slab else None
        windows = find_windows(slab.slab, classes, self._dimension)
        for taker in self._takers:
            taker.take(windows)

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: the measures have results."""
        return {}


def find_windows(slab: Slab, places: Slab | None = None, dimension: int = 3) -> Windows:
    """The windows that begin in a slab and in which labels differ, the outside of the volume being label 0.

    Args:
        slab: Labels; windows that reach into the following slice are found, those before a volume's first slice, too.
        places: The same slices of the classes, 0 being none.
        dimension: 3, or 2 for windows of 2 × 2 pixels in each slice.
    """
    flat, steps = padded(slab)
    reach = len(slab.array) * steps[2] + (steps[2] if slab.start == 0 else 0)
    found = np.flatnonzero(_differs(flat, steps[:dimension], reach))
    corners = [sum(step for bit, step in enumerate(steps) if c >> bit & 1) for c in range(1 << dimension)]
    beside = None if places is None else _gather(padded(places)[0], found, corners)
    return Windows(_gather(flat, found, corners), beside)


def padded(slab: Slab) -> tuple[Labels, tuple[int, int, int]]:
    """A slab with its following slice as one line, with a 0 after each row and a row of 0 after each slice.

    The line begins with a row of 0, before a volume's first slice with a slice of 0 as well; so the neighbour in any
    direction is a fixed number of places away, and what lies outside is 0.

    Returns:
        The line, and the steps along i, j and k.
    """
    slices, rows, columns = slab.array.shape
    step = (columns + 1) * (rows + 1)
    lead = columns + 2 + (step if slab.start == 0 else 0)
    flat = np.zeros(lead + (slices + 1) * step, slab.array.dtype)
    body = flat[lead:].reshape(slices + 1, rows + 1, columns + 1)
    body[:-1, :-1, :-1] = slab.array
    if slab.following is not None:
        body[-1, :-1, :-1] = slab.following
    return flat, (1, columns + 1, step)


def _differs(flat: Labels, steps: tuple[int, ...], reach: int) -> NDArray[np.bool_]:
    """Whether the labels of the window that begins at a place differ, for the first ``reach`` places."""
    differs = flat[:-1] != flat[1:]
    for step in steps[1:]:
        size = len(differs) - step
        wider = differs[:size] | differs[step:]
        wider |= flat[:size] != flat[step : step + size]
        differs = wider
    return np.asarray(differs[:reach])


def _gather(flat: Labels, found: NDArray[np.intp], corners: list[int]) -> Labels:
    return np.stack([flat[corner:].take(found) for corner in corners])
