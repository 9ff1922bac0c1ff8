"""Where the memory of ``analyze`` goes, on generated cells up to sizes that do not fit into it.

    python Testing/Benchmarks/big_cell.py [--times 1 2 ...] [--kill PERCENT] [--keep DIR] [WORDS FOR analyze ...]

A generated cell of 500 x 500 x 500 voxels is drawn once; each of its voxels becomes a block with noise of its own, so
that sheets and can are the same in larger volumes: ``--times 4`` gives 2000 x 2000 x 2000 voxels. ``analyze`` runs in a
process of its own, whose memory is noted ten times a second beside the words of its progress: what it holds itself
(anonymous), and what it holds of files (which the system takes back when others need it).
"""

from __future__ import annotations

import argparse
import os
import re
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

EDGE, VOXEL_UM = 500, (34.0, 25.2, 25.2)
NOISE = 3.0  # standard deviation, of every voxel
AIM_GB = 4.0
_PAUSE_S = 0.1
PROGRESS = re.compile(r"\s*(\d+) %  (.*?)(?:, about \d+ s left)?$")


def small_cell() -> NDArray[np.uint8]:
    """The cell whose voxels become blocks, shape (k, j, i)."""
    from batterycell import phantom

    cell, scan = phantom.preset("demo")
    scan = replace(scan, voxel_size_um=VOXEL_UM, shape=(EDGE, EDGE, EDGE), noise=0.0)
    return np.asarray(phantom.make_cell(cell, scan, 1).volume.array)


def write_cell(small: NDArray[np.uint8], times: tuple[int, int, int], path: Path) -> None:
    """Write the large cell, a slab at a time."""
    from batterycell.io.convert.content import Content
    from batterycell.io.convert.settings import ConvertSettings
    from batterycell.io.convert.sinks import sink_for
    from batterycell.slabs import SlabSource
    from batterycell.volume import Volume

    shape = tuple(n * factor for n, factor in zip(small.shape, times, strict=True))
    z, y, x = (size / factor for size, factor in zip(VOXEL_UM, times, strict=True))
    noise = np.rint(NOISE * np.random.default_rng(1).standard_normal((64, *shape[1:]), np.float32)).astype(np.int8)

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


def memory_mb(process: int) -> dict[str, float]:
    """What a process holds now, in MB; nothing once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    names = ("RssAnon:", "RssFile:", "VmRSS:")
    return {words[0][:-1]: int(words[1]) / 1e3 for line in lines if (words := line.split()) and words[0] in names}


class Watch:
    """What a process holds beside which words of its progress, and how far it is.

    Args:
        child: The process; its progress comes as lines.
    """

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.held: dict[str, dict[str, float]] = {}
        self.percent = 0
        self._child, self._word = child, "starting"
        for work in (self._listen, self._look):
            threading.Thread(target=work, daemon=True).start()

    def _listen(self) -> None:
        for line in self._child.stderr or ():
            told = PROGRESS.match(line)
            if told is None:
                print(line.rstrip(), flush=True)
                continue
            self.percent = int(told[1])
            self._word = " ".join(word for word in told[2].split() if not word.isdigit())

    def _look(self) -> None:
        while now := memory_mb(self._child.pid):
            before = self.held.setdefault(self._word, {"seconds": 0.0})
            before["seconds"] += _PAUSE_S
            for name, value in now.items():
                before[name] = max(before.get(name, 0.0), value)
            time.sleep(_PAUSE_S)


def analyze(cell: Path, out: Path, words: list[str], kill: int | None) -> dict[str, Any]:
    """Analyse in a process of its own; one that is to be killed ends at so many percent."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "batterycell", "analyze", str(cell), "--out", str(out), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        watch = Watch(child)
        while (ended := os.wait4(child.pid, os.WNOHANG))[0] == 0:
            if kill is not None and watch.percent >= kill:
                child.kill()
            time.sleep(_PAUSE_S)
        child.returncode = os.waitstatus_to_exitcode(ended[1])
    processor = ended[2].ru_utime + ended[2].ru_stime
    clocks = {"seconds": time.perf_counter() - began, "processor": processor, "code": child.returncode}
    return {**clocks, "held": watch.held}


def run(cell: Path, out: Path, words: list[str], kill: int | None) -> dict[str, Any]:
    """Analyse; where it is to be killed, in two starts, whose times are added."""
    if kill is None:
        return analyze(cell, out, words, None)
    first = analyze(cell, out, words, kill)
    kept = sum(file.stat().st_size for file in out.with_name(f"{out.name}.run").iterdir())
    print(
        f"killed (exit code {first['code']}) after {first['seconds']:.0f} s; {kept / 1e6:.0f} MB are kept", flush=True
    )
    second = analyze(cell, out, words, None)
    held = {f"{word}, {when}": value for when, one in (("first", first), ("again", second))
            for word, value in one["held"].items()}  # fmt: skip
    return {**second, "held": held, **{name: first[name] + second[name] for name in ("seconds", "processor")}}


def same_tables(one: Path, other: Path) -> str:
    """Whether all tables of two results are the same to the byte."""
    names = sorted(path.name for path in one.glob("*.csv"))
    different = [name for name in names if (one / name).read_bytes() != (other / name).read_bytes()]
    return f"{len(names)} tables, different: {', '.join(different) or 'none'}"


def report(shape: tuple[int, ...], result: dict[str, Any]) -> None:
    """Print the table of one cell."""
    voxels = float(np.prod(shape))
    took, used = result["seconds"], result["processor"]
    print(f"\n{' × '.join(map(str, shape))} voxels, {voxels / 1e9:.2f} GB: {took:.0f} s, ", end="")
    print(f"{used:.0f} s of the processor, {1e9 * used / voxels:.0f} ns a voxel, exit code {result['code']}\n")
    print("| while | seconds | own MB | of files MB | together MB |\n|---|---|---|---|---|")
    for word, held in result["held"].items():
        sizes = (held.get(name, 0.0) for name in ("RssAnon", "RssFile", "VmRSS"))
        print(f"| {word} | {held['seconds']:.1f} | " + " | ".join(f"{size:.0f}" for size in sizes) + " |")
    own, all_ = (max(held.get(name, 0.0) for held in result["held"].values()) / 1e3 for name in ("RssAnon", "VmRSS"))
    print(f"\nown at most {own:.2f} GB, together {all_:.2f} GB; together / aim {all_ / AIM_GB:.2f}", flush=True)


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
    parser.add_argument("--times", type=factors, nargs="+", default=[(1, 1, 1), (2, 2, 2)])
    parser.add_argument("--kill", type=int, metavar="PERCENT", help="kill it there, start it again, compare the tables")
    parser.add_argument("--once", action="store_true", help="with --kill: without the run that is left alone")
    parser.add_argument("--format", default="ome.zarr")
    parser.add_argument("--keep", type=Path, help="write volumes and results here and leave them")
    options, words = parser.parse_known_args()
    print(date.today())
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for path, shape in cells(options, folder):
            killed, whole = (folder / f"{path.name.split('.')[0]}_{how}" for how in ("killed", "whole"))
            if options.kill is not None:
                report(shape, run(path, killed, [*words, "--overwrite"], options.kill))
            if not options.once:
                report(shape, run(path, whole, [*words, "--overwrite"], None))
            if killed.exists() and whole.exists():
                print(f"killed and left alone: {same_tables(whole, killed)}", flush=True)


if __name__ == "__main__":
    main()
