"""Rates and front times of all pixels, a block of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.correlation import widening
from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.prepare.density import room
from batterycell.progress import Progress

from .block import PixelBlock, Place
from .fronts import find_speeds
from .rates.course import Course
from .rates.frames import Frames
from .rates.slopes import Slopes, find_slopes
from .rates.typical import Typical
from .rates.windows import choose_windows
from .settings import KineticsSettings

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]
# Points in time that say what neighbours share, and the most values of them that are held.
_MOST_IMAGES, _MOST_VALUES = 50, 2**24
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
        typical: What is typical of each particle's mean.
        left: Mean square of what the local fits leave, in units of the noise; NaN where they leave nothing to see.
        widening: How much further means of pixels scatter than independent noise would let them.
    """

    rate: Maps
    rate_sigma: Maps
    front_time_s: Maps
    front_time_sigma_s: Maps
    front_speed: Maps
    front_speed_sigma: Maps
    typical: tuple[Typical, ...] = ()
    left: float = np.nan
    widening: float = 1.0


def find_pixels(
    movie: LithiumMovie, frames: Sequence[Frames], settings: KineticsSettings, scratch: Path | None, progress: Progress
) -> PixelMaps:
    """Rates and fronts of every pixel of every particle.

    Raises:
        Cancelled: if the user asked to stop.
    """
    maps, done, typical = _empty(movie, frames, scratch), 0, []
    some, left = _some_points(movie), np.zeros(2)
    noise = np.full((len(some), *movie.labels.shape), np.nan, np.float32)
    for number, own in enumerate(frames, 1):
        typical.append(Typical.none(movie.points, 1))
        courses = _find_courses(movie, number, own, settings)
        for place in _blocks(movie, number):
            progress.report(done / movie.labels.size, f"rates of particle {number} of {movie.particles}")
            block, there = PixelBlock(movie, place, own), np.ix_(some, np.arange(len(place[0])))
            found, slopes = _fill(maps, block, courses, settings)
            typical[-1].add(found.summed(movie.weights[place] / movie.weights[movie.labels == number].sum()))
            noise[:, place[0], place[1]] = block.noise(found)[there]
            left += _left(slopes)
            done += len(place[0])
        _fill_speeds(maps, movie, number, own)
    square = float(left[0] / left[1]) if left[1] else np.nan
    return replace(maps, typical=tuple(typical), left=square, widening=widening(noise, movie.labels))


def _some_points(movie: LithiumMovie) -> NDArray[np.int64]:
    """Points in time whose noise is compared between neighbours."""
    most = max(min(_MOST_IMAGES, _MOST_VALUES // movie.labels.size), 3)
    return np.arange(0, movie.points, movie.points // most + 1)


def _left(slopes: Slopes) -> Floats:
    known = np.isfinite(slopes.left)
    return np.array([slopes.left[known].sum(), known.sum()])


def _empty(movie: LithiumMovie, frames: Sequence[Frames], scratch: Path | None) -> PixelMaps:
    moving = max((len(own.moving) for own in frames), default=0)
    shapes = dict.fromkeys(("rate", "rate_sigma"), movie.fraction.shape)
    names = ("front_time_s", "front_time_sigma_s", "front_speed", "front_speed_sigma")
    shapes |= dict.fromkeys(names, (moving, *movie.labels.shape))
    maps: dict[str, Any] = {name: room(shape, scratch and scratch / f"{name}.npy") for name, shape in shapes.items()}
    for one in maps.values():
        one[...] = np.nan
    return PixelMaps(**maps)


def _blocks(movie: LithiumMovie, number: int) -> Iterator[Place]:
    rows, columns = np.nonzero(movie.labels == number)
    step = max(_BLOCK // movie.points, 1)
    for start in range(0, len(rows), step):
        yield rows[start : start + step], columns[start : start + step]


def _find_courses(movie: LithiumMovie, number: int, frames: Frames, settings: KineticsSettings) -> list[Course | None]:
    """What is typical of the pixels of each half cycle that is no rest; of many pixels some tell."""
    rows, columns = np.nonzero(movie.labels == number)
    step = len(rows) * movie.points // _BLOCK + 1
    return PixelBlock(movie, (rows[::step], columns[::step]), frames).courses(settings)


def _fill(
    maps: PixelMaps, block: PixelBlock, courses: list[Course | None], settings: KineticsSettings
) -> tuple[Typical, Slopes]:
    """Fill in a block; what is typical of it, and its slopes."""
    series = block.values, block.variances
    typical = Typical.none(*block.values.shape)
    for layer, (half, course) in enumerate(zip(block.frames.moving, courses, strict=True)):
        pixels, there = block.passed(half, settings), (layer, *block.place)
        maps.front_time_s[there], maps.front_time_sigma_s[there] = 3600 * pixels.when_h, 3600 * pixels.sigma_h
        if course is not None:
            course.put(typical, pixels, block.frames.times_h)
    windows = choose_windows(*series, typical, block.frames, settings)
    slopes = find_slopes(*series, typical, block.frames, windows)
    at = block.everywhen
    maps.rate[at], maps.rate_sigma[at] = slopes.rate, np.sqrt(slopes.variance)
    return typical, slopes


def _fill_speeds(maps: PixelMaps, movie: LithiumMovie, number: int, frames: Frames) -> None:
    own = movie.labels == number
    if not own.any():
        return
    rows, columns = (slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(own))
    inside = own[rows, columns]
    for layer in range(len(frames.moving)):
        time, sigma = (
            np.where(inside, one[layer, rows, columns].astype(float) / 3600, np.nan)
            for one in (maps.front_time_s, maps.front_time_sigma_s)
        )
        found = find_speeds(time, sigma, movie.pixel_um, _REACH)
        for target, values in zip((maps.front_speed, maps.front_speed_sigma), found, strict=True):
            target[layer, rows, columns][inside] = values[inside]
