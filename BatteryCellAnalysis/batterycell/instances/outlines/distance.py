"""Distance of instances to a class: from edge to edge, the least there is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Measure, MeasureSlab
from batterycell.instances.measures.runs import Floats, Ints, Runs
from batterycell.progress import Progress
from batterycell.tables import Column

from .contact_classes import ClassPlaces, class_labels
from .distance_planes import DistancePlanes
from .distance_sections import Sections

# Squares are kept in single precision.
_ROUNDING = 1 - 1e-6


class Distances:
    """Least distance of each instance to each class.

    A distance in space is put together from that within the class's slice and that between the slices (Saito and
    Toriwaki 1994). One pass over the class's slices finds how far each object is at most, by one pixel of it in each
    slice; a second one looks closer at those objects and slices alone that may be nearer. So it is exact, however far,
    with some slices in memory.
    """

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._context, self._sections = context, context.share(Sections)
        self._source = class_labels(context, "Distance")
        self._found: dict[str, NDArray[Any]] = {}

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the sections are found for all."""

    def finish(self, progress: Progress) -> None:
        """Go through the slices, for one class after another."""
        numbers = ClassPlaces(self._context.companions.class_names).numbers
        names = [column.name for column in _columns(self._context)]
        for n, (name, number) in enumerate(zip(names, numbers, strict=True)):
            self._found[name] = self._to(number, progress.part(n / len(names), (n + 1) / len(names)))

    def result(self) -> dict[str, NDArray[Any]]:
        """A column for each class; NaN for an object's own class, and where the class is nowhere."""
        return self._found

    def _to(self, number: int, progress: Progress) -> Floats:
        best = np.full(self._context.count + 1, np.inf)
        classes = self._context.companions.classes
        if classes is not None:
            best[np.asarray(classes) == number] = -1  # nothing is nearer, and so these are never looked at
        search = _Search(self._sections, best, self._context)
        planes = DistancePlanes(self._source, number, self._context.voxel_um[1:])
        slices = self._source.shape[0]
        for n, look in enumerate((search.bound, search.measure)):
            for k in range(slices):
                progress.report((n + k / slices) / 2, "Distances")
                look(k, planes)
        there = np.isfinite(best[1:]) & (best[1:] >= 0)
        return np.where(there, np.sqrt(np.maximum(best[1:], 0)), np.nan)


class _Search:
    """The search for one class; ``best`` holds squares in µm², and is made smaller."""

    def __init__(self, sections: Sections, best: Floats, context: Context) -> None:
        self._sections, self._best = sections, best
        self._flat, self._step, self._columns = context.dimension == 2, context.voxel_um[0], context.source.shape[2]

    def bound(self, k: int, planes: DistancePlanes) -> None:
        """Measure from one pixel of each section to the class in slice k."""
        near, gaps = self._near(k)
        if len(near) and (plane := planes.of(k)) is not None:
            found = gaps + plane[self._sections.pixels[near]]
            np.minimum.at(self._best, self._sections.labels[near], found)

    def measure(self, k: int, planes: DistancePlanes) -> None:
        """Measure from all pixels of those sections that may be nearer to the class in slice k than was found."""
        near, gaps = self._near(k)
        if not len(near) or (plane := planes.of(k)) is None:
            return
        # Distances change no faster than one walks: at no pixel of a section is it less than this.
        least = np.sqrt(plane[self._sections.middles[near]]) - self._sections.radii[near]
        hopeful = gaps + np.maximum(least, 0) ** 2 * _ROUNDING < self._best[self._sections.labels[near]]
        near = near[hopeful]
        slices = self._sections.slices[near]
        for own in np.unique(slices):
            self._closer(int(own), k, plane, self._sections.labels[near[slices == own]])

    def _near(self, k: int) -> tuple[Ints, Floats]:
        """Sections whose slice is nearer to slice k than their object to the class, and the square of how near."""
        gaps = self._gap(self._sections.slices - k)
        near = np.flatnonzero(gaps < self._best[self._sections.labels])
        return near, gaps[near]

    def _gap(self, steps: NDArray[Any]) -> Floats:
        """Squared distance between slices, edge to edge; infinite to other slices in 2D."""
        if self._flat:
            return np.where(steps == 0, 0.0, np.inf)
        return np.asarray((np.maximum(np.abs(steps) - 1, 0) * self._step) ** 2)

    def _closer(self, own: int, k: int, plane: NDArray[np.float32], labels: NDArray[np.int32]) -> None:
        """Measure from all pixels of some objects in their slice to the class in slice k."""
        runs = self._sections.runs_of(own)
        wanted = np.zeros(len(self._best), bool)
        wanted[labels] = True
        rows = np.flatnonzero(wanted[runs.label])
        found = self._gap(np.array(own - k)) + self._least(plane, runs, rows)
        np.minimum.at(self._best, runs.label[rows], found)

    def _least(self, plane: NDArray[np.float32], runs: Runs, rows: Ints) -> NDArray[np.float32]:
        """Least value of a slice over each of some runs."""
        lengths = runs.length[rows]
        begins = np.cumsum(lengths) - lengths
        starts = runs.j[rows] * self._columns + runs.i0[rows]
        places = np.repeat(starts - begins, lengths) + np.arange(lengths.sum())
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
