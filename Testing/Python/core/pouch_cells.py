"""Small generated stacks that several tests measure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from batterycell.measured import Stage
from batterycell.phantom import MisplacedLayer, Phantom, PouchCell, Scan, make_cell
from batterycell.phantom.pouch_settings import PouchTab
from batterycell.phantom.pouch_stack import PouchStack, make_stack
from batterycell.pouch import Pouch, find_pouch, measure_pouch

SEED, POSITIONS = 4, 12
SLIPPED = MisplacedLayer(2, shift_x_um=-900)
CELL = PouchCell(cathodes=3, cathode_mm=(3.4, 2.9), shift_sd_um=40, turn_sd_deg=0.3, flange_mm=0.4, turn_deg=6)
SCAN = Scan(voxel_size_um=(36, 44, 44), tilt_deg=2.5, tilt_toward_deg=40, margin_mm=0.15, streaks=0, noise=2)
TAB = PouchTab("anode", "y+", 0.7, 0.8)
CELLS: dict[str, tuple[PouchCell, Scan]] = {
    "clean": (CELL, SCAN),
    "slipped": (replace(CELL, misplaced=(SLIPPED,)), replace(SCAN, axis="j", voxel_size_um=(44, 36, 44))),
    "prismatic": (replace(CELL, case="prismatic", laminate_um=300, clearance_um=120), replace(SCAN, upside_down=True)),
    "bent": (replace(CELL, bow_um=120, curl_um=60, tabs=(TAB,)), SCAN),
}


@dataclass(frozen=True)
class Measured:
    """A generated stack and what was measured of it."""

    phantom: Phantom
    stack: PouchStack
    pouch: Pouch
    stage: Stage

    @property
    def voxel_um(self) -> float:
        return 1000 * float(self.phantom.volume.spacing_mm.max())


@cache
def measured(name: str) -> Measured:
    """One of the cells, generated and measured once for all tests."""
    phantom = make_cell(*CELLS[name], SEED)
    pouch = find_pouch(phantom.volume)
    stage = measure_pouch(phantom.volume, pouch, positions=POSITIONS)
    return Measured(phantom, make_stack(phantom.spec, np.random.default_rng([SEED, 0])), pouch, stage)
