"""Cells that take long to make or to find, made once for all tests and for all processes that run them."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from batterycell.io import LoadOptions, load_volume
from batterycell.orient import Cell, find_cell
from batterycell.phantom import CylindricalCell, Phantom, PouchCell, Scan, make_cell
from batterycell.volume import Volume
from batterycell.winding import Windings, trace_windings
from real_cell import DATA, VOXEL_SIZE_UM

# Set by conftest.py for the time of a run, so that nothing outlives the code that made it.
FOLDER = "BATTERYCELL_MADE_CELLS"


def made_cell(spec: CylindricalCell | PouchCell, scan: Scan, seed: int, angles: int = 4) -> Phantom:
    """What `make_cell` makes.

    Args:
        spec: Cell.
        scan: Scan.
        seed: Seed.
        angles: Angles of the truth: few, for tests that look at the image alone.
    """
    found: Phantom = _kept(repr((spec, scan, seed, angles)), lambda: make_cell(spec, scan, seed, angles=angles))
    return found


@cache
def real_cell() -> tuple[Volume, Cell, Windings]:
    """The real cell of the folder DATA, found and traced. Not to be written to."""
    found: tuple[Volume, Cell, Windings] = _kept("real cell", _find_real_cell)
    return found


def _find_real_cell() -> tuple[Volume, Cell, Windings]:
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    cell = find_cell(volume)
    return volume, cell, trace_windings(volume, cell)


def _kept(name: str, make: Callable[[], Any]) -> Any:
    """What was made, from the run's folder if a test of any process had it made before."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return make()
    path = Path(folder) / hashlib.sha256(name.encode()).hexdigest()
    if not path.exists():
        _keep(make(), path)
    return pickle.loads(path.read_bytes())


def _keep(made: Any, path: Path) -> None:
    """Write under another name first: the tests of another process may look for it now."""
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    part.replace(path)
