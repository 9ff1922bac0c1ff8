"""Measuring objects in parts that are done side by side, and the parts' tables as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from batterycell.instances.instances import Instances
from batterycell.tables import Table

Values = dict[str, Any]
# Measures of an object that look at other objects, or are worked out of several ones at a time.
_AMONG_OTHERS = {"arc", "contact", "distance"}


def measuring_parts(found: Instances, measures: Sequence[str], workers: int) -> list[Values]:
    """What each task of `work.measure_task` is to measure: some objects, or else some measures.

    Args:
        found: The objects.
        measures: Names of measures.
        workers: How many tasks there are at most.
    """
    if not found.count or _AMONG_OTHERS & set(measures):
        groups = np.array_split(np.array(measures, object), min(len(measures), workers))
        return [{"measures": list(group)} for group in groups]
    cuts = np.searchsorted(np.cumsum(found.voxels), np.linspace(0, found.voxels.sum(), workers + 1)[1:-1])
    edges = np.unique([0, *cuts.tolist(), found.count])
    return [_part(found, first + 1, last) for first, last in pairwise(edges.tolist())]


def join_tables(tables: Sequence[Table]) -> Table:
    """The tables of all parts, in order: one below the other, or beside where they hold the same objects."""
    rows = [one["n"].tolist() for one in tables]
    if all(one == rows[0] for one in rows):
        columns = {column.name: column for table in tables for column in table.columns}
        return Table(tuple(columns.values()), {name: values for one in tables for name, values in one.data.items()})
    data = {name: np.concatenate([one[name] for one in tables]) for name in tables[0].data}
    return Table(tables[0].columns, data)


def _part(found: Instances, first: int, last: int) -> Values:
    """Objects, the slices that they lie in, and between which slices nothing else lies."""
    low, high = found.boxes[:, 0], found.boxes[:, 3] + 1
    within = [low[first : last + 1].min(), high[first : last + 1].max()]
    alone = [high[1:first].max(initial=0), low[last + 1 :].min(initial=len(found.labels))]
    return {"objects": [first, last], "within": list(map(int, within)), "alone": list(map(int, alone))}
