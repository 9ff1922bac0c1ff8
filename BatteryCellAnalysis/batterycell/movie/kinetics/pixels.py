"""Rates and front times of all pixels, a block of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.prepare.density import room
from batterycell.progress import Progress

from .fronts import Stretch, find_crossings, find_speeds
from .settings import KineticsSettings
from .slopes import Slopes, find_slopes
from .windows import Frames, choose_windows

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]
Place = tuple[NDArray[np.int64], NDArray[np.int64]]
# Values of a block; a few such arrays are held at a time.
_BLOCK = 2**21
# Pixels to either side that say how the front moves.
_REACH = 2


@dataclass(frozen=True)
class PixelMaps:
    """Maps of pixels, float32, NaN where nothing could be said.

    Args:
        rate: Lithium fraction per hour, shape (points, rows, columns).
        rate_sigma: Its standard uncertainty by the noise.
        front_time_s: When a pixel passes the level of the front, in the movie's time, one map for each half cycle that
            is no rest, in the order of its particle, shape (half cycles, rows, columns).
        front_time_sigma_s: Its standard uncertainty.
        front_speed: Of the front in µm/h, same shape.
        front_speed_sigma: Its standard uncertainty.
        left: Mean square of what the local fits leave, in units of the noise; NaN where they leave nothing to see.
    """

    rate: Maps
    rate_sigma: Maps
    front_time_s: Maps
    front_time_sigma_s: Maps
    front_speed: Maps
    front_speed_sigma: Maps
    left: float = np.nan


def find_pixels(
    movie: LithiumMovie, frames: Sequence[Frames], settings: KineticsSettings, scratch: Path | None, progress: Progress
) -> PixelMaps:
    """Rates and fronts of every pixel of every particle.

    Raises:
        Cancelled: if the user asked to stop.
    """
    maps, done, left = _empty(movie, frames, scratch), 0, np.zeros(2)
    for number, own in enumerate(frames, 1):
        for place in _blocks(movie, number):
            progress.report(done / movie.labels.size, f"rates of particle {number} of {movie.particles}")
            left += _fill(maps, movie, place, own, settings)
            done += len(place[0])
        _fill_speeds(maps, movie, number, own)
    return replace(maps, left=float(left[0] / left[1])) if left[1] else maps


def _empty(movie: LithiumMovie, frames: Sequence[Frames], scratch: Path | None) -> PixelMaps:
    moving = max((len(_moving(own)) for own in frames), default=0)
    shapes = dict.fromkeys(("rate", "rate_sigma"), movie.fraction.shape)
    names = ("front_time_s", "front_time_sigma_s", "front_speed", "front_speed_sigma")
    shapes |= dict.fromkeys(names, (moving, *movie.labels.shape))
    maps: dict[str, Any] = {name: room(shape, scratch and scratch / f"{name}.npy") for name, shape in shapes.items()}
    for one in maps.values():
        one[...] = np.nan
    return PixelMaps(**maps)


def _moving(frames: Frames) -> list[slice]:
    return [half.points for half in frames.halves if half.direction != "rest"]


def _blocks(movie: LithiumMovie, number: int) -> Iterator[Place]:
    rows, columns = np.nonzero(movie.labels == number)
    step = max(_BLOCK // movie.points, 1)
    for start in range(0, len(rows), step):
        yield rows[start : start + step], columns[start : start + step]


def _fill(maps: PixelMaps, movie: LithiumMovie, place: Place, frames: Frames, settings: KineticsSettings) -> Floats:
    """Fill in a block; sum and number of what the fits leave."""
    at = (slice(None), *place)
    values = movie.fraction[at].astype(float)
    variances = movie.sigma[at].astype(float) ** 2
    slopes = find_slopes(values, variances, frames, choose_windows(values, variances, frames, settings))
    maps.rate[at], maps.rate_sigma[at] = slopes.rate, np.sqrt(slopes.variance)
    halves = [half for half in frames.halves if half.direction != "rest"]
    for layer, half in enumerate(halves):
        turn = 1.0 if half.direction == "insertion" else -1.0
        stretch = _stretch(values[half.points], variances[half.points], frames, half.points, turn)
        time, sigma = find_crossings(stretch, turn * settings.level, settings.window)
        there = (layer, *place)
        maps.front_time_s[there], maps.front_time_sigma_s[there] = 3600 * time, 3600 * sigma
    return _left(slopes)


def _stretch(values: Floats, variances: Floats, frames: Frames, points: slice, turn: float) -> Stretch:
    known = np.isfinite(values) & np.isfinite(variances)
    weights = np.where(known, frames.weights[points, None], 0.0)
    return Stretch(
        np.where(known, turn * values, 0.0), np.where(known, variances, 0.0), weights, frames.times_h[points]
    )


def _left(slopes: Slopes) -> Floats:
    known = np.isfinite(slopes.left)
    return np.array([slopes.left[known].sum(), known.sum()])


def _fill_speeds(maps: PixelMaps, movie: LithiumMovie, number: int, frames: Frames) -> None:
    own = movie.labels == number
    if not own.any():
        return
    rows, columns = (slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(own))
    inside = own[rows, columns]
    for layer in range(len(_moving(frames))):
        time, sigma = (
            np.where(inside, one[layer, rows, columns].astype(float) / 3600, np.nan)
            for one in (maps.front_time_s, maps.front_time_sigma_s)
        )
        found = find_speeds(time, sigma, movie.pixel_um, _REACH)
        for target, values in zip((maps.front_speed, maps.front_speed_sigma), found, strict=True):
            target[layer, rows, columns][inside] = values[inside]
