"""Overhang on segmented half-planes: what a person painted or a network saw, measured like the cell itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.rows import EndRows
from batterycell.winding import EndPlanes, Windings

from .anodes import LabelledAnodes, find_labelled_anodes
from .cathodes import LabelledCathodes, find_labelled_cathodes
from .planes import LabelPlanes
from .turns import Turns, find_turns

Floats = NDArray[np.float64]

# Standard uncertainty of one end: a label says to half a voxel where it lies, a model to the spread of its probability.
# Calibrated on generated cells (random_cell, seeds 100 to 102) with true, with blurred and with noisy labels.
_QUANTUM = 0.27
_SPREAD = 0.45


def measure_label_planes(planes: LabelPlanes, windings: Windings | None) -> EndRows:
    """Read the ends of every cathode turn and of the anodes on its faces.

    Args:
        planes: Half-planes around one end.
        windings: Number the turns as these do; None counts them.

    Raises:
        InputError: if no cathode shows.
    """
    turns = find_turns(planes, windings)
    cathodes = find_labelled_cathodes(planes, turns)
    return _rows(planes.planes, turns, cathodes, find_labelled_anodes(planes, turns, cathodes))


def _rows(grid: EndPlanes, turns: Turns, cathodes: LabelledCathodes, anodes: LabelledAnodes) -> EndRows:
    """Lengths along the anodes' midlines from the cathodes' levels to the anodes' ends."""
    which, flag = anodes.sheet.ravel(), anodes.flag[anodes.sheet]
    paths, tip = anodes.paths.chosen(which), anodes.tips.height[which]
    level = np.repeat(cathodes.height, 2)
    arc, axial = paths.length(level, tip), tip - level
    stretch = np.where(np.abs(axial) > 1e-6, arc / axial, 1.0)
    u = stretch * np.hypot(
        *(_u_end(spread, grid) for spread in (np.repeat(cathodes.spread, 2), anodes.tips.spread[which]))
    )
    parts = (arc, axial, u, paths.lean_deg(level, tip), paths.at(tip[:, None])[:, 0], tip)
    arc, axial, u, lean, radius, tip = (part.reshape(-1, 2) for part in parts)
    flag[(flag == "ok") & (arc < 0)] = "negative"
    flag[~cathodes.readable] = "cathode-unclear"
    return EndRows(grid.end, grid.angles[turns.angle], turns.winding, (arc, axial, u), lean, flag,
                   (cathodes.radius, cathodes.height), (radius, tip))  # fmt: skip


def _u_end(spread: Floats, grid: EndPlanes) -> Floats:
    return np.asarray(np.hypot(_QUANTUM * grid.voxel_axial_mm, _SPREAD * spread))
