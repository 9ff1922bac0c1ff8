"""Gaps between neighbouring turns: where the sheets have come apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.measured import K95
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM

from .faces import Faces, fold

Floats = NDArray[np.float64]

_LEAST_PITCHES = 0.12  # of the pitch: wound sheets lie that much looser here than there, without a gap
_LEAST_VOXELS = 0.75
_FACE_VOXELS = 0.2  # a face beside gas is read farther out than one beside a separator, by so much (generated cells)
_SURE = 4.0  # standard uncertainties of an opening that make it a gap
_FEWEST = 3  # turns of which one stands for what is usual
_BRIGHTER = 0.05  # darkness: where it is not darker than between tight sheets, a sheet has been misread
_LEAST_PLACES = 5  # samples along the sheet, times heights
_COATING, _COARSE = 93, 3  # samples: a coating is as thick over half a turn; looked at every so many
_CALM = (1, 5)  # heights and samples of the median that a single wrong face does not pass

GAP_COLUMNS = (
    Column("gap", "Gap", "", "Number of the gap, the widest first."),
    Column("winding", "Winding", "", "Cathode winding outside of the gap, 1 is the outermost; the next one is inside."),
    Column("angle_deg", "Angle", "deg", "Angle of its widest place."),
    Column("height_mm", "Height", "mm", "Height of its widest place along the axis, 0 in the middle of the volume."),
    Column("opening_um", "Opening", "µm", "How much wider than usual the space between the two cathode turns is."),
    Column("u_opening_um", "Uncertainty (95 %)", "µm", "Half width of the opening's 95 % interval."),
    Column("width_mm", "Width", "mm", "Extent along the sheet of where it is open by half its opening or more."),
    Column("tall_mm", "Height of the gap", "mm", "Extent along the axis, likewise; 0 where one height shows it."),
    Column("darkness", "Darkness", "", "How much darker than usual it is between the turns, over the usual contrast to "
           "the cathode; gas is dark, liquid is not."),
    *(Column(f"{axis}_mm", axis.upper(), "mm", f"{axis.upper()} of its widest place, in the volume's RAS.")
      for axis in "ras"),
)  # fmt: skip


@dataclass(frozen=True)
class Gaps:
    """Openings between neighbouring turns.

    Args:
        opening_mm: Free width beyond the usual, between each sample and the turn inside of it, shape (h, m), m one
            turn less than there are samples; NaN where a face is not seen.
        darkness: How much darker than usual it is in between, over the usual contrast to the cathode, shape (h, m).
        u_opening_mm: Standard uncertainty of an opening.
        least_mm: Smallest opening that counts as a gap.
        labels: Number of the gap at each place, 0 is none, shape (h, m).
    """

    opening_mm: Floats
    darkness: Floats
    u_opening_mm: float
    least_mm: float
    labels: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many gaps there are."""
        return int(self.labels.max(initial=0))

    @property
    def doubtful(self) -> int:
        """How many of them are so narrow that they may be none: their 95 % interval reaches down to `least_mm`."""
        from scipy import ndimage

        opening = np.nan_to_num(self.opening_mm)
        widest = np.asarray(ndimage.maximum(opening, self.labels, np.arange(1, self.count + 1)))
        return int((widest - K95 * self.u_opening_mm < self.least_mm).sum())


def find_gaps(faces: Faces, u_radius_mm: float) -> Gaps:
    """Find gaps from the free width between the faces of neighbouring cathode turns.

    Anode and both separators share that width and fill it. The width is used, not the pitch, since a thick coating is
    no gap; and not the grey value, since a gap may hold electrolyte: that is told beside it. Usual is the median over
    all turns at that height and angle: where the whole roll lies loose or is pressed, no pair of turns stands out.

    Args:
        faces: The windings' faces.
        u_radius_mm: Standard uncertainty of the radius at one place.
    """
    per_turn = faces.windings.per_turn
    half = 0.5 * _usual_thickness(faces)
    width = (faces.middle_mm - half)[:, :-per_turn] - (faces.middle_mm + half)[:, per_turn:]
    opening = _calm(width - _usual(width, per_turn))
    u_opening = float(np.hypot(np.sqrt(2) * u_radius_mm, _FACE_VOXELS * faces.voxel_mm))
    pitch = faces.windings.pitch_mm
    least = max(_SURE * u_opening, _LEAST_PITCHES * pitch, _LEAST_VOXELS * faces.voxel_mm)
    darkness = _darkness(faces)
    return Gaps(opening, darkness, u_opening, least, _label((opening > least) & ~(darkness < _BRIGHTER)))


