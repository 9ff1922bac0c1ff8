"""How long and in how much memory a whole cell is analysed, and whether time grows linearly with its height.

    python Testing/Benchmarks/whole_cell_speed.py [--slices 750 1500] [--keep DIR] [WORDS FOR analyze ...]

The volume, 728 x 728 x 1500 voxels, is a real cell: the top of a 21700 cell in ../shared/data/cell_top_ucl, or in the
folder that BATTERYCELL_DATA names, its windings repeated to and fro, and its lower end the same upside down, closed by
a base. It is written as an uncompressed TIFF; ``batterycell analyze`` runs in its own process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared" / "data")) / "cell_top_ucl"
VOXEL_SIZE_UM = "67.94,33.97,33.97"
BODY = slice(76, 100)  # only windings: below the ends of the sheets
CAP = 46  # slices with cap and groove, which the lower end does not have
BASE, AIR, METAL = 5, 8, 197
AIM_S, AIM_GB, AIM_SLICES = 90, 4.0, 1500


@dataclass(frozen=True)
class Run:
    """One analysis: slices, seconds of the clock and of the processor, peak of the resident memory in GB."""

    slices: int
    wall: float
    processor: float
    memory: float
    code: int


def real_top() -> NDArray[np.uint8]:
    """The real slices, top first, shape (100, 728, 728)."""
    return np.stack([tifffile.imread(DATA / f"im{number:03d}.tif") for number in range(1, 101)])


def write_cell(path: Path, slices: int, top: NDArray[np.uint8]) -> None:
    """Write a whole cell of a number of slices as one uncompressed TIFF."""
    file = tifffile.memmap(path, shape=(slices, *top.shape[1:]), dtype=top.dtype, bigtiff=True)
    there = np.arange(BODY.start, BODY.stop)
    around = np.concatenate([there[-2::-1], there[1:]])
    bottom = np.arange(len(top) - 1, CAP, -1)
    body = np.resize(around, slices - len(top) - len(bottom) - BASE - AIR)
    for index, source in enumerate(np.concatenate([np.arange(len(top)), body, bottom])):
        file[index] = top[source]
    within = ndimage.binary_fill_holes(np.median(top[BODY], axis=0) > METAL // 2)
    file[slices - BASE - AIR :] = top[0, 0, 0]
    file[slices - BASE - AIR : slices - AIR][:, within] = METAL
    file.flush()


def analyze(path: Path, slices: int, out: Path, words: list[str]) -> Run:
    """Analyse a file in a process of its own."""
    command = [sys.executable, "-m", "batterycell", "analyze", str(path), "--voxel-size", VOXEL_SIZE_UM]
    began = time.perf_counter()
    child = subprocess.Popen([*command, "--out", str(out), "--quiet", *words])
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    memory = usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    return Run(slices, wall, usage.ru_utime + usage.ru_stime, memory, os.waitstatus_to_exitcode(status))


def report(runs: list[Run]) -> None:
    """Print the table."""
    print(f"\n{date.today()}, 728 x 728 voxels a slice, {os.cpu_count()} cores\n")
    print("| slices | time | processor time | peak memory | exit code |\n|---|---|---|---|---|")
    for run in runs:
        print(f"| {run.slices} | {run.wall:.1f} s | {run.processor:.1f} s | {run.memory:.2f} GB | {run.code} |")
    short, tall = runs[0], runs[-1]
    print("\n| figure | value |\n|---|---|")
    if tall.slices > short.slices:
        print(f"| time for {tall.slices / short.slices:.2g} times the height | {tall.wall / short.wall:.2f} times |")
    if tall.slices == AIM_SLICES:
        print(f"| time / aim of {AIM_S} s | {tall.wall / AIM_S:.2f} |")
        print(f"| memory / aim of {AIM_GB:g} GB | {tall.memory / AIM_GB:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, nargs="+", default=[750, AIM_SLICES])
    parser.add_argument("--keep", type=Path, help="write volumes and results here and leave them")
    options, words = parser.parse_known_args()
    if not DATA.is_dir():
        sys.exit(f"The real cell is not at {DATA}; BATTERYCELL_DATA names its folder.")
    with tempfile.TemporaryDirectory() as temporary:
        folder, top, runs = options.keep or Path(temporary), real_top(), []
        folder.mkdir(parents=True, exist_ok=True)
        for slices in sorted(options.slices):
            path = folder / f"cell_{slices}.tif"
            if not path.exists():
                write_cell(path, slices, top)
            runs.append(analyze(path, slices, folder / f"analysed_{slices}", words))
    report(runs)


if __name__ == "__main__":
    main()
