"""The cathode beyond its coating: bare foil, or coated on one side, at either end of the spiral."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .path import Windings
from .planes import EndPlanes

Floats = NDArray[np.float64]

_MOST_TURNS = 1.5  # that are looked at beyond, and before, either end
_NEAR = 0.18  # of the pitch: so near to where a sheet is expected it is looked for
_BESIDE = 0.45  # ...: so near the dark on either side of it
_DRIFT = 0.22  # ...: by so much its distance from the next turn may differ; an anode lies half a pitch aside
_BRIGHT = 0.75  # of the cathode's grey value: what the metal shows, and no anode
_CONTRAST = 0.25  # ...: by so much it stands out from the dark beside it
_MOST_MISSED, _LEAST_SEEN = 8, 12  # samples


def follow_foil(bands: list[EndPlanes], windings: Windings) -> Windings:
    """Go on along the spiral where the cathode's coating has ended, as long as a bright sheet runs on.

    Args:
        bands: The profiles on which the windings were traced, see `sample_bands`.
        windings: The coated windings.

    Returns:
        The windings with what was found before, within and beyond; as they were, where nothing was.
    """
    inward = _Walk.of(bands, windings).walked(windings.radii_mm)
    first = round(windings.start_deg * windings.sense * windings.per_turn / 360.0)
    last = first + inward.shape[1] - 1
    # The same walk outward: the curve and the sense of its angles reversed.
    mirrored = replace(windings, sense=-windings.sense, start_deg=windings.sense * last * 360.0 / windings.per_turn)
    both = _Walk.of(bands, mirrored, outward=True).walked(inward[:, ::-1])[:, ::-1]
    start = (first - (both.shape[1] - inward.shape[1])) * windings.sense * 360.0 / windings.per_turn
    return replace(windings, start_deg=start % 360.0, radii_mm=both)


@dataclass(frozen=True)
class _Walk:
    """A walk along the spiral, at all heights at once.

    Args:
        grey: Radial profiles, shape (h, angles, r).
        windings: Where the walk begins, and in which sense; its radii do not matter.
        radii: Of the profiles, in mm.
        cathode: Typical grey value of the cathode at each height, shape (h,).
        outward: Whether the neighbouring turn lies inside of the sheet.
    """

    grey: Floats
    windings: Windings
    radii: Floats
    cathode: Floats
    outward: bool

    @classmethod
    def of(cls, bands: list[EndPlanes], windings: Windings, outward: bool = False) -> _Walk:
        """The walk from the beginning of windings; radial profiles are smoothed as `find_sheets` does."""
        step = bands[0].radius_step
        grey = np.stack([band.grey[:, 0] for band in bands]).astype(float)
        smooth = ndimage.gaussian_filter1d(grey, 0.05 * windings.pitch_mm / step, axis=2)
        bright = [np.percentile(one[one > np.median(one)], 50) for one in smooth]
        return cls(smooth, windings, bands[0].radii, np.array(bright), outward)

    def walked(self, known: Floats) -> Floats:
        """Radii (h, n) with what was found in gaps near the end, and beyond it, shape (h, m)."""
        per_turn, samples = self.windings.per_turn, known.shape[1]
        reach = int(_MOST_TURNS * per_turn)
        radii = np.pad(known, ((0, 0), (0, reach)), constant_values=np.nan)
        path = radii.copy()
        missed, seen = np.zeros(len(radii), int), np.zeros(radii.shape, bool)
        for sample in range(max(samples - reach, per_turn + 1), samples + reach):
            path[:, sample] = self._expected(path, sample)
            found = self._sheet(path[:, sample], sample)
            away = np.abs(path[:, sample - per_turn] - found) / self.windings.pitch_mm
            found = np.where(np.abs(away - 1) < _DRIFT, found, np.nan)
            seen[:, sample] = np.isfinite(found) & (missed < _MOST_MISSED)
            better = np.where(np.isfinite(radii[:, sample]), radii[:, sample], found)
            path[:, sample] = np.where(np.isfinite(better), better, path[:, sample])
            missed = np.where(np.isfinite(better), 0, missed + 1) if sample < samples else missed + ~seen[:, sample]
        radii = np.where(np.isfinite(radii) | ~_solid(seen), radii, path)
        most = np.flatnonzero(np.isfinite(radii).mean(axis=0) > 0.5)
        return radii[:, : max(samples, int(most[-1]) + 1)]

    def _expected(self, path: Floats, sample: int) -> Floats:
        """Beside the neighbouring turn, as far from it as a sample before."""
        per_turn = self.windings.per_turn
        step = path[:, sample - per_turn] - path[:, sample - per_turn - 1]
        return np.asarray(path[:, sample - 1] + np.where(np.isfinite(step), step, 0.0), np.float64)

    def _sheet(self, expected: Floats, sample: int) -> Floats:
        """Radius of the bright sheet next to where one is expected, NaN where there is none, shape (h,)."""
        step, pitch = float(self.radii[1] - self.radii[0]), self.windings.pitch_mm
        near, beside = (round(share * pitch / step) for share in (_NEAR, _BESIDE))
        turned = self.windings.start_deg * self.windings.per_turn / 360.0 + self.windings.sense * sample
        rows = self.grey[:, round(turned) % self.windings.per_turn]
        middle = np.round((np.nan_to_num(expected) - self.radii[0]) / step).astype(int)
        columns = np.clip(middle[:, None] + np.arange(-beside, beside + 1), 0, len(self.radii) - 1)
        values = np.take_along_axis(rows, columns, axis=1)
        peak = beside - near + np.argmax(values[:, beside - near : beside + near + 1], axis=1)
        height = np.take_along_axis(values, peak[:, None], axis=1)[:, 0]
        dark = np.maximum(values[:, :beside].min(axis=1), values[:, beside + 1 :].min(axis=1))
        inside = np.abs(peak - beside) < near
        bright = (height > _BRIGHT * self.cathode) & (height - dark > _CONTRAST * self.cathode)
        return np.where(bright & inside, self.radii[0] + step * (middle + peak - beside), np.nan)


def _solid(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Runs of samples (h, n) that are seen almost without gaps, and long enough to be a sheet."""
    closed = ndimage.binary_closing(seen, np.ones((1, 3)))
    return np.asarray(ndimage.binary_opening(closed, np.ones((1, _LEAST_SEEN))), bool)
