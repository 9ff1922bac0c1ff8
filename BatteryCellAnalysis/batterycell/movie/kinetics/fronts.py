"""When each pixel passes the level of the front, and how fast the front moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# The line through the crossing is fitted to what the rising curve of a pixel says lies this near to the level.
_BAND = 0.25
# A front is seen where lithium is known to rise, and where it moves more than the noise of its times.
_SIGMAS, _SIGMAS_SPEED = 2.0, 3.0


@dataclass(frozen=True)
class Stretch:
    """Pixels over one half cycle, turned so that lithium rises.

    Args:
        values: Lithium fractions, of extractions negative, shape (points, pixels); any number where weights are 0.
        variances: By the noise, same shape.
        weights: Of each value, 0 where it is not known, same shape.
        times_h: Shape (points,).
    """

    values: Floats
    variances: Floats
    weights: Floats
    times_h: Floats


def find_crossings(stretch: Stretch, level: float, window: int) -> tuple[Floats, Floats]:
    """Time in h at which each pixel passes a level, and its standard uncertainty, each shape (pixels,).

    The monotone curve that fits a pixel best passes the level where Σ w (c − level) over all points before is least
    (threshold property of isotonic regression: Robertson, Wright and Dykstra, Order Restricted Statistical Inference,
    1988, 1.4). A line through the points around it says when, and how well the noise allows to tell. To this adds what
    happens between two points: Δt J³ / √12 with the jump J from one to the next, that of a crossing anywhere in between
    where lithium jumps in full, and no less than the error of a straight line through a smooth front where it does not.

    Args:
        stretch: The pixels.
        level: Turned like the values.
        window: The most points of the line.
    """
    points = len(stretch.times_h)
    place = _passing(stretch, level)
    own = _near(stretch, level, place, window)
    inside = (place > 0) & (place < points)
    before, after = (stretch.times_h[n] for n in _neighbours(stretch.weights > 0, place))
    with np.errstate(divide="ignore", invalid="ignore"):
        time, variance, slope, slope_variance = _of_lines(stretch, own, level)
        jump = np.minimum(slope * (after - before), 1.0)
        variance = variance + ((after - before) * jump**3) ** 2 / 12
        seen = inside & (slope > _SIGMAS * np.sqrt(slope_variance)) & (np.sqrt(variance) < np.ptp(stretch.times_h) / 4)
        seen &= (time > 2 * before - after) & (time < 2 * after - before)
        return np.where(seen, time, np.nan), np.where(seen, np.sqrt(variance), np.nan)


def _passing(stretch: Stretch, level: float) -> NDArray[np.int64]:
    """How many points lie before the crossing, shape (pixels,)."""
    sums = np.cumsum(stretch.weights * (stretch.values - level), axis=0)
    lowest = np.argmin(sums, axis=0)
    return np.where(np.take_along_axis(sums, lowest[None], 0)[0] < 0, lowest + 1, 0)


def _neighbours(known: NDArray[np.bool_], place: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The known points before and after each crossing."""
    number = np.arange(len(known))[:, None]
    before = np.maximum.accumulate(np.where(known, number, 0), axis=0)
    after = np.minimum.accumulate(np.where(known, number, len(known) - 1)[::-1], axis=0)[::-1]
    pixels = np.arange(known.shape[1])
    return before[np.maximum(place - 1, 0), pixels], after[np.minimum(place, len(known) - 1), pixels]


def _near(stretch: Stretch, level: float, place: NDArray[np.int64], window: int) -> Floats:
    """Weights of the points of each line, shape (points, pixels)."""
    number = np.arange(len(stretch.times_h))[:, None]
    first = np.minimum(_passing(stretch, level - _BAND), place - 1)
    last = np.maximum(_passing(stretch, level + _BAND), place + 1)
    near = (number >= first) & (number < last) & (np.abs(number - place + 0.5) < max(window, 2) / 2 + 0.25)
    return np.asarray(np.where(near, stretch.weights, 0.0))


def _of_lines(stretch: Stretch, own: Floats, level: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Where a line passes the level, its slope, and the variances of both."""
    times, values, noise = stretch.times_h[:, None], stretch.values, stretch.variances
    total = own.sum(axis=0)
    middle = (own * times).sum(axis=0) / total
    apart = times - middle
    spread = (own * apart**2).sum(axis=0)
    slope = (own * apart * values).sum(axis=0) / spread
    time = middle + (level - (own * values).sum(axis=0) / total) / slope
    at_time = own / total + own * apart * (time - middle) / spread
    slope_variance = ((own * apart) ** 2 * noise).sum(axis=0) / spread**2
    return time, (at_time**2 * noise).sum(axis=0) / slope**2, slope, slope_variance


def find_speeds(times_h: Floats, sigma_h: Floats, pixel_um: tuple[float, float], reach: int) -> tuple[Floats, Floats]:
    """Speed of the front in µm/h, 1 / |∇t|, and its standard uncertainty, each shape (rows, columns).

    ∇t is that of a plane fitted to the times of the pixels around. Its square is too large by the noise on average,
    which is taken off; where it is not known to three standard deviations there is no speed.

    Args:
        times_h: When the front passes, shape (rows, columns); NaN where it is not known.
        sigma_h: Its standard uncertainty.
        pixel_um: Height and width of a pixel.
        reach: Pixels to either side.
    """
    slopes, covariance = _planes(times_h, sigma_h, pixel_um, reach)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = (slopes**2).sum(axis=0)
        along = np.einsum("a...,ab...,b...->...", slopes, covariance, slopes) / square
        true = square - covariance[0, 0] - covariance[1, 1]
        seen = np.isfinite(times_h) & (true > _SIGMAS_SPEED**2 * along)
        speed = 1 / np.sqrt(true)
        return np.where(seen, speed, np.nan), np.where(seen, speed**2 * np.sqrt(along), np.nan)


def _planes(times_h: Floats, sigma_h: Floats, pixel_um: tuple[float, float], reach: int) -> tuple[Floats, Floats]:
    """Slopes down the rows and along the columns in h/µm, shape (2, rows, columns), and their covariance."""
    from scipy.ndimage import correlate

    known = np.isfinite(times_h) & np.isfinite(sigma_h)
    weights = np.where(known, 1.0 / np.where(known, sigma_h, 1.0) ** 2, 0.0)
    times = weights * np.where(known, times_h, 0.0)
    down, right = np.indices((2 * reach + 1,) * 2, float) - reach
    terms = (np.ones_like(down), down * pixel_um[0], right * pixel_um[1])
    normal = np.array([[correlate(weights, a * b, mode="constant") for a in terms] for b in terms])
    wanted = np.array([correlate(times, a, mode="constant") for a in terms])
    normal[:, :, correlate(known.astype(float), terms[0], mode="constant") < 2 * (2 * reach + 1)] = np.nan
    inverse = _inverse(normal)
    return np.einsum("ab...,b...->a...", inverse, wanted)[1:], inverse[1:, 1:]


def _inverse(normal: Floats) -> Floats:
    matrices = np.moveaxis(normal, (0, 1), (-2, -1))
    usable = np.isfinite(matrices).all(axis=(-2, -1))
    inverse = np.full(matrices.shape, np.nan)
    inverse[usable] = np.linalg.pinv(matrices[usable], hermitian=True)
    return np.moveaxis(inverse, (-2, -1), (0, 1))
