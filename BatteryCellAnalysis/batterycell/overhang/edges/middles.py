"""The middles of sheets along the paths that follow them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, ndimage

from batterycell.overhang.trace import FENCE, sample_along
from batterycell.winding import EndPlanes

from .paths import Anodes

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

# In pitches, unless said otherwise.
_SMOOTHING = 0.35  # bends shorter than this are noise
_SOFT = 0.1
_FLAT = 0.15  # farther from its ridge a sheet's middle is not
_CENTRINGS = 2  # times
_ORDER = 3  # of the differences that smoothing keeps small: a tip that curls evenly (a parabola) is left as it is


def centre_paths(
    planes: EndPlanes, contrast: Image, anodes: Anodes, found: tuple[Floats, Floats, Floats], pitch: float
) -> Floats:
    """Smooth paths along the middles of sheets, shape (m, h); found: ridges, contrast along them, rough ends.

    A sheet is broad and its ridge flat: the cheapest path lags behind where the sheet bends. The middle is where the
    contrast, blurred over half of the sheet, is largest: the vertex of a parabola through three places.
    """
    ridge, profile, tip = found
    soft = ndimage.gaussian_filter1d(np.where(contrast == FENCE, 0, contrast), _SOFT * pitch / planes.radius_step)
    path, aside = _smooth_paths(planes, ridge, profile, tip, pitch), _SOFT * pitch
    for _ in range(_CENTRINGS):
        left, middle, right = (sample_along(soft, planes, anodes.angle, path + s * aside) for s in (-1, 0, 1))
        bend = np.minimum(left - 2 * middle + right, -1e-6)
        offset = np.clip(0.5 * aside * (left - right) / bend, -aside, aside)
        middles = np.clip(path + offset, ridge - _FLAT * pitch, ridge + _FLAT * pitch)
        path = _smooth_paths(planes, middles, profile, tip, pitch)
    return path


def _smooth_paths(planes: EndPlanes, ridge: Floats, profile: Floats, tip: Floats, pitch: float) -> Floats:
    """Ridges smoothed below their tip and continued evenly beyond it, shape (m, h).

    Penalised least squares on third differences (Whittaker 1923; Eilers 2003), weighted by the contrast.
    """
    weight = np.clip(profile / max(float(np.percentile(profile, 90)), 1e-6), 0.0, 1.0)
    weight *= planes.heights < tip[:, None] - 0.5 * planes.voxel_axial_mm
    stiffness = (_SMOOTHING * pitch / planes.height_step) ** (2 * _ORDER)
    weight += 1e-9 * stiffness  # a faint pull to the ridge keeps sheets without any weight solvable
    bands = stiffness * _bending_bands(len(planes.heights), _ORDER)
    own = np.zeros_like(bands)
    path = np.empty_like(ridge)
    for n, (share, line) in enumerate(zip(weight, ridge, strict=True)):
        own[-1] = share
        path[n] = linalg.solveh_banded(bands + own, share * line)
    return path


def _bending_bands(count: int, order: int) -> Floats:
    """Upper bands, as `scipy.linalg.solveh_banded` takes them, of DᵀD of differences D; shape (order + 1, count)."""
    difference = np.diff(np.eye(count), order, axis=0)
    product = difference.T @ difference
    return np.stack([np.pad(np.diagonal(product, k), (k, 0)) for k in range(order, -1, -1)])
