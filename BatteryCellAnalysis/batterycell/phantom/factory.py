"""Generate a cell: grey values, labels and the truth about its overhang."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from batterycell.orient import CellFrame
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .hardware import Hardware
from .imaging import image, softening_um
from .pose import Extent, Grid, place_cell
from .render import CellPainter
from .roll import Roll
from .roll_ends import ENDS, make_ends
from .settings import CylindricalCell, Scan
from .truth import Exact, overhang_truth
from .warp import Warp

TRUTH_ANGLES = 72


@dataclass(frozen=True)
class Phantom:
    """A generated cell.

    Args:
        volume: Grey values.
        labels: `CellLabel` of each voxel, uint8.
        truth: The exact overhang, in the columns of the overhang table.
        spec: What was generated.
        scan: How it was scanned.
        frame: Where the cell stands; heights count from the outer face of the can's base.
    """

    volume: Volume
    labels: Volume
    truth: Table
    spec: CylindricalCell
    scan: Scan
    frame: CellFrame


def make_cell(
    spec: CylindricalCell, scan: Scan, seed: int, progress: Progress | None = None, angles: int = TRUTH_ANGLES
) -> Phantom:
    """Generate a cell.

    Args:
        spec: The cell.
        scan: How it is scanned.
        seed: Everything random comes from this number.
        progress: Listener.
        angles: Number of evenly spaced angles in the truth table.

    Returns:
        The cell with its truth.
    """
    progress = progress or Progress()
    sheets, scanner = (np.random.default_rng([seed, stream]) for stream in range(2))
    top, bottom = (make_ends(spec, end, sheets) for end in ENDS)
    roll, warp = Roll(spec, (top, bottom)), Warp(spec)
    volume, frame = place_cell(Extent(spec.can.radius_mm * (1 + spec.can.ovality / 2), spec.can.height_mm), scan)
    grid = Grid.of(volume, frame, softening_um(scan) / UM_PER_MM)
    grey, label = CellPainter(spec, roll, Hardware(spec), warp).paint(grid, progress.part(0, 0.7))
    scanned = image(grey, scan, scanner, progress.part(0.7, 1))
    truth = overhang_truth(Exact(roll, warp, frame, volume), np.arange(angles) * 360.0 / angles)
    labels = replace(volume, array=label, name="labels")
    return Phantom(replace(volume, array=scanned, name="grey"), labels, truth, spec, scan, frame)