def gap_table(faces: Faces, gaps: Gaps) -> Table:
    """One row a gap, the widest first, with `GAP_COLUMNS`."""
    rows = [_gap(faces, gaps, number) for number in range(1, gaps.count + 1)]
    rows.sort(key=lambda row: -float(row["opening_um"]))
    data = {column.name: np.array([row.get(column.name, 0) for row in rows], float) for column in GAP_COLUMNS}
    data["gap"] = np.arange(1, len(rows) + 1)
    data["winding"] = data["winding"].astype(np.int64)
    return Table(GAP_COLUMNS, data)


def _gap(faces: Faces, gaps: Gaps, number: int) -> dict[str, float]:
    opening = np.where(gaps.labels == number, gaps.opening_mm, -np.inf)
    row, sample = np.unravel_index(int(np.argmax(opening)), opening.shape)
    most = float(opening[row, sample])
    high, along = np.nonzero(opening >= 0.5 * most)
    around = 2 * np.pi * float(faces.inner_mm[row, sample]) / faces.windings.per_turn
    angle, height = float(faces.angle_deg[sample]), float(faces.heights_mm[row])
    middle = faces.inner_mm[row, sample] - 0.5 * (faces.inner_mm - np.roll(faces.outer_mm, -faces.windings.per_turn, 1))
    ras = faces.windings.frame.from_cylindrical(angle, float(middle[row, sample]), height)
    return {
        "winding": sample // faces.windings.per_turn + 1,
        "angle_deg": angle,
        "height_mm": height,
        "opening_um": UM_PER_MM * most,
        "u_opening_um": UM_PER_MM * K95 * gaps.u_opening_mm,
        "width_mm": (np.ptp(along) + 1) * around,
        "tall_mm": (np.ptp(high) + 1) * faces.step_height_mm,
        "darkness": float(gaps.darkness[row, sample]),
        **{f"{axis}_mm": float(value) for axis, value in zip("ras", ras, strict=True)},
    }


def _usual_thickness(faces: Faces) -> Floats:
    """Thickness of the coating thereabouts: beside gas a face is read farther out, which is not the coating's doing."""
    thick = faces.thickness_mm
    filled = np.where(np.isnan(thick), np.nanmedian(thick), thick)[:, ::_COARSE]
    calm = ndimage.median_filter(filled, (1, _COATING // _COARSE), mode="nearest")
    return np.repeat(calm, _COARSE, axis=1)[:, : thick.shape[1]]


def _darkness(faces: Faces) -> Floats:
    per_turn = faces.windings.per_turn
    grey = np.fmin(faces.valley[0][:, :-per_turn], faces.valley[1][:, per_turn:])
    usual = float(np.nanmedian(grey))
    return np.asarray((usual - grey) / (float(np.nanmedian(faces.grey)) - usual), np.float64)


def _usual(width: Floats, per_turn: int) -> Floats:
    """The width that is usual at each sample's height and angle, shape (h, m)."""
    folded = fold(width, per_turn)
    seen = np.isfinite(folded).sum(axis=1) >= _FEWEST
    local = np.nanmedian(np.where(seen[:, None], folded, 0.0), axis=1)
    usual = np.where(seen, local, np.nanmedian(width))
    return np.tile(usual, (1, folded.shape[1]))[:, : width.shape[1]]


def _calm(values: Floats) -> Floats:
    """A running median along the sheet; NaN stays, and does not spread."""
    filled = np.where(np.isnan(values), 0.0, values)
    return np.where(np.isnan(values), np.nan, ndimage.median_filter(filled, _CALM, mode="nearest"))


def _label(open_: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places that are open and hang together, numbered from 1; single places do not count."""
    labels, count = ndimage.label(open_, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    small = sizes < _LEAST_PLACES
    small[0] = True
    numbers = np.where(small, 0, np.cumsum(~small))
    return np.asarray(numbers[labels], np.int64)
