"""The sheets of a stack in the columns through it: pitch, bow, cathodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from batterycell.errors import InputError

from .box import Box

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TILE, _STRIDE = 3, 2  # columns along a tile's edge, and from tile to tile
_BEND_MM, _LAG_MM = 0.1, 0.003  # usual size of a bow's terms, and of the error of a tile's height
_ROUNDS = 5  # of fits, in which tiles far from what the others say count less and less
_CATHODES = 65  # percent of a profile's maxima: more are anodes than the walls of a case
_METAL = 1.6  # times the cathodes' grey value
_FAINT = 0.05  # of a profile's range: fainter maxima are noise
_LIKE = 0.7  # correlation with the reference from which on a tile belongs to the stack
_LAYERED = 0.35  # of the strongest change along a column: rims and tabs change more than what lies within
_FILLED = 0.7  # of the mean grey value where the stack is fullest: less is overhang
_SHEETS = (0.2, 0.95)  # between air and metal: grey values of sheets
_BRIGHT = 0.7  # of the way from the darkest to the usual cathode: less is an anode
_NO_STACK = "Flat sheets in layers must lie in the volume, with at least two cathodes and one of their edges."


@dataclass(frozen=True)
class Bow:
    """Height of the sheets over their place, as a polynomial about a centre: tilted, swollen or bent stacks.

    Args:
        coefficients: Of all products of powers of x and y up to the fourth degree, mm, shape (15,).
        scale: Length in mm that counts as 1.
    """

    coefficients: Floats
    scale: float

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Height in mm above that at the centre; x and y in mm broadcast."""
        return np.asarray(_powers(x / self.scale, y / self.scale) @ self.coefficients)


def _powers(x: Floats, y: Floats) -> Floats:
    x, y = np.broadcast_arrays(x, y)
    return np.stack([x**a * y**b for a in range(5) for b in range(5 - a)], axis=-1)


def find_core(box: Box, inside: slice = slice(None)) -> Mask:
    """Columns that run through many layers, shape (ny, nx): the largest piece of the strongly changing ones.

    Args:
        box: Columns.
        inside: The part of them to look at.
    """
    grey, known = box.grey[..., inside], box.known[..., inside]
    both = known[..., 1:] & known[..., :-1]
    smooth = ndimage.gaussian_filter1d(grey, 1.0, axis=2)
    change = np.abs(np.diff(smooth, axis=2)).sum(axis=2, where=both) / np.maximum(both.sum(axis=2), 1)
    least, most = np.percentile(change, (2, 95))
    return _largest(change > least + _LAYERED * (most - least))


def find_cathodes(box: Box, core: Mask, inside: slice) -> Mask:
    """The columns of a core through the cathodes, shape (ny, nx): brighter on the whole than where anodes end."""
    known = box.known[..., inside]
    mean = box.grey[..., inside].sum(axis=2, where=known) / np.maximum(known.sum(axis=2), 1)
    return _largest(core & (mean > _FILLED * np.percentile(mean[core], 90)))


def _largest(mask: Mask) -> Mask:
    labels, count = ndimage.label(ndimage.binary_opening(mask, iterations=2))
    if not count:
        raise InputError("no-stack", "No stack of sheets was found in the volume", _NO_STACK)
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)


