"""Where the memory of ``analyze`` goes, on generated cells up to sizes that do not fit into it.

    python Testing/Benchmarks/big_cell.py [--times 3 5 ...] [--format ome.zarr] [--keep DIR] [--out DIR]

A generated cell of 197 x 197 x 272 voxels is drawn once; each of its voxels becomes a block, so that sheets and can are
the same in larger volumes. ``--times 10,10,7`` gives 1970 x 1970 x 1904 voxels. ``analyze`` runs in a process of its
own, which notes its memory ten times a second beside the words of its progress: what it holds itself (anonymous), and
what it holds of files (which the system takes back when others need it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VOXEL_UM = 64.0
AIM_GB = 4.0
_PAUSE_S = 0.1


def small_cell() -> NDArray[np.uint8]:
    """The cell whose voxels become blocks, shape (k, j, i)."""
    from batterycell import phantom

    cell, scan = phantom.preset("demo")
    scan = replace(scan, voxel_size_um=(VOXEL_UM, VOXEL_UM, VOXEL_UM))
    return np.asarray(phantom.make_cell(cell, scan, 1).volume.array)


def write_cell(small: NDArray[np.uint8], times: tuple[int, int, int], path: Path) -> None:
    """Write the large cell, a slab at a time."""
    from batterycell.io.convert.content import Content
    from batterycell.io.convert.settings import ConvertSettings
    from batterycell.io.convert.sinks import sink_for
    from batterycell.slabs import SlabSource
    from batterycell.volume import Volume

    shape = tuple(n * factor for n, factor in zip(small.shape, times, strict=True))
    z, y, x = (VOXEL_UM / factor for factor in times)
    noise = np.random.default_rng(1).integers(-3, 4, (64, *shape[1:]), dtype=np.int8)

    def read(start: int, stop: int) -> NDArray[Any]:
        rows = small[np.arange(start, stop) // times[0]]
        large = np.repeat(np.repeat(rows, times[1], 1), times[2], 2)
        for index, image in enumerate(large, start):
            image[...] = np.clip(image.astype(np.int16) + noise[(7 * index) % len(noise)], 0, 255)
        return large

    source = SlabSource((shape[0], shape[1], shape[2]), np.dtype(np.uint8), read)
    place = Volume.from_stack(np.zeros((1, 1, 1), np.uint8), (z, y, x), "generated", "cell")
    sink = sink_for(Content(source, place, (), False), path, ConvertSettings())
    for start in range(0, shape[0], sink.depth):
        sink.write(start, read(start, min(start + sink.depth, shape[0])))
    for piece in range(sink.later):
        sink.add(piece)
    sink.close()


def memory_mb() -> dict[str, float]:
    """What this process holds now, in MB."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {words[0][:-1]: int(words[1]) / 1e3 for words in lines if words[0] in ("RssAnon:", "RssFile:", "VmRSS:")}


def child(cell: Path, out: Path, angles: int) -> None:
    """Analyse, and print what was held beside which words."""
    from batterycell.cli.road import Call, measure_file
    from batterycell.io import LoadOptions
    from batterycell.progress import Progress
    from batterycell.recipe import AnalyzeRecipe

    words, held, done = ["starting"], {}, threading.Event()

    def watch() -> None:
        while not done.wait(_PAUSE_S):
            note(words[0])

    def note(word: str) -> None:
        now, before = memory_mb(), held.setdefault(word, {"seconds": 0.0})
        before["seconds"] += _PAUSE_S
        for name, value in now.items():
            before[name] = max(before.get(name, 0.0), value)

    def listen(fraction: float, message: str) -> None:
        words[0] = " ".join(word for word in message.split() if not word.isdigit()) or words[0]

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    began = time.perf_counter()
    call = Call(LoadOptions(), ["analyze", str(cell)], True)
    measure_file(cell, out, AnalyzeRecipe(angles=angles), call, Progress(listener=listen))
    done.set()
    clocks = {"seconds": time.perf_counter() - began, "processor": time.process_time()}
    print(json.dumps({**clocks, "held": held}))


def run(cell: Path, out: Path, angles: int) -> dict[str, Any]:
    """Analyse in a process of its own."""
    words = [sys.executable, __file__, "--child", str(cell), str(out), "--angles", str(angles)]
    text = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
    result: dict[str, Any] = json.loads(text.splitlines()[-1])
    return result


def report(shape: tuple[int, ...], result: dict[str, Any]) -> None:
    """Print the table of one cell."""
    voxels = float(np.prod(shape))
    took, used = result["seconds"], result["processor"]
    print(f"\n{' × '.join(map(str, shape))} voxels, {voxels / 1e9:.2f} GB: {took:.0f} s, ", end="")
    print(f"{used:.0f} s of the processor, {1e9 * used / voxels:.0f} ns a voxel\n")
    print("| while | seconds | own MB | of files MB | together MB |\n|---|---|---|---|---|")
    for word, held in result["held"].items():
        sizes = (held.get(name, 0.0) for name in ("RssAnon", "RssFile", "VmRSS"))
        print(f"| {word} | {held['seconds']:.1f} | " + " | ".join(f"{size:.0f}" for size in sizes) + " |")
    own, all_ = (max(held.get(name, 0.0) for held in result["held"].values()) / 1e3 for name in ("RssAnon", "VmRSS"))
    print(f"\nown at most {own:.2f} GB, together {all_:.2f} GB; together / aim {all_ / AIM_GB:.2f}")


def factors(text: str) -> tuple[int, int, int]:
    """Read ``N`` or ``Z,Y,X``."""
    values = [int(part) for part in text.split(",")]
    z, y, x = values * 3 if len(values) == 1 else values
    return z, y, x


def cells(options: argparse.Namespace, folder: Path) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """The large cells, each written when it is asked for."""
    kept = folder / "small.npy"
    if not kept.exists():
        np.save(kept, small_cell())
    small = np.load(kept)
    for times in options.times:
        path = folder / f"cell_{'_'.join(map(str, times))}.{options.format}"
        if not path.exists():
            write_cell(small, times, path)
        yield path, tuple(n * factor for n, factor in zip(small.shape, times, strict=True))
        if not options.keep:
            subprocess.run(["rm", "-r", str(path)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=factors, nargs="+", default=[(2, 2, 2), (4, 4, 4)])
    parser.add_argument("--angles", type=int, default=360, help="half-planes around the axis (default: 360)")
    parser.add_argument("--format", default="ome.zarr")
    parser.add_argument("--keep", type=Path, help="write volumes here and leave them")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child, options.angles)
        return
    print(date.today())
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for path, shape in cells(options, folder):
            report(shape, run(path, Path(temporary) / "result", options.angles))


if __name__ == "__main__":
    main()
