"""Objects of a label volume larger than memory: ``batterycell instances`` in a process of its own.

    python Testing/Benchmarks/instances_large.py [--size 500] [--objects 0] [--format ome.zarr] [--folder DIR] [--keep]

A volume of about ``--size`` voxels along each axis holds ellipsoids of two classes in all directions, no two of which
touch; it is written slab by slab. The command finds, numbers and measures them and writes its folder. Told are its time
and the most memory it held, and the most disk it took beside the labels. Every object must be found with its own number
of voxels. ``--objects`` defaults to one in 32,000 voxels. The issue's figure: --size 2000.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from batterycell.io.convert.content import Content
from batterycell.io.convert.settings import ConvertSettings
from batterycell.io.convert.sinks import sink_for
from batterycell.slabs import SlabSource
from batterycell.volume import Volume
from instances_made import VOXEL_UM, Made, make_ellipsoids
from numpy.typing import NDArray

AIM_GB = 16.0
_VOXELS_AN_OBJECT, _CLASSES, _PAUSE_S = 32_000, 2, 2.0


class Cost(NamedTuple):
    """What the command took: seconds of the clock and of the processor, bytes of memory and of disk."""

    wall: float
    processor: float
    memory: int
    disk: int


def made_apart(size: int, objects: int) -> Made:
    """Ellipsoids that do not touch: where two do, the voxels of the later one that do are taken away."""
    made = make_ellipsoids(size, objects)
    block, around = made.block.copy(), np.pad(made.block, ((1, 0),) * 3, "wrap")
    for step in np.ndindex(2, 2, 2):
        near = around[tuple(slice(n, n + len(block)) for n in step)]
        block[(near > 0) & (near != made.block)] = 0
    for step in [(0, 1, -1), (1, 0, -1), (1, -1, 0), (1, -1, -1), (1, 1, -1), (1, -1, 1)]:
        near = np.roll(made.block, step, (0, 1, 2))
        block[(near > 0) & (near != made.block)] = 0
    return replace(made, block=block)


def classes_of(made: Made) -> Iterator[NDArray[np.uint8]]:
    """The volume slice by slice: each object's class, 0 for nothing."""
    block = np.where(made.block > 0, 1 + made.block % _CLASSES, 0).astype(np.uint8)
    for index in range(made.size):
        yield np.tile(block[index % len(block)], (made.times, made.times))


def write_labels(made: Made, path: Path, count: int = 0) -> None:
    """Write the classes, as many slices at a time as the format likes; the first ones only where a count is given."""
    shape, slices = (count or made.size, made.size, made.size), classes_of(made)
    place = Volume.from_stack(np.zeros((1, 1, 1), np.uint8), VOXEL_UM, "generated", "labels")
    nothing = SlabSource(shape, np.dtype(np.uint8), lambda a, b: np.zeros((b - a, *shape[1:])))
    sink = sink_for(Content(nothing, place, (), True), path, ConvertSettings(levels=1, kind="labels"))
    for start in range(0, shape[0], sink.depth):
        sink.write(start, np.stack([next(slices) for _ in range(min(sink.depth, shape[0] - start))]))
    for piece in range(sink.later):
        sink.add(piece)
    sink.close()


def run(labels: Path, folder: Path) -> Cost:
    """Find and measure by the command line."""
    command = [sys.executable, "-m", "batterycell", "instances", str(labels), "--classes", "1=odd,2=even", "--quiet"]
    began, most, done = time.perf_counter(), [0], threading.Event()
    watch = threading.Thread(target=_watch, args=(folder, most, done))
    watch.start()
    process = subprocess.Popen([*command, "--out", str(folder / "out")], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watch.join()
    if process.returncode:
        raise SystemExit("the command failed")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, most[0])


def _watch(folder: Path, most: list[int], done: threading.Event) -> None:
    """Note the most that the files of a result take while it is made."""
    while not done.wait(_PAUSE_S):
        files = [path for pattern in (".out.*", "out.run") for one in folder.glob(pattern) for path in one.rglob("*")]
        most[0] = max(most[0], sum(_blocks(path) for path in files))


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except FileNotFoundError:
        return 0


def voxels_found(folder: Path) -> NDArray[np.int64]:
    """Voxels of every object, rising."""
    with (folder / "out" / "instances.csv").open(newline="", encoding="utf-8") as file:
        return np.sort([int(row["voxels"]) for row in csv.DictReader(file)])


def voxels_made(made: Made) -> NDArray[np.int64]:
    """Voxels of every object that there is, rising."""
    counts = np.bincount(made.block.ravel())[1:]
    return np.sort(np.repeat(counts[counts > 0], made.times**3))


def measure(made: Made, words: Any, folder: Path) -> None:
    """Make the file, run the command, print the table."""
    labels = folder / f"labels.{words.format}"
    if not labels.exists():
        write_labels(made, labels)
    cost, truth = run(labels, folder), voxels_made(made)
    same = np.array_equal(voxels_found(folder), truth)
    print("| voxels | objects | s | ns a voxel | processor, s | memory, GB | aim | disk, GB |\n" + "|---" * 8 + "|")
    figures = f"{cost.wall:.0f} | {cost.wall / made.size**3 * 1e9:.0f} | {cost.processor:.0f} | {cost.memory / 1e9:.2f}"
    print(f"| {made.size}³ | {len(truth):,} | {figures} | {AIM_GB:.0f} | {cost.disk / 1e9:.2f} |")
    print(f"\nEvery object has {'its own number of voxels' if same else '**NOT** its own number of voxels'}.")


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--format", default="ome.zarr")
    parser.add_argument("--folder", type=Path, help="where the files may lie for the while")
    parser.add_argument("--keep", action="store_true", help="keep the labels in DIR, and take them the next time")
    words = parser.parse_args(arguments)
    made = made_apart(words.size, words.objects or words.size**3 // _VOXELS_AN_OBJECT)
    print(f"{date.today()}: objects of two classes found, measured and written\n", flush=True)
    if words.keep:
        words.folder.mkdir(parents=True, exist_ok=True)
        measure(made, words, words.folder)
        shutil.rmtree(words.folder / "out")
        return
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        measure(made, words, Path(folder))


if __name__ == "__main__":
    main()
