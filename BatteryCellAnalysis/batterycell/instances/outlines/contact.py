"""Contact areas: between an instance and the classes around it, and between classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Measure
from batterycell.instances.measures.moments import Voxels
from batterycell.slabs import SlabSource
from batterycell.tables import Column

from .contact_classes import ClassPlaces, class_labels
from .weights import PAIRS, crossing_weights
from .windows import WindowPass, Windows, find_windows

Floats = NDArray[np.float64]
_SLAB_VOXELS = 1 << 21
# Windows that are worked on at once: what comes of them stays in the processor's memory.
_WINDOWS = 1 << 16


class Contacts:
    """Area in which each instance meets each class: Crofton's surface, of the crossings into that class alone."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        class_labels(context, "Contact area")
        places = ClassPlaces(context.companions.class_names)
        self._names = [column.name for column in _columns(context)]
        self._weights = crossing_weights(context.voxel_um, context.dimension)
        self._sums = np.zeros((context.count + 1, len(self._names) + 1))
        self._voxels = context.share(Voxels)
        context.share(WindowPass).feed(self, places)

    def take(self, windows: Windows) -> None:
        """Add the crossings of some windows."""
        if windows.places is not None:
            add_contacts(self._sums, windows.labels, windows.places, self._weights)

    def add(self, slab: object) -> None:
        """Nothing to do: the windows are passed on by their finder."""

    def result(self) -> dict[str, NDArray[Any]]:
        """A column for each class."""
        found = np.where(self._voxels.counts[:, None] > 0, self._sums[1:, 1:], np.nan)
        return dict(zip(self._names, found.T, strict=True))


def add_contacts(sums: Floats, labels: NDArray[Any], places: NDArray[Any], weights: Floats) -> None:
    """Add to ``sums`` (n + 1, c) the weighted crossings from label n into place c, each seen from both of its ends.

    Args:
        sums: In µm² or µm.
        labels: Labels at the corners of windows, shape (2^d, w); between equal labels there is no crossing.
        places: What is met there, likewise.
        weights: Of `PAIRS`, in µm² or µm.
    """
    for start in range(0, labels.shape[1], _WINDOWS):
        some = slice(start, start + _WINDOWS)
        _add(sums, labels[:, some], places[:, some], weights)


def _add(sums: Floats, labels: NDArray[Any], places: NDArray[Any], weights: Floats) -> None:
    flat, width = sums.reshape(-1), sums.shape[1]
    cells, amounts = [], []
    for (one, other), weight in zip(PAIRS[: len(weights)], weights, strict=True):
        crossed = np.flatnonzero(labels[one] != labels[other])
        for inside, outside in ((one, other), (other, one)):
            cells.append(labels[inside][crossed].astype(np.intp) * width + places[outside][crossed])
            amounts.append(np.full(len(crossed), weight))
    flat += np.bincount(np.concatenate(cells), np.concatenate(amounts), len(flat))


def contact_between_classes(
    classes: SlabSource, voxel_um: tuple[float, float, float], names: Mapping[int, str], dimension: int = 3
) -> Floats:
    """Area of the contact between each two classes of a label volume.

    Args:
        classes: Class of each voxel (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        names: The wanted classes by number; 0 may be one of them.
        dimension: 3, or 2 for the lengths of contact lines, summed over the slices.

    Returns:
        Shape (c + 1, c + 1) in the order of ``names``, in µm² (2D: µm), symmetric, 0 on the diagonal. The last row
        and column stand for what lies outside of the volume, and for classes without a name: without them, the sum of
        a row is the surface of a class within the volume.
    """
    places, weights = ClassPlaces(names), crossing_weights(voxel_um, dimension)
    sums = np.zeros((len(names) + 1, len(names) + 1))
    for slab in classes.slabs(_SLAB_VOXELS):
        found = find_windows(places.of(slab), dimension=dimension).labels
        add_contacts(sums, found, found, weights)
    return np.roll(sums, -1, axis=(0, 1))


def _columns(context: Context) -> tuple[Column, ...]:
    places = ClassPlaces(context.companions.class_names)
    unit, what = ("um", "Length") if context.dimension == 2 else ("um2", "Area")
    return tuple(
        Column(f"contact_{word}_{unit}", f"Contact with {name}", unit.replace("um", "µm").replace("2", "²"),
               f"{what} of the object's surface that meets {name}, other objects of that class included.")
        for word, name in zip(places.words, places.names, strict=True)
    )  # fmt: skip


MEASURES = (
    Measure(
        "contact",
        "Contact with classes",
        _columns,
        "As the measure surface, of the pairs of neighbours that lead from the object into the class alone: the "
        "contacts with all classes and with the volume's border add up to the surface.",
        "Crofton; weights of Lehmann and Legland 2012, Insight Journal.",
        Contacts,
    ),
)
