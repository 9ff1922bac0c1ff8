"""What a second worker brings: a lot of generated cells, one large cell, and objects of one volume, beside dask-image.

    python Testing/Benchmarks/cluster.py [--cells 20] [--stages overhang,can,...] [--size 384] [--turns 1] [--times 1]

A size, a number of cells, or ``--times`` of 0 leaves its work out. The large cell is that of big_cell.py.

The same work by one worker and by two, alternating, each started before, and given something small to do: what is
imported, here and by the workers, is imported before. Tables are compared byte by byte. Objects are ellipsoids that do
not touch; one that reaches through the whole volume would be measured by one worker, while the others read all of it,
too.
``wall`` is what the clock says: it tells a ratio only where two processors are free. ``processor`` is an even share of
what the workers took + what this process took, in seconds of the processor: what the clock would say on free ones were
the work shared evenly, which it is not where others work at the same time.
dask-image labels the same chunks of the same file on the same workers, and writes them to a file as ours does; where it
is not installed it is left out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from batterycell import lot
from batterycell.cli.lot_cells import CellsCall
from batterycell.cli.road import Call, measure_file
from batterycell.cluster import Answer, Cluster, open_cluster, parse_place, spread
from batterycell.instances.find.label import label_by
from batterycell.instances.find.packed import packed_labels
from batterycell.instances.measures.registry import COMMON
from batterycell.instances.settings import LabelSettings
from batterycell.io import LoadOptions
from batterycell.mrml.files import write_volume
from batterycell.objects.file import LabelFile
from batterycell.objects.spread import spread_engine
from batterycell.phantom import make_cell, preset
from batterycell.progress import Progress
from batterycell.recipe import STAGES, AnalyzeRecipe
from big_cell import EDGE, small_cell, write_cell
from instances_large import classes_of, made_apart
from numpy.typing import NDArray

VOXEL_UM = (90, 60, 60)
ANGLES = 36
WORKERS = (1, 2)
_VOXELS_AN_OBJECT, _SMALL = 32_000, 128


@dataclass
class Cost:
    """What work took: workers, seconds of the clock; of the processor: of this process, and of each worker by name."""

    count: int = 1
    wall: float = 0.0
    here: float = 0.0
    workers: dict[str, float] | None = None

    @property
    def each(self) -> str:
        """Seconds of every worker, the busiest first, for people."""
        return " and ".join(f"{seconds:.1f}" for seconds in sorted((self.workers or {}).values(), reverse=True))

    @property
    def share(self) -> float:
        """Seconds of a worker, were the work shared evenly."""
        return sum((self.workers or {}).values()) / self.count

    @property
    def processor(self) -> float:
        """What the clock would say then were all processors free."""
        return self.here + self.share


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    """Count what the work in the block costs, here and on the workers."""
    workers: dict[str, float] = defaultdict(float)
    plain = spread._Run._answer

    def answer(self: Any, future: Any) -> Answer:
        found = plain(self, future)
        workers[found.worker] += found.processor
        return found

    spread._Run._answer = answer  # type: ignore[method-assign]
    wall, here = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        spread._Run._answer = plain  # type: ignore[method-assign]
        cost.wall += time.perf_counter() - wall
        cost.here += time.process_time() - here
        cost.workers = {name: seconds + (cost.workers or {}).get(name, 0.0) for name, seconds in workers.items()}


def make_cells(folder: Path, count: int) -> list[Path]:
    """Small generated cells, each another one."""
    spec, scan = preset("small")
    for seed in range(count):
        made = make_cell(spec, replace(scan, voxel_size_um=VOXEL_UM), seed=seed, angles=4)
        write_volume(made.volume, folder / f"cell_{seed:02d}.nrrd")
    return sorted(folder.iterdir())


def measure_lot(cluster: Cluster, cells: list[Path], out: Path, stages: tuple[str, ...]) -> None:
    """A lot, from its files to its tables."""
    call = CellsCall(AnalyzeRecipe(angles=ANGLES, stages=stages), LoadOptions(), ["lot"], False, None)
    lot.run_lot_on(cluster, lot.name_cells(cells), out, lambda cell: call.task(cell, out), Progress())


def measure_cell(cluster: Cluster, cell: Path, out: Path) -> dict[str, bytes]:
    """One cell with the usual settings; its tables."""
    measure_file(cell, out, AnalyzeRecipe(), Call(LoadOptions(), ["analyze"], False, False, cluster), Progress())
    print(f"workers held at most {most_held_gb(cluster)} GB each", file=sys.stderr)
    return tables_of(out)


def most_held_gb(cluster: Cluster) -> str:
    """What the workers held at most since they started, pages of files included."""
    held = cluster.client.run(most_kb).values()
    return ", ".join(f"{kilobytes / 1e6:.2f}" for kilobytes in held)


def most_kb() -> int:
    """Of this process, on Linux."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def make_labels(path: Path, size: int) -> NDArray[np.uint8]:
    """Ellipsoids that do not touch, as an uncompressed file that is read in slabs."""
    labels = np.minimum(np.stack(list(classes_of(made_apart(size, size**3 // _VOXELS_AN_OBJECT)))), 1)
    np.save(path.with_suffix(".npy"), labels)
    labels.tofile(path)
    return labels


def label_chunks(cluster: Cluster, path: Path, shape: tuple[int, int, int], folder: Path, measured: bool) -> Any:
    """Number the objects of a raw file on the workers, and measure them; how many there are, and their table."""
    from batterycell.io.options import RawShape

    file = LabelFile(path, LoadOptions((1.0, 1.0, 1.0), RawShape(shape, "uint8")), "1=particle")
    labels, folder = file.open(Progress()), folder / str(measured)
    out = packed_labels(folder / "instances", shape)
    with spread_engine(cluster, file.opened(labels), folder / "kept") as engine:
        settings = LabelSettings(classes=(1,))
        found = label_by(engine.way, labels.source, labels.voxel_size_um, settings, Progress(), out)
        if not measured or engine.measure is None:
            return found.count
        table = engine.measure(labels, found, COMMON, Progress())
    return found.count, {name: values.tobytes() for name, values in table.data.items()}


@dataclass(frozen=True)
class File:
    """An array in a ``.npy`` file, read and written by whichever process works on a chunk of it."""

    path: Path
    shape: tuple[int, int, int]
    dtype: Any
    ndim: int = 3

    def __getitem__(self, place: Any) -> NDArray[Any]:
        return np.array(np.load(self.path, mmap_mode="r")[place])

    def __setitem__(self, place: Any, values: NDArray[Any]) -> None:
        np.lib.format.open_memmap(self.path, "r+")[place] = values


def label_by_dask_image(cluster: Cluster, path: Path, shape: tuple[int, int, int], folder: Path) -> int:
    """The same by dask-image, in chunks of as many slices as ours."""
    import dask.array as da
    from batterycell.instances.find.label import slab_voxels_of
    from dask_image.ndmeasure import label

    labels = File(path.with_suffix(".npy"), shape, np.dtype(np.uint8))
    depth = slab_voxels_of(shape) // (shape[1] * shape[2])
    numbers, count = label(da.from_array(labels, chunks=(depth, *shape[1:])), structure=np.ones((3, 3, 3)))
    np.lib.format.open_memmap(folder / "peer.npy", "w+", numbers.dtype, shape)
    out = File(folder / "peer.npy", shape, numbers.dtype)
    stored = da.store(numbers, out, lock=False, compute=False)
    return int(cluster.client.gather(cluster.client.compute([stored, count]))[1])


def compare(work: dict[str, Callable[[Cluster, Path], Any]], turns: int) -> dict[tuple[str, int], tuple[Cost, Any]]:
    """Costs of each work by one worker and by two, and what came of it the last time."""
    found: dict[tuple[str, int], tuple[Cost, Any]] = {}
    for _ in range(turns):
        for workers in WORKERS:
            with open_cluster(parse_place(f"local:{workers}")) as cluster, tempfile.TemporaryDirectory() as folder:
                for name, do in work.items():
                    cost = found.get((name, workers), (Cost(workers), None))[0]
                    with counted(cost):
                        result = do(cluster, Path(folder))
                    found[name, workers] = cost, result
    return found


def show(name: str, found: dict[tuple[str, int], tuple[Cost, Any]]) -> None:
    """One line of the table."""
    one, two = (found[name, workers][0] for workers in WORKERS)
    ratio = f"{one.wall / two.wall:.2f}"
    free = f"{one.processor / two.processor:.2f}" if one.workers and two.processor else "–"
    walls = f"{one.wall:.1f} s | {two.wall:.1f} s"
    processors = " | ".join(f"{cost.share:.1f} + {cost.here:.1f} s" for cost in (one, two))
    print(f"| {name} | {walls} | {ratio} | {processors} | {free} |")
    print(f"{name}: of two workers {two.each} s", file=sys.stderr)


def tables_of(folder: Path) -> dict[str, bytes]:
    """Every table of a lot, as it is written."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--stages", type=lambda text: tuple(text.split(",")), default=STAGES)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--times", type=int, default=1, help="voxels of the large cell: 500 times this along each side")
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="cluster-"))
    try:
        run(args, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


Work = dict[str, Callable[[Cluster, Path], Any]]


def cells_work(args: argparse.Namespace, home: Path) -> Work:
    """A lot of small cells, and one large cell."""
    (home / "scans").mkdir()
    cells, large = make_cells(home / "scans", args.cells), home / "large.nrrd"

    def lot_tables(cluster: Cluster, folder: Path) -> dict[str, bytes]:
        measure_lot(cluster, cells, folder / "lot", args.stages)
        return tables_of(folder / "lot")

    work: Work = {f"lot of {len(cells)} cells": lot_tables} if cells else {}
    if args.times:
        write_cell(small_cell(), (args.times,) * 3, large)
        name = f"analyze of one cell of {args.times * EDGE}³ voxels"
        work[name] = lambda cluster, folder: measure_cell(cluster, large, folder / "large")
    return work


def objects_work(size: int, home: Path) -> Work:
    """Objects of one label volume, here and by a peer."""
    path = home / "labels.raw"
    labels = make_labels(path, size)
    shape = labels.shape
    print(f"{labels.mean():.0%} of the label volume's voxels in objects", file=sys.stderr)

    def objects(measured: bool) -> Callable[[Cluster, Path], Any]:
        return lambda cluster, folder: label_chunks(cluster, path, shape, folder, measured)

    work: Work = {f"objects of {size}³ voxels, measured": objects(True), "... numbered alone": objects(False)}
    if find_spec("dask_image"):
        work["... by dask-image"] = lambda cluster, folder: label_by_dask_image(cluster, path, shape, folder)
    return work


def run(args: argparse.Namespace, home: Path) -> None:
    """Make what is worked on, work, and print."""
    make_labels(home / "small.raw", _SMALL)
    (home / "small").mkdir()
    cells = make_cells(home / "small", 1)

    def warm_up(cluster: Cluster, folder: Path) -> None:
        label_chunks(cluster, home / "small.raw", (_SMALL,) * 3, folder / "small", True)
        measure_cell(cluster, cells[0], folder / "cell")

    work = cells_work(args, home) | (objects_work(args.size, home) if args.size else {})
    found = compare({"warm-up": warm_up, **work}, args.turns)
    print(f"{date.today()}: one worker and two, {args.turns} turn(s)\n")
    print(
        "| work | 1 worker | 2 workers | ratio | 1, processor | 2, processor | ratio |\n|---|---|---|---|---|---|---|"
    )
    for name in work:
        show(name, found)
        same = found[name, 1][1] == found[name, 2][1]
        print(f"{name}: {'equal results' if same else 'RESULTS DIFFER'}", file=sys.stderr)


if __name__ == "__main__":
    main()