def find_middle(core: Mask) -> tuple[int, int]:
    """The column of the core that lies deepest in it, (row, column)."""
    depth = ndimage.distance_transform_edt(np.pad(core, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)


def mean_profile(box: Box, columns: Mask) -> Floats:
    """Mean grey value over some columns, shape (nz,)."""
    grey, known = box.grey[columns], box.known[columns]
    return np.asarray(grey.sum(axis=0, where=known) / np.maximum(known.sum(axis=0), 1), float)


def find_metal(profile: Floats) -> float:
    """Grey value that only a hard case exceeds: well above what the cathodes of a profile show."""
    air, most = float(profile.min()), float(profile.max())
    peaks, _ = signal.find_peaks(profile, prominence=_FAINT * (most - air))
    return air + _METAL * (float(np.percentile(profile[peaks], _CATHODES)) - air) if len(peaks) else most


def find_pitch(inside: Floats, step: float) -> float:
    """Distance from cathode to cathode in mm: the first strong maximum of a profile's autocorrelation.

    Args:
        inside: Grey values along the direction of stacking, without a hard case.
        step: Distance of its places in mm.

    Raises:
        InputError: if the profile repeats nowhere.
    """
    window = np.hanning(len(inside) + 2)[1:-1]  # the case lies at either end
    detail = window * (inside - ndimage.gaussian_filter1d(inside, len(inside) / 12))
    correlation, overlap = (signal.correlate(v, v)[len(v) - 1 :][: int(0.5 * len(v))] for v in (detail, window))
    correlation = correlation / np.maximum(overlap, 1e-12)
    correlation = correlation / max(correlation[0], 1e-12)
    peaks, _ = signal.find_peaks(correlation)
    peaks = peaks[correlation[peaks] > 0.25]
    if not len(peaks):
        raise InputError("no-stack", "No layers that repeat were found in the volume", _NO_STACK)
    strong = peaks[correlation[peaks] > 0.75 * correlation[peaks].max()]
    return peak_position(correlation, int(strong[0])) * step


def between_walls(profile: Floats, metal: float) -> slice:
    """The longest stretch that is neither air nor metal."""
    air = float(profile.min())
    low, high = (air + share * (metal - air) for share in _SHEETS)
    labels, count = ndimage.label((profile > low) & (profile < high))
    if not count:
        raise InputError("no-stack", "No stack of sheets was found in the volume", _NO_STACK)
    run = np.flatnonzero(labels == np.bincount(labels)[1:].argmax() + 1)
    return slice(int(run[0]), int(run[-1]) + 1)


def peak_position(values: Floats, index: int) -> float:
    """Continuous index of a maximum: vertex of the parabola through it and its neighbours."""
    left, middle, right = values[index - 1 : index + 2]
    return float(index + 0.5 * (left - right) / min(left - 2 * middle + right, -1e-12))


def find_bow(box: Box, core: Mask, middle: tuple[int, int], pitch: float) -> Bow:
    """Follow the layers from the middle of the core outward, tile by tile, and smooth what was found."""
    tiles, centres = _tiles(box, core, middle)
    reference = tiles[0] - tiles[0].mean()
    shifts = np.full(len(tiles), np.nan)
    for n, (tile, centre) in enumerate(zip(tiles, centres, strict=True)):
        near = np.flatnonzero(
            np.isfinite(shifts) & (np.linalg.norm(centres - centre, axis=1) < 1.6 * _STRIDE * box.step)
        )
        if n == 0 or len(near):
            expected = shifts[near].mean() if len(near) else 0.0
            shifts[n] = _lag(reference, tile - tile.mean(), expected / box.z_step, 0.35 * pitch / box.z_step)
            shifts[n] *= box.z_step
    return _smooth(centres, shifts)


def _tiles(box: Box, core: Mask, middle: tuple[int, int]) -> tuple[Floats, Floats]:
    """Mean profiles (n, nz) of the core's tiles, from the middle one outward, and their centres in mm (n, 2)."""
    share = ndimage.uniform_filter(core.astype(np.float32), _TILE)
    mean = ndimage.uniform_filter(box.grey, (_TILE, _TILE, 0))
    rows, columns = (np.arange(m % _STRIDE, n, _STRIDE) for m, n in zip(middle, core.shape, strict=True))
    grid = np.array([(r, c) for r in rows for c in columns if share[r, c] > 0.8 or (r, c) == middle])
    centres = np.column_stack([box.x[grid[:, 1]], box.y[grid[:, 0]]])
    order = np.argsort(np.linalg.norm(centres - (box.x[middle[1]], box.y[middle[0]]), axis=1))
    return np.asarray(mean[grid[order, 0], grid[order, 1]], float), centres[order]


def _lag(reference: Floats, profile: Floats, expected: float, reach: float) -> float:
    """Samples by which a profile lies higher than the reference, near an expected number; NaN where it differs."""
    correlation = signal.correlate(profile, reference) / max(np.linalg.norm(profile) * np.linalg.norm(reference), 1e-12)
    lags = np.arange(len(correlation)) - len(reference) + 1
    near = np.flatnonzero(np.abs(lags - expected) <= reach)
    best = int(near[correlation[near].argmax()])
    around = correlation[max(best - 1, 0) : best + 2]
    if correlation[best] < _LIKE or len(around) < 3 or around.max() > correlation[best]:
        return float("nan")
    return peak_position(correlation, best) - len(reference) + 1


def _smooth(centres: Floats, shifts: Floats) -> Bow:
    """Robust least squares with a pull to zero as weak as the terms are expected to be: few tiles must not wave."""
    seen = np.isfinite(shifts)
    scale = float(np.abs(centres).max()) or 1.0
    powers, found = _powers(*(centres[seen].T / scale)), shifts[seen]
    pull = _LAG_MM / _BEND_MM * np.eye(powers.shape[1])
    pull[0, 0] = 0.0
    target, weight = np.zeros(powers.shape[1]), np.ones(len(found))
    for _ in range(_ROUNDS):
        rows = np.vstack([weight[:, None] * powers, pull])
        terms = np.linalg.lstsq(rows, np.concatenate([weight * found, target]), rcond=None)[0]
        rest = np.abs(found - powers @ terms)
        weight = 1 / np.maximum(1, rest / (2 * np.median(rest) + _LAG_MM))
    return Bow(terms, scale)


def find_bright_layers(profile: Floats, z: Floats, pitch: float) -> tuple[Floats, float]:
    """Heights in mm of broad bright layers, rising, and their usual grey value: cathodes, and perhaps the case."""
    step = float(z[1] - z[0])
    smooth = ndimage.gaussian_filter1d(profile, pitch / 8 / step)
    peaks, _ = signal.find_peaks(smooth, distance=max(1, 0.6 * pitch / step))
    usual, dark = np.percentile(smooth[peaks], 60), np.percentile(smooth[peaks[0] : peaks[-1] + 1], 5)
    bright = peaks[smooth[peaks] > dark + _BRIGHT * (usual - dark)]
    return z[0] + step * np.array([peak_position(smooth, n) for n in bright]), float(np.median(profile[bright]))
