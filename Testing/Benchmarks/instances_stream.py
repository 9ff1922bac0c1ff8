"""How much memory a label file needs that is measured from the disk, and whether the numbers are the same.

    python Testing/Benchmarks/instances_stream.py [--gb 0.07] [--folder DIR] [--grey]

A file of about ``--gb`` gigabytes (NRRD, 32 bits a voxel, not compressed) with ellipsoids in all directions is made in
a temporary folder and measured twice, each time in a process of its own: read slab by slab, and loaded whole. Every
value of both tables must be the same to the last bit. Memory is the peak of the process, all that Python needs
included; the time is that of measuring, and of reading where it is slab by slab. ``--grey`` measures a grey volume of
16 bits beside it. The issue's figure: --gb 4.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.io.label_stored import open_stored
from batterycell.io.options import LoadOptions
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from instances_made import VOXEL_UM, Made, grey_of, make_ellipsoids
from instances_speed import peak_bytes
from numpy.typing import NDArray

AIM_GB = 2.0
DENSITY = 110_592 / 1024**3  # objects a voxel: 100,000 of them and some in 1024 voxels cubed
HEADER = """NRRD0004
type: {type}
dimension: 3
space: left-posterior-superior
sizes: {size} {size} {size}
space directions: ({x},0,0) (0,{y},0) (0,0,{z})
kinds: domain domain domain
endian: little
encoding: raw
space origin: (0,0,0)

"""


def write_files(made: Made, folder: Path, with_grey: bool) -> None:
    """Write the labels, and grey values, a layer at a time."""
    z, y, x = (step / 1000 for step in VOXEL_UM)
    files = {"labels": "uint32", **({"grey": "uint16"} if with_grey else {})}
    for name, kind in files.items():
        with (folder / f"{name}.nrrd").open("wb") as file:
            file.write(HEADER.format(type=kind, size=made.size, x=x, y=y, z=z).encode())
            for layer in made.layers():
                (layer if name == "labels" else grey_of(layer)).tofile(file)


def source_of(path: Path, whole: bool) -> SlabSource:
    """A file's voxels, read when they are asked for, or loaded whole."""
    source = open_stored(path, LoadOptions(), Progress()).source
    return SlabSource.of_array(source.read(0, source.shape[0])) if whole else source


def measure_file(folder: Path, count: int, whole: bool) -> None:
    """Measure and say how; the table goes to a file."""
    grey = folder / "grey.nrrd"
    images = {"grey": source_of(grey, whole)} if grey.exists() else {}
    labels = source_of(folder / "labels.nrrd", whole)
    began = time.perf_counter()
    table = measure_instances(labels, count, VOXEL_UM, companions=Companions(images=images))
    seconds = time.perf_counter() - began
    np.savez(folder / f"{whole}.npz", **table.data)
    print(json.dumps({"seconds": seconds, "peak": peak_bytes()}))


def run(folder: Path, count: int, whole: bool) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--measure",
        str(folder),
        "--count",
        str(count),
        *(["--whole"] if whole else []),
    ]
    found: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return found


def unequal(folder: Path) -> list[str]:
    """Columns of both tables that are not the same to the last bit."""
    tables: list[dict[str, NDArray[np.float64]]] = [dict(np.load(folder / f"{whole}.npz")) for whole in (True, False)]
    return [name for name in tables[0] if tables[0][name].tobytes() != tables[1][name].tobytes()]


def compare(made: Made, folder: Path, with_grey: bool) -> None:
    """Make the files, measure both ways, print the table."""
    write_files(made, folder, with_grey)
    total = sum(path.stat().st_size for path in folder.glob("*.nrrd")) / 1e9
    print(
        "| read | files, GB | objects | s | million voxels/s | peak memory, GB | aim | reached |\n" + "|---" * 8 + "|"
    )
    for whole in (False, True):
        found = run(folder, made.count, whole)
        rate, peak = made.size**3 / found["seconds"] / 1e6, found["peak"] / 1e9
        aim = "–" if whole else f"{AIM_GB:.0f}"
        reached = "–" if whole else "yes" if peak <= AIM_GB else "**no**"
        read = "whole" if whole else "slab by slab"
        figures = f"{total:.2f} | {made.count:,} | {found['seconds']:.1f} | {rate:.0f} | {peak:.2f}"
        print(f"| {read} | {figures} | {aim} | {reached} |", flush=True)
    different = unequal(folder)
    same = f"**differ in {', '.join(different)}**" if different else "are the same to the last bit"
    print(f"\nThe tables {same}.")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=256**3 * 4 / 1e9)
    parser.add_argument("--folder", type=Path, help="where the files may lie for the while")
    parser.add_argument("--grey", action="store_true")
    for hidden, kind in (("--measure", Path), ("--count", int)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args(arguments)
    if words.measure:
        measure_file(words.measure, words.count, words.whole)
        return
    size = round((words.gb * 1e9 / 4) ** (1 / 3) / 128) * 128 or 128
    made = make_ellipsoids(size, round(DENSITY * size**3))
    print(f"{date.today()}: common measures of {made.size}³ labels from a file\n")
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        compare(made, Path(folder), words.grey)


if __name__ == "__main__":
    main()
