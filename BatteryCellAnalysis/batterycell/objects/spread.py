"""The road from labels to objects on a cluster: slabs as tasks, joined as in one process, so that tables are equal."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.cluster import Cluster, Task, run_tasks
from batterycell.instances.find.join import Ints, Pieces, unique_pairs
from batterycell.instances.find.packed import folder_of
from batterycell.instances.find.way import Way
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Table

from .asked import Engine
from .file import LabelFile
from .work import tally_of

Labels = NDArray[np.uint32]
_TASKS = "batterycell.objects.work"


@contextmanager
def spread_engine(cluster: Cluster, file: LabelFile, folder: Path) -> Iterator[Engine]:
    """Let the workers of a cluster find and measure objects, for the time of the block.

    Args:
        cluster: The cluster; its workers have the labels and the folder at the same place.
        file: The labels.
        folder: Where files lie that the workers share; they are removed at the end.
    """
    spread = _Spread(cluster, file, folder)
    try:
        yield Engine(Way(find=spread.find, renumber=spread.renumber), spread.measure)
    finally:
        spread.tidy()


class _Spread:
    """The slabs of one volume on a cluster."""

    def __init__(self, cluster: Cluster, file: LabelFile, folder: Path) -> None:
        run = uuid.uuid4().hex
        self._pieces = folder / f".{run}.pieces"
        self._cluster, self._values = cluster, {"labels": file.to_json(), "run": run, "pieces": str(self._pieces)}
        self._table, self._classes = (folder / f".{run}.{name}.npy" for name in ("numbers", "classes"))
        self._slabs: list[tuple[int, int]] = []
        self._counts: list[int] = []
        self._progress = Progress()

    def find(self, labels: SlabSource, settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> Pieces:
        """As `find_components`."""
        depth = max(1, voxels // max(1, labels.shape[1] * labels.shape[2]))
        slices = labels.shape[0]
        self._slabs = [(start, min(start + depth, slices)) for start in range(0, slices, depth)]
        self._progress, own = Progress(is_cancelled=progress.is_cancelled), {"settings": asdict(settings)}
        tasks = [self._task("label_task", own | {"slices": slab}) for slab in self._slabs]
        seam = _Seam(len(tasks))
        for number, answer in run_tasks(self._cluster, tasks, progress):
            seam.add(number, answer.get())
        self._counts = seam.counts
        return seam.pieces()

    def renumber(self, out: Labels, table: Labels, voxels: int) -> None:
        """As `room.renumber`, of slabs whose pieces are numbered from 1 each."""
        np.save(self._table, table)
        before = np.cumsum([0, *self._counts]).tolist()
        tasks = []
        for slab, first, count in zip(self._slabs, before, self._counts, strict=False):
            own = {"table": str(self._table), "slices": slab, "before": first, "count": count, "shape": out.shape}
            tasks.append(self._task("renumber_task", own | {"instances": str(folder_of(out))}))
        for _, answer in run_tasks(self._cluster, tasks, self._progress):
            answer.get()

    def measure(self, labels: LabelVolume, found: Instances, measures: Sequence[str], progress: Progress) -> Table:
        """As `measure_instances`, some measures a worker."""
        np.save(self._classes, found.classes)
        own = {"dimension": found.dimension, "object_classes": str(self._classes)}
        own |= {"instances": str(folder_of(found.labels))}
        groups = np.array_split(np.array(measures, object), min(len(measures), self._cluster.workers))
        tasks = [self._task("measure_task", own | {"measures": list(group)}) for group in groups]
        tables = dict(run_tasks(self._cluster, tasks, progress))
        return _beside([tables[number].get() for number in range(len(tasks))])

    def tidy(self) -> None:
        """Remove the files that the workers shared."""
        shutil.rmtree(self._pieces, ignore_errors=True)
        for path in (self._table, self._classes):
            path.unlink(missing_ok=True)

    def _task(self, name: str, values: dict[str, Any]) -> Task:
        return Task(f"{_TASKS}:{name}", {**self._values, **values})


class _Seam:
    """Slabs, each numbered from 1, as they come; of the slices where they meet no more is kept than is needed."""

    def __init__(self, slabs: int) -> None:
        self._tallies: list[Any] = [None] * slabs
        self._edges: dict[tuple[int, str], Labels] = {}
        self._pairs: dict[int, Ints] = {}

    def add(self, number: int, found: dict[str, Any]) -> None:
        """Add what a worker says of a slab."""
        self._tallies[number] = tally_of(found)
        self._edges |= {(number, name): found[name] for name in ("first", "after") if found[name] is not None}
        for upper in (number - 1, number):
            self._meet(upper)

    def _meet(self, upper: int) -> None:
        keys = (upper, "after"), (upper + 1, "first")
        if not all(key in self._edges for key in keys):
            return
        after, first = (self._edges.pop(key) for key in keys)
        both = (after > 0) & (first > 0)
        self._pairs[upper] = unique_pairs(np.stack([after[both], first[both]], axis=1).astype(np.int64))

    @property
    def counts(self) -> list[int]:
        """Pieces of each slab."""
        return [len(tally.voxels) for tally in self._tallies]

    def pieces(self) -> Pieces:
        """All pieces, numbered slab after slab."""
        found, before = Pieces(), np.cumsum([0, *self.counts])
        for tally in self._tallies:
            found.add(tally)
        found.pairs.extend(pairs + before[upper : upper + 2] for upper, pairs in sorted(self._pairs.items()))
        return found


def _beside(tables: Sequence[Table]) -> Table:
    """Tables of the same rows as one; columns that several have are taken once."""
    columns = {column.name: column for table in tables for column in table.columns}
    data = {name: values for table in tables for name, values in table.data.items()}
    return Table(tuple(columns.values()), data)
