"""What is exactly known about the windings of a generated cell, and about what came apart between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.orient import CellFrame
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM
from batterycell.winding import Windings

from .defect_settings import CoreKink, Delamination
from .openings import Gap
from .roll import Roll
from .roll_ends import cathode_presence, within
from .settings import CylindricalCell
from .spiral import turns_per_radian
from .warp import Warp

Array = NDArray[Any]
GAP_COLUMNS = (
    Column("opening_um", "Opening", "µm", "Largest distance along the radius between the faces that came apart."),
    Column("winding", "Winding", "", "Cathode turn, 1 is the outermost at its angle."),
    Column("side", "Side", "", "Face of that cathode on which the gap lies: outer or inner."),
    Column("angle_deg", "Angle", "deg", "Middle of the gap, about the cell's axis from +i towards +j."),
    Column("height_mm", "Height", "mm", "Middle of the gap above the can's base."),
    Column("width_deg", "Width", "deg", "Extent around the cell."),
    Column("extent_mm", "Extent", "mm", "Extent along the cell."),
    Column("r_mm", "R", "mm", "R of its middle in the volume's own RAS."),
    Column("a_mm", "A", "mm", "A of its middle in the volume's own RAS."),
    Column("s_mm", "S", "mm", "S of its middle in the volume's own RAS."),
)
_FINE = 720  # samples a turn
_HEIGHTS = 41
_APART_MM = 1e-6


@dataclass(frozen=True)
class WindingTruth:
    """The cathode of a generated cell: where the middle of every turn is.

    Turn coordinates count turns along the cathode from its outer end; the whole part plus one is the winding.

    Args:
        spec: The cell.
        frame: Where it stands; heights count from the can's base.
        heights_mm: Lowest and highest height of the body of the roll that lies in the volume.
    """

    spec: CylindricalCell
    frame: CellFrame
    heights_mm: tuple[float, float]

    @property
    def turns(self) -> float:
        """Length of the cathode in turns."""
        return self.spec.roll.turns

    @property
    def count(self) -> int:
        """How many windings there are where there are most of them."""
        return int(np.ceil(self.turns))

    @property
    def sense(self) -> int:
        """+1 where the spiral runs inward with rising angles, -1 with falling."""
        return int(np.sign(turns_per_radian(self.spec.roll)))

    def present(self, turn: ArrayLike) -> NDArray[np.bool_]:
        """Whether there is coated cathode at turn coordinates."""
        return np.asarray(within(np.asarray(turn, float), cathode_presence(self.spec)) >= 0)

    def angle_deg(self, turn: ArrayLike) -> Array:
        """Angle of turn coordinates."""
        return np.asarray((self.spec.roll.start_deg + self.sense * 360 * np.asarray(turn, float)) % 360)

    def radius_mm(self, turn: ArrayLike, height_mm: ArrayLike) -> Array:
        """Distance of the cathode's middle from the cell's axis; the two broadcast."""
        turn, height = np.broadcast_arrays(np.asarray(turn, float), np.asarray(height_mm, float))
        ideal = Roll(self.spec, ()).cathode_radius(turn)
        # A turn that ends exactly where the cathode begins must not fall back by one: the angle is taken just inside.
        angle = np.radians(self.spec.roll.start_deg + self.sense * 360 * (turn + 1e-9))
        return Warp(self.spec).to_real(ideal, angle, height)

    def ras(self, turn: ArrayLike, height_mm: ArrayLike) -> Array:
        """RAS in mm of the cathode's middle, shape (..., 3)."""
        return self.frame.from_cylindrical(self.angle_deg(turn), self.radius_mm(turn, height_mm), height_mm)

    def windings(self, frame: CellFrame, heights_mm: Array, per_turn: int = 180) -> Windings:
        """The true windings as a trace in another frame of the same cell would find them.

        Args:
            frame: Where a measurement found the cell.
            heights_mm: Heights of the trace in that frame, shape (h,).
            per_turn: Samples a turn.
        """
        start = round(self.spec.roll.start_deg % 360 * per_turn / 360) % per_turn
        samples = np.arange(round(self.turns * per_turn) + 1)
        angles = self.sense * samples * 360 / per_turn + start * 360 / per_turn
        rows = np.array([self._row(frame, float(height), angles) for height in heights_mm])
        pitch = self.pitch_um / UM_PER_MM
        return Windings(frame, self.sense, start * 360 / per_turn, per_turn, pitch, heights_mm, rows)

    @property
    def pitch_um(self) -> float:
        """Mean distance along the radius from turn to turn over the body of the roll."""
        turn = np.arange(0, self.turns - 1, 1 / 180)
        turn = turn[self.present(turn) & self.present(turn + 1)]
        heights = np.linspace(*self.heights_mm, _HEIGHTS)[:, None]
        return float(np.mean(self.radius_mm(turn, heights) - self.radius_mm(turn + 1, heights)) * UM_PER_MM)

    def deviation_um(self, turn: ArrayLike, height_mm: ArrayLike) -> Array:
        """Radius minus that of the ideal spiral.

        The ideal spiral is Archimedean, ``radius = a - b * turn``, fitted to the whole body by least squares.
        """
        grid, heights = np.arange(0, self.turns, 1 / 180), np.linspace(*self.heights_mm, _HEIGHTS)[:, None]
        grid = grid[self.present(grid)]
        slope, first = np.polyfit(np.tile(grid, _HEIGHTS), self.radius_mm(grid, heights).ravel(), 1)
        ideal = first + slope * np.asarray(turn, float)
        return np.asarray((self.radius_mm(turn, height_mm) - ideal) * UM_PER_MM)

    def buckling_um(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        """How much deeper the cathode's innermost turn lies than with a whole core, no gaps and no tab above it."""
        run = self.sense * (np.asarray(angle_deg, float) - self.spec.roll.start_deg) / 360 % 1
        innermost = run + np.floor(self.turns - run)
        kept = tuple(defect for defect in self.spec.defects if not isinstance(defect, (CoreKink, Delamination)))
        roll = replace(self.spec.roll, buckle_um=0.0)
        whole = replace(self, spec=replace(self.spec, roll=roll, defects=kept, tab=None))
        return (whole.radius_mm(innermost, height_mm) - self.radius_mm(innermost, height_mm)) * UM_PER_MM

    def gaps(self) -> Table:
        """One row, of `GAP_COLUMNS`, a place where the sheets came apart."""
        settings = [defect for defect in self.spec.defects if isinstance(defect, Delamination)]
        words = [column.name for column in GAP_COLUMNS[1:-3]]
        data: dict[str, Array] = {word: np.array([getattr(one, word) for one in settings]) for word in words}
        data |= {"winding": data["winding"].astype(int), "side": data["side"].astype(str)}
        found = [self._gap(setting) for setting in settings]
        places = np.array([place for place, _ in found]).reshape(-1, 3)
        data |= dict(zip(("r_mm", "a_mm", "s_mm"), places.T, strict=True))
        return Table(GAP_COLUMNS, data | {"opening_um": np.array([opening for _, opening in found], float)})

    def describe(self) -> dict[str, Any]:
        """Its numbers, over the body of the roll."""
        turn, heights = np.arange(0, self.turns, 1 / _FINE), np.linspace(*self.heights_mm, _HEIGHTS)[:, None]
        deviation = np.abs(self.deviation_um(turn[self.present(turn)], heights))
        return {
            "count": self.count,
            "turns": self.turns,
            "sense": self.sense,
            "start_deg": self.spec.roll.start_deg % 360,
            "pitch_um": self.pitch_um,
            "wound_pitch_um": self.spec.roll.pitch_um,
            "deviation_max_um": float(deviation.max()),
            "deviation_mean_um": float(deviation.mean()),
            "core_buckling_um": float(self.buckling_um(np.arange(360.0), heights).max()),
        }

    def _row(self, frame: CellFrame, height: float, angles: Array) -> Array:
        """Radii at unwrapped angles of another frame at one of its heights; NaN where there is no cathode."""
        turn = np.arange(-0.05, self.turns + 0.05, 1 / _FINE)
        at = float(self.frame.to_cylindrical(frame.origin + height * frame.up)[2])
        angle, radius, _ = frame.to_cylindrical(self.ras(turn, at))
        run = self.sense * np.degrees(np.unwrap(np.radians(angle)))
        run += 360 * np.round((self.sense * angles[0] - 18 - run[0]) / 360)
        wanted = self.sense * angles
        seen = self.present(np.clip(np.interp(wanted, run, turn), 0, self.turns))
        return np.where(seen, np.interp(wanted, run, radius), np.nan)

    def opening_um(self, gap: Delamination, angle_deg: float, height_mm: float) -> float:
        """Distance along the radius between the faces that a gap parts, at any place."""
        inner, outer = self._faces(gap, angle_deg, height_mm)
        return float((outer - inner) * UM_PER_MM)

    def _gap(self, gap: Delamination) -> tuple[Array, float]:
        """The middle of a gap in RAS mm, and its opening in µm."""
        radius = self._faces(gap, gap.angle_deg, gap.height_mm).mean()
        place = self.frame.from_cylindrical(gap.angle_deg, radius, gap.height_mm)
        return place, self.opening_um(gap, gap.angle_deg, gap.height_mm)

    def _faces(self, gap: Delamination, angle_deg: float, height_mm: float) -> Array:
        """Radii in mm just within and just beyond the face of a cathode at which a gap opens."""
        angle = np.radians(np.asarray(angle_deg, float))
        faces = Gap(self.spec, gap).face(angle) + np.array([-_APART_MM, _APART_MM])
        return Warp(self.spec).to_real(faces, angle, np.asarray(height_mm, float))
