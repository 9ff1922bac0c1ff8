"""What workers do of the road from labels to objects: number the pieces of a slab, renumber it, measure."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.components import label_slab
from batterycell.instances.find.join import Tally
from batterycell.instances.find.room import read_slabs
from batterycell.instances.find.source import LabelReader
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.settings import LabelSettings
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.slabs import Slab
from batterycell.tables import Table

from .file import LabelFile

Labels = NDArray[np.uint32]
Values = dict[str, Any]
_TALLY = ("voxels", "first", "low", "high", "classes")


def label_task(values: Values, progress: Progress) -> Values:
    """Number the pieces of a slab from 1, and write them to the file of the instances.

    Returns:
        ``tally`` of the pieces; in 3D their numbers in the slab's ``first`` slice, and in the one ``after`` it.
    """
    progress.report(0.0, "finding objects")
    labels = LabelReader(_opened(values).source).labels
    start, stop = values["slices"]
    following = labels.read(stop, stop + 1)[0] if stop < labels.shape[0] else None
    settings = LabelSettings(**values["settings"])
    numbers, found = label_slab(Slab(start, labels.read(start, stop), following), settings)
    _slices(values, "r+", stop)[start:stop] = numbers[: stop - start]
    after = numbers[stop - start] if len(numbers) > stop - start else None
    first = numbers[0] if settings.dimension == 3 else None
    return {"tally": [getattr(found, name) for name in _TALLY], "first": first, "after": after}


def tally_of(values: Values) -> Tally:
    """What `label_task` tells of its pieces."""
    return Tally(*values["tally"])


def renumber_task(values: Values, progress: Progress) -> None:
    """Give the pieces of a slab their last numbers, which stand in a file."""
    progress.report(0.0, "numbering objects")
    start, stop = values["slices"]
    table: Labels = np.load(values["table"], mmap_mode="r")
    own = np.concatenate([table[:1], table[values["before"] + 1 : values["before"] + values["count"] + 1]])
    part = _slices(values, "r+", stop)[start:stop]
    part[...] = own[part]


def measure_task(values: Values, progress: Progress) -> Table:
    """Some measures of all objects."""
    labels = _opened(values)
    classes = np.load(values["object_classes"])
    along = Companions(values["dimension"], labels.ijk_to_ras, classes, labels.names, labels.source, {})
    found = read_slabs(_slices(values, "r", labels.shape[0]))
    return measure_instances(found, len(classes) - 1, labels.voxel_size_um, values["measures"], along, progress)


def _slices(values: Values, mode: Any, stop: int) -> Labels:
    """The file of the instances, mapped."""
    found = np.lib.format.open_memmap(values["instances"], mode)
    if stop > len(found):
        raise ValueError(f"{values['instances']} has {len(found)} slices")
    return found


def _opened(values: Values) -> LabelVolume:
    return _open(json.dumps(values["labels"]), values["run"])


@lru_cache(maxsize=1)
def _open(text: str, run: str) -> LabelVolume:
    """The labels of a run, opened once a worker; another run may find another file at the same place."""
    return LabelFile.from_json(json.loads(text)).open(Progress())


def file_of(out: NDArray[Any]) -> Path:
    """The file that an array is mapped from.

    Raises:
        TypeError: if there is none.
    """
    if not isinstance(out, np.memmap) or out.filename is None:
        raise TypeError("instances that workers write lie in a file")
    return Path(str(out.filename))
