"""A label volume that is taken for a large one, and the files that come of it."""

from __future__ import annotations

import errno
import os
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
