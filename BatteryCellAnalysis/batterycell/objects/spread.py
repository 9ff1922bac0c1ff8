"""The road from labels to objects in pieces that any process can do: slabs as tasks, joined as in one process."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import __version__
from batterycell.cluster import Answer, Cluster, Task, run_here, run_tasks
from batterycell.instances.find.join import Pieces
from batterycell.instances.find.packed import folder_of
from batterycell.instances.find.way import Way, slab_slices
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.io.kept import Keeper, identity
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Table

from .asked import Engine
from .file import LabelFile
from .parted import kept_parting
from .parts import join_tables, measuring_parts
from .seam import Seam
from .work import pieces_in

Labels = NDArray[np.uint32]
Values = dict[str, Any]
Run = Callable[[Sequence[Task], Progress], Iterator[tuple[int, Answer]]]
_TASKS = "batterycell.objects.work"


@contextmanager
def spread_engine(cluster: Cluster | None, file: LabelFile, folder: Path) -> Iterator[Engine]:
    """Find objects slab by slab, here or on the workers of a cluster, which measure them, too.

    What is found in a slab is kept in the folder: where it is left in the middle, the next time goes on from there.

    Args:
        cluster: The cluster; its workers have the labels and the folder at the same place. None for this process.
        file: The labels.
        folder: Where pieces are kept, those of the same labels and settings alone.
    """
    spread = _Spread(run_here if cluster is None else partial(run_tasks, cluster), file, folder)
    way = Way(find=spread.find, renumber=spread.renumber, keep=spread.keep)
    try:
        yield Engine(way, None if cluster is None else partial(spread.measure, cluster))
    finally:
        spread.tidy()


class _Spread:
    """The slabs of one volume as tasks."""

    def __init__(self, run: Run, file: LabelFile, folder: Path) -> None:
        name = uuid.uuid4().hex
        self._run, self._file, self._kept = run, file, folder
        self._values = {"labels": file.to_json(), "run": name, "kept": str(folder)}
        self._table, self._classes = (folder / f".{name}.{part}.npy" for part in ("numbers", "classes"))
        self._slabs: list[tuple[int, int]] = []
        self._counts: list[int] = []
        self._progress = Progress()

    def find(self, labels: SlabSource, settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> Pieces:
        """As `find_components`."""
        depth = slab_slices(labels.shape, voxels)
        slices = labels.shape[0]
        self._slabs = [(start, min(start + depth, slices)) for start in range(0, slices, depth)]
        self._progress = Progress(is_cancelled=progress.is_cancelled)
        own = {"settings": asdict(settings), "job": self._job(settings, depth)}
        Keeper(self._kept, own["job"])  # what is left of other work goes now, not under the hands of a worker
        tasks = [self._task("label_task", own | {"slices": slab}) for slab in self._slabs]
        seam = Seam(self._slabs, pieces_in(self._kept, labels.shape))
        for number, answer in self._run(tasks, progress):
            seam.add(number, answer.get())
        self._counts = seam.counts
        return seam.pieces()

    def keep(self, settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> tuple[Labels, Progress]:
        """As of `Way`: touching objects are parted here, one slab after the other."""
        k, j, i = out.shape
        depth = slab_slices(out.shape, voxels)
        return kept_parting(Keeper(self._kept, self._job(settings, depth)), (k, j, i), depth, progress)

    def renumber(self, out: Labels, table: Labels, voxels: int) -> None:
        """As `room.renumber`, of slabs whose pieces are numbered from 1 each."""
        np.save(self._table, table)
        before = np.cumsum([0, *self._counts]).tolist()
        to = {"table": str(self._table), "instances": str(folder_of(out)), "shape": out.shape}
        tasks = [
            self._task("renumber_task", to | {"slices": slab, "before": first, "count": count})
            for slab, first, count in zip(self._slabs, before, self._counts, strict=False)
        ]
        for _, answer in self._run(tasks, self._progress):
            answer.get()

    def measure(
        self, cluster: Cluster, labels: LabelVolume, found: Instances, measures: Sequence[str], progress: Progress
    ) -> Table:
        """As `measure_instances`, in parts that workers do side by side."""
        np.save(self._classes, found.classes)
        own = {"dimension": found.dimension, "object_classes": str(self._classes)}
        own |= {"instances": str(folder_of(found.labels)), "measures": list(measures)}
        parts = measuring_parts(found, measures, max(1, cluster.workers))
        tables = dict(self._run([self._task("measure_task", own | part) for part in parts], progress))
        return join_tables([tables[number].get() for number in range(len(parts))])

    def tidy(self) -> None:
        """Remove the files that nobody can go on with."""
        for path in (self._table, self._classes):
            path.unlink(missing_ok=True)

    def _job(self, settings: LabelSettings, depth: int) -> Values:
        """What decides on the pieces; the files of a large store are many, so that they are summed up."""
        files = hashlib.sha256(repr(identity(self._file.path)).encode()).hexdigest()
        labels = {**self._file.to_json(), "path": str(self._file.path.resolve())}
        return {"version": __version__, "files": files, "labels": labels, "settings": asdict(settings), "depth": depth}

    def _task(self, name: str, values: Values) -> Task:
        return Task(f"{_TASKS}:{name}", {**self._values, **values})
