"""Generated cells, where they stand and what their windings truly are, for tests of looking around the winding."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import winding_accuracy
from batterycell.orient import Cell, find_cell
from batterycell.phantom import Dent, Phantom, preset
from batterycell.winding import Windings, trace_windings
from made_cells import made_cell

POSES: dict[str, dict[str, Any]] = {
    "plain": {},
    "flipped": {"upside_down": True, "tilt_deg": 3.0, "tilt_toward_deg": 200.0},
    "lying": {"axis": "i", "tilt_deg": 5.0},
    "anisotropic": {"voxel_size_um": (110.0, 40.0, 30.0)},
}
CELLS = (*POSES, "oval", "dented", "tab", "clockwise")


@cache
def phantom(name: str) -> Phantom:
    """A small cell: in a pose, or of a shape."""
    if name == "tab":
        return made_cell(*preset("demo"), seed=2)
    spec, scan = preset("small")
    if name in POSES:
        return made_cell(spec, replace(scan, **POSES[name]), seed=2)
    shapes = {
        "oval": {"can": replace(spec.can, ovality=0.04)},
        "dented": {"can": replace(spec.can, dents=(Dent(215, 3.5, 400, 2.5),))},
        "clockwise": {"roll": replace(spec.roll, clockwise=True)},
    }
    return made_cell(replace(spec, **shapes[name]), scan, seed=2)


@cache
def found(name: str) -> Cell:
    return find_cell(phantom(name).volume)


@cache
def traced(name: str) -> Windings:
    return trace_windings(phantom(name).volume, found(name))


def true_windings(name: str, height_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Turn coordinates and RAS of the true cathode's middle, each degree, at a height of the found cell."""
    return winding_accuracy.true_windings(phantom(name), found(name), height_mm, 360)


def across_voxel_mm(name: str) -> float:
    """The largest voxel size across the cell's axis."""
    return float(np.sort(phantom(name).volume.spacing_mm)[1])
