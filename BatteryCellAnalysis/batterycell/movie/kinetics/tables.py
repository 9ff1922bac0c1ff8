"""The kinetics of particles as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.movie.lithium import LithiumMovie
from batterycell.tables import Column, Table

from .columns import COMPOSITION_COLUMNS, HALF_COLUMNS, POINT_COLUMNS
from .compare import DIRECTIONS, AtComposition, compositions, mean_of_particles, rate_at, uniformity_at
from .curves import Curves
from .halves import HalfCycle
from .particle import ParticleRate, mean_rate, turning_points
from .pixels import PixelMaps

Floats = NDArray[np.float64]
Row = dict[str, Any]
_DTYPES: dict[str, type] = {
    **dict.fromkeys(("particle", "point", "half_cycle", "first_point", "last_point", "particles"), int),
    "direction": str,
}


def particle_kinetics(particles: Sequence[ParticleRate], curves: Curves, times_s: Floats) -> Table:
    """One row a particle and point in time, with `POINT_COLUMNS`."""
    rows = [row for one in particles for row in _points(one, curves, times_s)]
    return _table(POINT_COLUMNS, rows)


def _points(particle: ParticleRate, curves: Curves, times_s: Floats) -> Iterator[Row]:
    n = particle.number - 1
    for number, half in enumerate(particle.frames.halves, 1):
        for point in range(half.first, half.last + 1):
            yield {
                "particle": particle.number,
                "point": point + 1,
                "time_s": times_s[point],
                "half_cycle": number,
                "fraction": particle.mean[point],
                "u_fraction": K95 * particle.sigma[point],
                "c_rate_per_h": particle.rate[point],
                "u_c_rate_per_h": K95 * particle.rate_sigma[point],
                "uniformity": curves.uniformity[point, n],
                "u_uniformity": K95 * np.sqrt(curves.uniformity_variance[point, n]),
                "known_percent": 100 * curves.known[point, n],
            }


def half_cycles(movie: LithiumMovie, particles: Sequence[ParticleRate], curves: Curves, maps: PixelMaps) -> Table:
    """One row a particle and half cycle, with `HALF_COLUMNS`."""
    return _table(HALF_COLUMNS, [row for one in particles for row in _halves(movie, one, curves, maps)])


def _halves(movie: LithiumMovie, particle: ParticleRate, curves: Curves, maps: PixelMaps) -> Iterator[Row]:
    inside, layer = movie.labels == particle.number, 0
    for number, half in enumerate(particle.frames.halves, 1):
        rate, sigma = mean_rate(particle, half)
        first, last = turning_points(particle, number - 1)
        row = {
            "particle": particle.number,
            "half_cycle": number,
            "direction": half.direction,
            "first_point": first + 1,
            "last_point": last + 1,
            "start_s": movie.times_s[first],
            "end_s": movie.times_s[last],
            "fraction_first": particle.mean[first],
            "fraction_last": particle.mean[last],
            "c_rate_per_h": rate,
            "u_c_rate_per_h": K95 * sigma,
            **_mean_uniformity(curves, particle.number - 1, half),
        }
        moving = half.direction != "rest"
        yield {**row, **(_front(maps, layer, inside) if moving else _NO_FRONT)}
        layer += moving


def _mean_uniformity(curves: Curves, n: int, half: HalfCycle) -> Row:
    values, variances = curves.uniformity[half.points, n], curves.uniformity_variance[half.points, n]
    known = np.isfinite(values)
    if not known.any():
        return {"uniformity": np.nan, "u_uniformity": np.nan}
    sigma = np.sqrt(variances[known].sum()) / known.sum()
    return {"uniformity": values[known].mean(), "u_uniformity": K95 * sigma}


_SPEEDS = ("front_speed_um_per_h", "front_speed_q25_um_per_h", "front_speed_q75_um_per_h")
_NO_FRONT: Row = dict.fromkeys(("front_percent", *_SPEEDS), np.nan)


def _front(maps: PixelMaps, layer: int, inside: NDArray[np.bool_]) -> Row:
    speeds = maps.front_speed[layer][inside].astype(float)
    speeds = speeds[np.isfinite(speeds)]
    percent = 100 * float(np.isfinite(maps.front_time_s[layer][inside]).mean())
    middle = np.quantile(speeds, (0.5, 0.25, 0.75)).tolist() if speeds.size else [np.nan] * 3
    return {"front_percent": percent, **dict(zip(_SPEEDS, middle, strict=True))}


def composition_table(particles: Sequence[ParticleRate], curves: Curves, bins: int) -> Table:
    """Both directions and their difference at equal composition, with `COMPOSITION_COLUMNS`."""
    places = compositions(bins)
    pairs = [(uniformity_at(particles, curves, places, one), rate_at(particles, places, one)) for one in DIRECTIONS]
    pairs.append((pairs[0][0].minus(pairs[1][0]), pairs[0][1].minus(pairs[1][1])))
    named = zip((*DIRECTIONS, "difference"), pairs, strict=True)
    return _table(COMPOSITION_COLUMNS, [row for name, pair in named for row in _compared(name, pair, places)])


def _compared(name: str, pair: tuple[AtComposition, AtComposition], places: Floats) -> Iterator[Row]:
    uniformity, rate = (mean_of_particles(one) for one in pair)
    for n, place in enumerate(places):
        yield {
            "composition": place,
            "direction": name,
            "particles": rate[2][n],
            "uniformity": uniformity[0][n],
            "u_uniformity": uniformity[1][n],
            "c_rate_per_h": rate[0][n],
            "u_c_rate_per_h": rate[1][n],
        }


def _table(columns: tuple[Column, ...], rows: list[Row]) -> Table:
    return Table(
        columns, {c.name: np.array([row[c.name] for row in rows], _DTYPES.get(c.name, float)) for c in columns}
    )
