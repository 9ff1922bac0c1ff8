"""What workers do of the road from labels to objects: number the pieces of a slab, renumber it, measure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.components import label_slab
from batterycell.instances.find.join import Tally
from batterycell.instances.find.packed import packed_labels
from batterycell.instances.find.source import LabelReader
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.settings import LabelSettings
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource
from batterycell.tables import Table

from .file import LabelFile

Labels = NDArray[np.uint32]
Values = dict[str, Any]
_TALLY = ("voxels", "first", "low", "high", "classes")


def label_task(values: Values, progress: Progress) -> Values:
    """Number the pieces of a slab from 1, and write them.

    Returns:
        ``tally`` of the pieces; in 3D their numbers in the slab's ``first`` slice, and in the one ``after`` it.
    """
    progress.report(0.0, "finding objects")
    labels = LabelReader(_opened(values).source).labels
    start, stop = values["slices"]
    following = labels.read(stop, stop + 1)[0] if stop < labels.shape[0] else None
    settings = LabelSettings(**values["settings"])
    numbers, found = label_slab(Slab(start, labels.read(start, stop), following), settings)
    _numbers(values["pieces"], labels.shape)[start:stop] = numbers[: stop - start]
    after = numbers[stop - start] if len(numbers) > stop - start else None
    first = numbers[0] if settings.dimension == 3 else None
    return {"tally": [getattr(found, name) for name in _TALLY], "first": first, "after": after}


def tally_of(values: Values) -> Tally:
    """What `label_task` tells of its pieces."""
    return Tally(*values["tally"])


def renumber_task(values: Values, progress: Progress) -> None:
    """Give the pieces of a slab their last numbers, which stand in a file; pieces stay, for who must begin again."""
    progress.report(0.0, "numbering objects")
    start, stop = values["slices"]
    table: Labels = np.load(values["table"], mmap_mode="r")
    own = np.concatenate([table[:1], table[values["before"] + 1 : values["before"] + values["count"] + 1]])
    pieces, numbers = (_numbers(values[name], values["shape"]) for name in ("pieces", "instances"))
    for k in range(start, stop):
        numbers[k] = own[pieces[k]]


def measure_task(values: Values, progress: Progress) -> Table:
    """Some measures of all objects."""
    labels = _opened(values)
    classes = np.load(values["object_classes"])
    along = Companions(values["dimension"], labels.ijk_to_ras, classes, labels.names, labels.source, {})
    found = SlabSource.of_array(_numbers(values["instances"], labels.shape))
    return measure_instances(found, len(classes) - 1, labels.voxel_size_um, values["measures"], along, progress)


def _numbers(folder: str, shape: Sequence[int]) -> Labels:
    """Numbers of pieces or objects, in a folder that all workers see."""
    k, j, i = shape
    return packed_labels(Path(folder), (k, j, i))


def _opened(values: Values) -> LabelVolume:
    return _open(json.dumps(values["labels"]), values["run"])


@lru_cache(maxsize=1)
def _open(text: str, run: str) -> LabelVolume:
    """The labels of a run, opened once a worker; another run may find another file at the same place."""
    return LabelFile.from_json(json.loads(text)).open(Progress())
