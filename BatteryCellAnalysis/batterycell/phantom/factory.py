"""Generate a cell: grey values, labels and the truth about its overhang."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from batterycell.orient import CellFrame
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .can_truth import CanTruth
from .hardware import Hardware
from .imaging import image, softening_um
from .particles import Particles
from .pose import Extent, Grid, place_cell
from .pouch import make_pouch
from .pouch_settings import PouchCell
from .render import CellPainter
from .roll import Roll
from .roll_ends import ENDS, make_ends
from .scan_settings import Scan
from .settings import CylindricalCell
from .truth import Exact, overhang_truth
from .warp import Warp
from .winding_truth import WindingTruth

TRUTH_ANGLES = 72


@dataclass(frozen=True)
class Phantom:
    """A generated cell.

    Args:
        volume: Grey values.
        labels: `CellLabel` of each voxel, uint8.
        truth: The exact overhang: for a cylindrical cell in the columns of the overhang table, for a pouch cell in
            `POUCH_COLUMNS`.
        spec: What was generated.
        scan: How it was scanned.
        frame: Where the cell stands. Heights count from the outer face of the can's base, or from the middle of the
            pouch, whose direction of stacking is up.
    """

    volume: Volume
    labels: Volume
    truth: Table
    spec: CylindricalCell | PouchCell
    scan: Scan
    frame: CellFrame

    @property
    def can_truth(self) -> dict[str, Any]:
        """What is exactly known about the can: diameters, wall, dents; empty for a pouch cell."""
        if isinstance(self.spec, PouchCell):
            return {}
        return CanTruth(self.spec).describe()

    @property
    def can_shape(self) -> CanTruth:
        """The can at any angle and height: faces, wall, depth of dents; only of a cylindrical cell."""
        return CanTruth(self._cylinder)

    @property
    def winding_truth(self) -> WindingTruth:
        """The cathode's windings at any place; only of a cylindrical cell."""
        return WindingTruth(self._cylinder, self.frame, self._body_mm())

    @property
    def inclusion_truth(self) -> Table:
        """The foreign particles; only of a cylindrical cell."""
        return Particles(self._cylinder, self.frame, self.volume).truth()

    @property
    def gap_truth(self) -> Table:
        """The places where sheets came apart; only of a cylindrical cell."""
        return self.winding_truth.gaps()

    @property
    def _cylinder(self) -> CylindricalCell:
        if isinstance(self.spec, PouchCell):
            raise TypeError("a pouch cell has no windings")
        return self.spec

    def _body_mm(self) -> tuple[float, float]:
        """The heights of the body of the roll, 1 mm clear of its ends, that the volume shows."""
        spec, shape = self._cylinder, np.array(self.volume.array.shape[::-1]) - 1
        corners = np.stack(np.meshgrid(*[(0, size) for size in shape]), -1).reshape(-1, 3)
        seen = self.frame.to_cylindrical(self.volume.to_ras(corners))[2]
        low, high = spec.roll.cathode_bottom_mm + 1, spec.can.height_mm - spec.roll.cathode_top_mm - 1
        low, high = max(low, float(seen.min())), min(high, float(seen.max()))
        return (low, high) if low < high else ((low + high) / 2, (low + high) / 2)


def make_cell(
    spec: CylindricalCell | PouchCell,
    scan: Scan,
    seed: int,
    progress: Progress | None = None,
    angles: int = TRUTH_ANGLES,
) -> Phantom:
    """Generate a cell.

    Args:
        spec: The cell.
        scan: How it is scanned.
        seed: Everything random comes from this number.
        progress: Listener.
        angles: Number of evenly spaced angles in the truth table of a cylindrical cell.

    Returns:
        The cell with its truth.

    Raises:
        UsageError: if the settings make no cell, or a volume too large for memory.
    """
    progress = progress or Progress()
    if isinstance(spec, PouchCell):
        (grey, labels), truth, frame = make_pouch(spec, scan, seed, progress)
        return Phantom(grey, labels, truth, spec, scan, frame)
    return _make_cylinder(spec, scan, seed, progress, angles)


def _make_cylinder(spec: CylindricalCell, scan: Scan, seed: int, progress: Progress, angles: int) -> Phantom:
    sheets, scanner = (np.random.default_rng([seed, stream]) for stream in range(2))
    top, bottom = (make_ends(spec, end, sheets) for end in ENDS)
    roll, warp = Roll(spec, (top, bottom)), Warp(spec)
    volume, frame = place_cell(Extent(spec.can.radius_mm * (1 + spec.can.ovality / 2), spec.can.height_mm), scan)
    across = "kji".replace(scan.axis, "")
    soften = softening_um(scan, across) / UM_PER_MM
    grid = Grid.of(volume, frame, soften)
    grey, label = CellPainter(spec, roll, Hardware.of(spec), warp).paint(grid, progress.part(0, 0.7))
    Particles(spec, frame, volume).paint((grey, label), soften * np.array([axis in across for axis in "kji"]))
    scanned = image(grey, scan, across, scanner, progress.part(0.7, 1))
    truth = overhang_truth(Exact(roll, warp, frame, volume), np.arange(angles) * 360.0 / angles)
    labels = replace(volume, array=label, name="labels")
    return Phantom(replace(volume, array=scanned, name="grey"), labels, truth, spec, scan, frame)
