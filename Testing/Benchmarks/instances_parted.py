"""Parting touching objects of a large label volume: what it costs to keep every slab, and a run that is killed.

    python Testing/Benchmarks/instances_parted.py [--size 384] [--slices 0] [--turns 1] [--folder DIR]

A volume of about ``--size`` voxels along each axis, or its first ``--slices``, holds ellipsoids of two classes in all
directions, one in 32,000 voxels, of which many touch (``--format``: how it is stored). They are parted at their necks
and numbered in processes of their own, which do nothing else: one keeps nothing; one keeps every slab; one keeps every
slab, is ended by ``kill -9`` when half of them are kept, and is started again. Told are the processor's time, the most
memory held (files that are mapped included), and what the kept slabs take on the disk in the end. All must give the
same bytes.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

from batterycell.instances.find.label import label_by, slab_voxels_of
from batterycell.instances.find.packed import packed_labels
from batterycell.instances.find.way import Way, slab_slices
from batterycell.instances.settings import LabelSettings
from batterycell.io import LoadOptions
from batterycell.objects import LabelFile
from batterycell.objects.spread import spread_engine
from batterycell.progress import Progress
from instances_large import write_labels
from instances_made import make_ellipsoids

SETTINGS = LabelSettings(classes=(1, 2), separate="watershed")
_VOXELS_AN_OBJECT, _CLASSES, _PAUSE_S = 32_000, 2, 0.02


class Cost(NamedTuple):
    """Seconds of the processor, and bytes of memory."""

    seconds: float
    memory: int


def part(labels: Path, out: Path, kept: bool) -> None:
    """Part the objects in this process."""
    file = LabelFile(labels, LoadOptions(single=True), "1=odd,2=even")
    opened = file.open(Progress())
    packed, run = packed_labels(out / "objects", opened.shape), out.with_suffix(".run")
    if not kept:
        label_by(Way(), opened.source, opened.voxel_size_um, SETTINGS, Progress(), packed)
        return
    with spread_engine(None, file.opened(opened), run) as engine:
        label_by(engine.way, opened.source, opened.voxel_size_um, SETTINGS, Progress(), packed)


def run(labels: Path, out: Path, kept: bool, slabs: int = 0) -> Cost:
    """Part them in a process of its own, which is killed where so many slabs are kept; 0 for never."""
    process = subprocess.Popen([sys.executable, __file__, "--part", str(labels), str(out), "kept" if kept else ""])
    while slabs and len(list(out.with_suffix(".run").glob("parted_*.npz"))) < slabs:
        time.sleep(_PAUSE_S)
    if slabs:
        process.send_signal(signal.SIGKILL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != (-signal.SIGKILL if slabs else 0):
        raise SystemExit("it failed")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def disk(folder: Path) -> int:
    """Bytes that the files below a folder take."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same objects to the byte."""
    names = sorted(path.name for path in (one / "objects").iterdir())
    return names == sorted(path.name for path in (other / "objects").iterdir()) and all(
        (one / "objects" / name).read_bytes() == (other / "objects" / name).read_bytes() for name in names
    )


def row(way: str, costs: list[Cost], voxels: int, kept: int = 0) -> None:
    """A line of the table."""
    seconds = min(cost.seconds for cost in costs)
    figures = f"{seconds:.1f} | {seconds / voxels * 1e9:.0f} | {max(cost.memory for cost in costs) / 1e9:.2f}"
    print(f"| {way} | {figures} | {kept / 1e9:.3f} |", flush=True)


def compare(labels: Path, shape: tuple[int, int, int], turns: int, folder: Path) -> None:
    """Go all ways, print the table."""
    slabs, voxels = _CLASSES * -(-shape[0] // slab_slices(shape, slab_voxels_of(shape))), math.prod(shape)
    print("| way | processor, s | ns a voxel | memory, GB | kept on disk, GB |\n" + "|---" * 5 + "|", flush=True)
    plain, kept = list[Cost](), list[Cost]()
    for turn in range(turns):
        plain.append(run(labels, folder / f"plain{turn}", False))
        kept.append(run(labels, folder / f"kept{turn}", True))
    row("keeps nothing", plain, voxels)
    row(f"keeps {slabs} slabs", kept, voxels, disk(folder / "kept0.run"))
    before = run(labels, folder / "broken", True, slabs // 2)
    after = run(labels, folder / "broken", True)
    row("... killed", [before], voxels)
    row("... started again", [after], voxels, disk(folder / "broken.run"))
    lost = before.seconds + after.seconds - min(cost.seconds for cost in kept)
    alike = all(same(folder / "plain0", folder / name) for name in ("kept0", "broken"))
    verdict = "the same" if alike else "**NOT** the same"
    print(f"\nKilled and started again it takes {lost:.1f} s more; the bytes are {verdict}.")


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--slices", type=int, default=0, help="the first ones only; 0 for a cube")
    parser.add_argument("--turns", type=int, default=1, help="runs of each way that is not killed; the fastest counts")
    parser.add_argument("--format", default="ome.zarr")
    parser.add_argument("--folder", type=Path, help="where the files may lie for the while")
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    words = parser.parse_args(arguments)
    if words.part:
        part(Path(words.part[0]), Path(words.part[1]), bool(words.part[2]))
        return
    made = make_ellipsoids(words.size, words.size**3 // _VOXELS_AN_OBJECT)
    shape = (words.slices or made.size, made.size, made.size)
    size = " × ".join(map(str, shape))
    print(f"{date.today()}: ellipsoids of two classes in {size} voxels, parted at their necks\n", flush=True)
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        labels = Path(folder) / f"labels.{words.format}"
        write_labels(made, labels, words.slices)
        compare(labels, shape, words.turns, Path(folder))


if __name__ == "__main__":
    main()
