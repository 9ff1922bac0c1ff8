"""A label volume that is taken for a large one, and the files that come of it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from batterycell.cli import main
from batterycell.instances.find import label
from batterycell.mrml.files import write_volume
from batterycell.volume import Volume
from test_instances_packed import CUBE, classes

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
# The first slices of the slabs.
SLABS = [0, 4, 8, 12, 16, 20]
# The same for a process of its own.
AS_LARGE = """
import batterycell.export.objects, batterycell.io.memory
from batterycell.instances.find import label

batterycell.io.memory.preview_limit = lambda: 1000
batterycell.export.objects.draw_objects = lambda *_: []
label.SLAB_VOXELS, label._LEAST_SLICES = 1, 4
"""

# Runs a command whose work on a slab is written down by `note`, and takes a while more.
_SLOWLY = (
    AS_LARGE
    + """
import sys, time
from batterycell.cli import main

log, seconds, *words = sys.argv[1:]

def note(name):
    with open(log, "a") as file:
        print(name, file=file)
    time.sleep(float(seconds))
"""
)


def take_for_large(monkeypatch: Any) -> None:
    """Every volume is large, has slabs of four slices, and is not drawn."""
    monkeypatch.setattr("batterycell.io.memory.preview_limit", lambda: 1000)
    monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])
    monkeypatch.setattr(label, "SLAB_VOXELS", 1)
    monkeypatch.setattr(label, "_LEAST_SLICES", 4)


def write_labels(path: Path) -> Path:
    """Two classes in 24 slices."""
    write_volume(Volume.from_stack(classes(), CUBE, "made"), path)
    return path


def words_for(labels: Path, out: str, *words: str) -> list[str]:
    """The command for the objects of both classes; the result lies beside the labels."""
    return ["instances", str(labels), "--classes", "1=a,2=b", "--quiet", "--out", str(labels.parent / out), *words]


def instances(labels: Path, out: str, *words: str) -> int:
    """Its exit code."""
    return main(words_for(labels, out, *words))


def assert_same_files(one: Path, other: Path) -> None:
    """The same objects and numbers, to the byte."""
    assert {path.name for path in one.iterdir()} == {path.name for path in other.iterdir()}
    for name in ("instances.nrrd", "instances.csv", "quantities.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def kill_9_and_go_on(labels: Path, slabs: int, work: str, *words: str) -> tuple[set[str], set[str]]:
    """Kill the command once so many slabs are kept, start it again, and hold its result against that of one start.

    Args:
        labels: The label volume; nothing else lies beside it, and nothing else is left there.
        slabs: How many.
        work: Python that lets the work on a slab call ``note`` with the name under which the slab is kept.
        words: Further words of the command.

    Returns:
        Names of the slabs that were kept then, and of those that the second start worked on.
    """
    home = labels.parent
    (home / "slowly.py").write_text(f"{_SLOWLY}{work}sys.exit(main(words))\n")

    def begin(log: str, seconds: float) -> subprocess.Popen[bytes]:
        call = [str(home / log), str(seconds), *words_for(labels, "out", *words)]
        return subprocess.Popen([sys.executable, str(home / "slowly.py"), *call])

    def kept() -> set[str]:
        return {path.stem for path in (home / "out.run").glob("*_*.npz")}

    with begin("first", 0.4) as child:
        until = time.monotonic() + 120
        while len(kept()) < slabs and time.monotonic() < until and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    done = kept()
    assert len(done) >= slabs and not (home / "out").exists()
    with begin("second", 0.0) as child:
        assert child.wait(120) == 0
    assert instances(labels, "whole", *words) == 0
    assert_same_files(home / "out", home / "whole")
    names = {path.name for path in home.iterdir()}
    assert names == {"labels.nrrd", "slowly.py", "first", "second", "out", "whole"}, "something was left behind"
    return done, set((home / "second").read_text().split())
