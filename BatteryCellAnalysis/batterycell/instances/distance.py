"""Distance of instances to a class: from edge to edge, the least there is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column

from .contact_classes import ClassPlaces, class_labels
from .context import Context, Measure, MeasureSlab
from .distance_planes import DistancePlanes
from .runs import Floats, Runs


class Distances:
    """Least distance of each instance to each class.

    A distance in space is put together from that within the class's slice and that between the slices (Saito and
    Toriwaki 1994). From each slab, the classes' slices are gone through outward, for those objects alone that nothing
    so near was found for: exact, however far, and no more than some slices in memory.
    """

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._context, source = context, class_labels(context, "Distance")
        places = ClassPlaces(context.companions.class_names)
        self._classes = places.numbers
        self._names = [column.name for column in _columns(context)]
        self._planes = [DistancePlanes(source, number, context.voxel_um[1:]) for number in places.numbers]
        self._best = np.full((len(places.numbers), context.count + 1), np.inf)

    def add(self, slab: MeasureSlab) -> None:
        """Look for the classes around some slices."""
        first, last = slab.slab.start, slab.slab.start + len(slab.slab.array) - 1
        for number, planes, best in zip(self._classes, self._planes, self._best, strict=True):
            search = _Search(_strangers(slab.runs, number, self._context), planes, best, self._context)
            search.around(first, last)

    def result(self) -> dict[str, NDArray[Any]]:
        """A column for each class; NaN for an object's own class, and where the class is nowhere."""
        found = [np.where(np.isfinite(best[1:]), np.sqrt(best[1:]), np.nan) for best in self._best]
        return dict(zip(self._names, found, strict=True))


def _strangers(runs: Runs, number: int, context: Context) -> Runs:
    """The runs of objects of other classes."""
    classes = context.companions.classes
    return runs if classes is None else _some(runs, np.asarray(classes)[runs.label] != number)


def _some(runs: Runs, rows: NDArray[Any]) -> Runs:
    return Runs(*(values[rows] for values in (runs.label, runs.k, runs.j, runs.i0, runs.length, runs.first)))


class _Search:
    """The search around one slab for one class; ``best`` holds squares in µm², and is made smaller."""

    def __init__(self, runs: Runs, planes: DistancePlanes, best: Floats, context: Context) -> None:
        self._runs, self._planes, self._best = runs, planes, best
        self._flat, self._step = context.dimension == 2, context.voxel_um[0]
        self._slices, self._columns = context.source.shape[0], context.source.shape[2]

    def around(self, first: int, last: int) -> None:
        """Look into some slices, and then outward until nothing nearer can be there."""
        for k in range(first, last + 1):
            self._look(k)
        for n in range(1, 0 if self._flat else self._slices):
            if not any([self._look(first - n), self._look(last + n)]):
                return

    def _look(self, k: int) -> bool:
        """Measure to the class in slice k; whether anything there or beyond might be nearer to an object."""
        gaps = self._gaps(k)
        near = np.flatnonzero(gaps < self._best[self._runs.label])
        if not len(near):
            return False
        plane = self._planes.of(k)
        if plane is not None:
            runs = _some(self._runs, near)
            np.minimum.at(self._best, runs.label, gaps[near] + self._least(plane, runs))
        return True

    def _gaps(self, k: int) -> Floats:
        """Squared distance between each run's slice and slice k, edge to edge; infinite to other slices in 2D."""
        steps = np.abs(self._runs.k - k)
        if self._flat:
            return np.where(steps == 0, 0.0, np.inf)
        return np.asarray((np.maximum(steps - 1, 0) * self._step) ** 2)

    def _least(self, plane: NDArray[np.float32], runs: Runs) -> NDArray[np.float32]:
        """Least value of a slice over each run."""
        begins = np.cumsum(runs.length) - runs.length
        places = np.repeat(runs.j * self._columns + runs.i0 - begins, runs.length) + np.arange(runs.length.sum())
        return np.asarray(np.minimum.reduceat(plane[places], begins))


def _columns(context: Context) -> tuple[Column, ...]:
    places = ClassPlaces(context.companions.class_names)
    where = " in its slice" if context.dimension == 2 else ""
    return tuple(
        Column(f"distance_to_{word}_um", f"Distance to {name}", "µm",
               f"Least distance from the object's voxels to those of {name}{where}, edge to edge; 0 where they touch.")
        for word, name in zip(places.words, places.names, strict=True)
    )  # fmt: skip


MEASURES = (
    Measure(
        "distance",
        "Distance to classes",
        _columns,
        "min over voxels p of the object and q of the class of √Σ(max(|p - q| - 1, 0)·h)², summed over the axes, exact "
        "for the voxels; smooth surfaces are up to a voxel's diagonal farther apart. Empty for the object's own class.",
        "Saito and Toriwaki 1994, Pattern Recognit. 27, 1551 (separable distance transform).",
        Distances,
    ),
)
