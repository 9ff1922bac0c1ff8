"""The whole road from a label file to a table of objects: memory, and the same numbers as in memory.

    python Testing/Benchmarks/instances_stream_road.py [--gb 0.07] [--folder DIR]

A file of about ``--gb`` gigabytes (NRRD, 32 bits a voxel, not compressed) holds one class, in ellipsoids in all
directions. ``batterycell instances`` finds the objects in it, measures them and writes its folder, all in a process of
its own, whose peak memory is told; another finds and measures them in memory. Every number of both tables must be the
same to the last bit. The issue's figure: --gb 4.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
from batterycell.cli import main as run_command
from batterycell.instances.find.label import label_instances
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.settings import LabelSettings
from instances_made import VOXEL_UM, Made, make_ellipsoids
from instances_speed import peak_bytes
from instances_stream import AIM_GB, DENSITY, HEADER, source_of


def write_classes(made: Made, path: Path) -> None:
    """Write the objects as one class, a layer at a time."""
    z, y, x = (step / 1000 for step in VOXEL_UM)
    with path.open("wb") as file:
        file.write(HEADER.format(type="uint32", size=made.size, x=x, y=y, z=z).encode())
        for layer in made.layers():
            (layer > 0).astype(np.uint32).tofile(file)


def by_command(folder: Path) -> None:
    """Find and measure by the command line."""
    words = ["instances", str(folder / "labels.nrrd"), "--measures", "common", "--quiet", "--out", str(folder / "out")]
    with redirect_stdout(StringIO()):
        if run_command(words):
            raise SystemExit("the command failed")


def in_memory(folder: Path) -> None:
    """Find and measure in memory with the same settings; the table goes to a file."""
    source = source_of(folder / "labels.nrrd", whole=True)
    found = label_instances(source, VOXEL_UM, LabelSettings(classes=(1,)))
    matrix = np.diag([-VOXEL_UM[2], -VOXEL_UM[1], VOXEL_UM[0], 1000.0]) / 1000
    table = measure_instances(found.source, found.count, VOXEL_UM, companions=Companions(ijk_to_ras=matrix))
    np.savez(folder / "table.npz", **table.data)


def run(folder: Path, way: str) -> tuple[float, float]:
    """Seconds and peak memory in bytes of a way, in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    seconds, peak = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return seconds, peak


def unequal(folder: Path) -> list[str]:
    """Columns of both tables that differ in any bit; an empty field is NaN."""
    with (folder / "out" / "instances.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = np.load(folder / "table.npz")
    return [
        name
        for name in table.files
        if not np.array_equal([float(row[name] or "nan") for row in rows], table[name], equal_nan=True)
    ]


def compare(made: Made, folder: Path) -> None:
    """Make the file, go both ways, print the table."""
    path = folder / "labels.nrrd"
    write_classes(made, path)
    print("| way | file, GB | s | peak memory, GB | aim | reached |\n|---|---|---|---|---|---|")
    for way in WAYS:
        seconds, peak = run(folder, way)
        streamed = way == "command"
        verdict = f"{AIM_GB:.0f} | {'yes' if peak / 1e9 <= AIM_GB else '**no**'}" if streamed else "– | –"
        print(f"| {way} | {path.stat().st_size / 1e9:.2f} | {seconds:.0f} | {peak / 1e9:.2f} | {verdict} |", flush=True)
    different = unequal(folder)
    objects = len(np.load(folder / "table.npz")["n"])
    same = f"**differ in {', '.join(different)}**" if different else "are the same to the last bit"
    print(f"\n{objects:,} objects; the tables {same}.")


WAYS = {"command": by_command, "memory": in_memory}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=256**3 * 4 / 1e9)
    parser.add_argument("--folder", type=Path, help="where the files may lie for the while")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    words = parser.parse_args(arguments)
    if words.way:
        began = time.perf_counter()
        WAYS[words.way](words.folder)
        print(json.dumps([time.perf_counter() - began, peak_bytes()]))
        return
    size = round((words.gb * 1e9 / 4) ** (1 / 3) / 128) * 128 or 128
    made = make_ellipsoids(size, round(DENSITY * size**3))
    print(f"{date.today()}: objects of one class in {made.size}³ voxels, found, measured and written\n")
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        compare(made, Path(folder))


if __name__ == "__main__":
    main()
