"""Cells whose windings are wrong in a known way, and faces without an image."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from batterycell.measured import Stage
from batterycell.orient import Cell, CellFrame, find_cell
from batterycell.phantom import CoreKink, Delamination, Phantom, Tab, preset
from batterycell.winding import Faces, Windings, measure_winding, trace_windings
from look_cells import phantom as whole
from made_cells import made_cell

KINK = CoreKink(angle_deg=200, height_mm=3.6, width_deg=110, extent_mm=20, depth_um=250, turns=2.6)
GAP = Delamination(winding=2, side="inner", angle_deg=130, height_mm=3.6, width_deg=80, extent_mm=3, opening_um=160)
TAB = Tab(turn=2.0, angle_deg=20, bare_deg=90, opening_um=100, strip_mm=1.5)
PER_TURN = 180
PITCH_MM = 0.4


@cache
def phantom(name: str) -> Phantom:
    """A small cell with a collapsed core, a gap or a tab, or one of `look_cells`."""
    spec, scan = preset("small")
    cells: dict[str, dict[str, Any]] = {
        "kink": {"defects": (KINK,)},
        "gap": {"defects": (GAP,)},
        "tab": {"tab": TAB, "can": replace(spec.can, outer_diameter_mm=7.6)},
    }
    return made_cell(replace(spec, **cells[name]), scan, seed=5) if name in cells else whole(name)


@cache
def measured(name: str) -> tuple[Cell, Windings, Stage]:
    """A cell, its windings, and the stage."""
    volume = phantom(name).volume
    cell = find_cell(volume)
    windings = trace_windings(volume, cell)
    return cell, windings, measure_winding(volume, cell, windings)


def number(stage: Stage, name: str) -> tuple[float, float]:
    """Value and uncertainty of a quantity."""
    found = next(one for one in stage.quantities if one.name == name)
    return found.value, found.uncertainty


def truth(name: str) -> dict[str, Any]:
    """What is known of a cell's windings over the heights at which they were measured."""
    _, _, heights = phantom(name).frame.to_cylindrical(measured(name)[2].maps[0].places)
    windings = phantom(name).winding_truth
    return replace(windings, heights_mm=(float(heights.min()), float(heights.max()))).describe()


def made_faces(heights: int = 5, turns: float = 6.0, thick_mm: float = 0.2) -> Faces:
    """Faces of a perfect spiral, without noise."""
    frame = CellFrame.from_axis([0, 0, 0], [0, 0, 1], np.eye(4))
    samples = np.arange(round(turns * PER_TURN) + 1)
    radius = np.tile(5.0 - PITCH_MM * samples / PER_TURN, (heights, 1))
    levels = np.arange(heights, dtype=float)
    windings = Windings(frame, 1, 30.0, PER_TURN, PITCH_MM, levels, radius)
    grey, valley = np.full(radius.shape, 80.0), np.full((2, *radius.shape), 30.0)
    return Faces(windings, levels, radius - thick_mm / 2, radius + thick_mm / 2, grey, valley, 0.03)
