"""Objects that are numbered already: numbered 1 to n without gaps, and known like those that were found here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Tally, tally
from batterycell.instances.instances import Instances, Labels
from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource
from batterycell.tables import Column, Table

Numbers = NDArray[np.int64]
_GIVEN = Column("label", "Label", "", "Its number in the file; 0 for parts of an object that was split.")


def numbered_objects(
    source: SlabSource, settings: LabelSettings, progress: Progress, out: Labels | None = None
) -> tuple[Instances, Numbers]:
    """Take the objects of a volume as they are numbered there; in 2D those of each slice are their own.

    Args:
        source: Numbers, 0 for nothing, shape (k, j, i).
        settings: Dimension and border.
        progress: Told how far it is.
        out: Receives the objects, shape (k, j, i), uint32; None for memory.

    Returns:
        The objects, and the number that each had, shape (n,).
    """
    labels = np.zeros(source.shape, np.uint32) if out is None else out
    given = _renumber(source, labels, settings.dimension, progress.part(0.0, 0.7))
    found: Tally | None = None
    for slab in SlabSource.of_array(labels).slabs():
        progress.report(0.7 + 0.3 * slab.start / len(labels), "Numbering objects")
        part = tally(slab.array, 1, len(given), slab.start)
        found = part if found is None else found.joined(part)
    assert found is not None
    gaps = not np.array_equal(given, np.arange(1, len(given) + 1))
    log = ("The numbers in the file are not 1 to n: the column label holds them.",) if gaps else ()
    return Instances.of(labels, found, settings, log), given


def with_given(table: Table, given: Numbers) -> Table:
    """A table of objects with the number that each had in the file; 0 for what edits made of them.

    Args:
        table: One row an object, its number first.
        given: Of `numbered_objects`.
    """
    numbers = np.zeros(len(table), np.int64)
    numbers[: len(given)] = given
    return Table((table.columns[0], _GIVEN, *table.columns[1:]), {**table.data, _GIVEN.name: numbers})


def _renumber(source: SlabSource, labels: Labels, dimension: int, progress: Progress) -> Numbers:
    """Fill ``labels`` with 1 to n; the number that each had."""
    given: list[NDArray[Any]] = []
    count = 0
    known = None if dimension == 2 else _values(source)
    for slab in _parts(source, dimension):
        progress.report(slab.start / source.shape[0], "Numbering objects")
        values = _present(slab.array) if known is None else known
        numbers = np.searchsorted(values, slab.array) + 1 + (count if known is None else 0)
        labels[slab.start : slab.start + len(slab.array)] = np.where(slab.array > 0, numbers, 0).astype(np.uint32)
        if known is None:
            given.append(values)
            count += len(values)
    return np.concatenate(given or [np.zeros(0)]).astype(np.int64) if known is None else known.astype(np.int64)


def _parts(source: SlabSource, dimension: int) -> Iterator[Slab]:
    return source.slabs(1) if dimension == 2 else source.slabs()


def _values(source: SlabSource) -> NDArray[Any]:
    found = np.zeros(0, np.uint32)
    for slab in source.slabs():
        found = np.union1d(found, _present(slab.array))
    return found


def _present(array: NDArray[Any]) -> NDArray[Any]:
    values = np.unique(array)
    return np.asarray(values[values > 0])
