"""Whether a can stands around the windings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from batterycell.interpolation import interpolate
from batterycell.volume import Volume

from .can import Can
from .edges import outer_edges
from .frame import CellFrame
from .sections import find_sections

Floats = NDArray[np.float64]

_HEIGHTS, _ANGLES = 16, 48
# Of the outer radius: air, where a can's wall lies, and where the outer windings lie; and which percentile is seen.
_BANDS = (((1.05, 1.1), 50.0), ((0.9, 1.03), 95.0), ((0.6, 0.88), 95.0))
# A can's metal is brighter than the windings by more than cupping makes them dim.
_BRIGHTER = 1.35
_BIN_DEG, _HARMONICS = 3, 3
_SMOOTH = 1.0  # voxels


def sees_can(volume: Volume, frame: CellFrame, can: Can, heights_mm: tuple[float, float]) -> bool:
    """Whether what was taken for a can is one, and not the outer boundary of a jelly roll alone.

    A can is brighter than the windings beside it (95th percentiles of the grey values above air are compared), or, in
    a scan of too little contrast, its outer surface at least shows no seam as the end of a roll's sheets does.

    Args:
        volume: The cell.
        frame: Its coordinates.
        can: What was found.
        heights_mm: Lowest and highest height of the volume.
    """
    heights = np.linspace(*heights_mm, _HEIGHTS)[:, None, None]
    step = float(np.median(volume.spacing_mm)) / can.outer_radius_mm
    angles = np.arange(_ANGLES)[:, None] * 360 / _ANGLES

    def grey(band: tuple[float, float], share: float) -> Floats:
        radii = np.arange(*band, step) * can.outer_radius_mm
        values = interpolate(volume, volume.to_ijk(frame.from_cylindrical(angles, radii, heights)))
        return np.asarray(np.percentile(values, share, axis=-1), np.float64)  # NaN where the volume ends

    air, wall, windings = (grey(*band) for band in _BANDS)
    with np.errstate(invalid="ignore"):
        shown = wall - air > 0.5 * np.nanpercentile(wall - air, 90)  # not beyond the cell's ends
        brighter = np.nanmedian((wall - air)[shown]) > _BRIGHTER * np.nanmedian((windings - air)[shown])
    return bool(brighter) or _seam(volume, frame) < _SMOOTH


def _seam(volume: Volume, frame: CellFrame) -> float:
    """How far, in voxels, the worst twentieth of the outer boundary lies off a smooth, nearly round curve."""
    points, _ = outer_edges(volume, find_sections(volume))
    angle, radius, _ = frame.to_cylindrical(volume.to_ras(points))
    bins = (angle // _BIN_DEG).astype(int)
    around = np.array([np.median(radius[bins == n]) for n in np.unique(bins)])
    turns = np.radians((np.unique(bins) + 0.5) * _BIN_DEG)[:, None] * np.arange(1, _HARMONICS + 1)
    system = np.hstack([np.ones((len(turns), 1)), np.cos(turns), np.sin(turns)])
    voxel = float(volume.spacing_mm.min())
    fit = optimize.least_squares(lambda p: (system @ p - around) / voxel, np.linalg.lstsq(system, around)[0],
                                 loss="soft_l1", f_scale=0.5)  # fmt: skip
    return float(np.percentile(np.abs(system @ fit.x - around), 95) / voxel)
