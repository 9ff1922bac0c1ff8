"""What workers do of the road from labels to objects: number the pieces of a slab, renumber it, measure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.components import label_slab
from batterycell.instances.find.join import Tally
from batterycell.instances.find.packed import packed_labels
from batterycell.instances.find.room import read_slabs
from batterycell.instances.find.source import LabelReader
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.settings import LabelSettings
from batterycell.io.kept import Keeper
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource
from batterycell.tables import Table

from .file import LabelFile

Labels = NDArray[np.uint32]
Values = dict[str, Any]
_TALLY = ("voxels", "first", "low", "high", "classes")


def label_task(values: Values, progress: Progress) -> Values:
    """Number the pieces of a slab from 1, and write them; where that was done before, it is not done again.

    Returns:
        ``tally`` of the pieces; ``goes_on``: whether what they are called in the slice after the slab is written, too.
    """
    progress.report(0.0, "finding objects")
    kept = Keeper(Path(values["kept"]), values["job"], joins=True)
    found: Values = kept(f"slab_{values['slices'][0]}", lambda: _label(values, kept))
    return found


def _label(values: Values, kept: Keeper) -> Values:
    labels = LabelReader(_opened(values).source).labels
    start, stop = values["slices"]
    following = labels.read(stop, stop + 1)[0] if stop < labels.shape[0] else None
    slab = Slab(start, labels.read(start, stop), following)
    numbers, found = label_slab(slab, LabelSettings(**values["settings"]))
    kept.require_job()  # what follows is written over what another job would have written there
    pieces, after = pieces_in(kept.folder, labels.shape)
    pieces[start:stop] = numbers[: stop - start]
    goes_on = len(numbers) > stop - start
    if goes_on:
        after[stop] = numbers[-1]
    return {"tally": [getattr(found, name) for name in _TALLY], "goes_on": goes_on}


def pieces_in(kept: Path, shape: Sequence[int]) -> tuple[Labels, Labels]:
    """The pieces of all slabs, each numbered from 1; what those of a slab are called in the slice after it."""
    k, j, i = shape
    return packed_labels(kept / "pieces", (k, j, i)), packed_labels(kept / "after", (k, j, i))


def tally_of(values: Values) -> Tally:
    """What `label_task` tells of its pieces."""
    return Tally(*values["tally"])


def renumber_task(values: Values, progress: Progress) -> None:
    """Give the pieces of a slab their last numbers, which stand in a file; pieces stay, for who must begin again."""
    progress.report(0.0, "numbering objects")
    start, stop = values["slices"]
    table: Labels = np.load(values["table"], mmap_mode="r")
    own = np.concatenate([table[:1], table[values["before"] + 1 : values["before"] + values["count"] + 1]])
    pieces, _ = pieces_in(Path(values["kept"]), values["shape"])
    numbers = packed_labels(Path(values["instances"]), values["shape"])
    for k in range(start, stop):
        numbers[k] = own[pieces[k]]


def measure_task(values: Values, progress: Progress) -> Table:
    """Measures of all objects, or of some that stand alone."""
    labels = _opened(values)
    classes = np.load(values["object_classes"])
    along = Companions(values["dimension"], labels.ijk_to_ras, classes, labels.names, labels.source, {})
    found, count = read_slabs(packed_labels(Path(values["instances"]), labels.shape)), len(classes) - 1
    first, last = values.get("objects", (1, count))
    if "objects" in values:
        found = _only(found, values)
    table = measure_instances(found, count, labels.voxel_size_um, values["measures"], along, progress)
    return table.where((table["n"] >= first) & (table["n"] <= last))


def _only(source: SlabSource, values: Values) -> SlabSource:
    """Some objects, in the slabs of all, so that sums are made in the same order; what lies elsewhere is not read."""
    (first, last), (low, high), alone = values["objects"], values["within"], values["alone"]

    def read(start: int, stop: int) -> Labels:
        found = np.zeros((stop - start, *source.shape[1:]), np.uint32)
        here, until = max(start, low), min(stop, high)
        if here < until:
            part = source.read(here, until)
            is_alone = alone[0] <= here and until <= alone[1]
            own = part if is_alone else np.where(part - np.uint32(first) <= last - first, part, 0)
            found[here - start : until - start] = own
        return found

    return replace(source, read=read)


def _opened(values: Values) -> LabelVolume:
    return _open(json.dumps(values["labels"]), values["run"])


@lru_cache(maxsize=1)
def _open(text: str, run: str) -> LabelVolume:
    """The labels of a run, opened once a worker; another run may find another file at the same place."""
    return LabelFile.from_json(json.loads(text)).open(Progress())
