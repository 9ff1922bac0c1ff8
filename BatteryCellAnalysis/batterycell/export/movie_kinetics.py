"""Write what was seen of the kinetics: maps, pictures, movies of maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import pictures
from batterycell.movie.kinetics import Kinetics
from batterycell.pictures.movie import MapLook, movie_picture

from .objects_draw import Drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Maps = NDArray[Any]
_STAGE = "movie_kinetics"
_RATE = "Rate of lithium (1/h)"
# Violet where lithium leaves, orange where it comes, as colour-blind eyes tell them apart.
_DIVERGING = "PuOr_r"
# Of long movies some points in time say how far the colours must reach.
_MOST_POINTS = 50
_CURVES = "Lithium of each particle over time and its C-rate, with 95 % intervals; shaded where particle 1 rests."
_COMPARED = (
    "How evenly lithium lies at equal mean composition (1: the same everywhere, 0: each place full or empty, noise "
    "taken off), and what insertion has more than extraction; bands: 95 %."
)
_RATES = "Rate of every pixel, by local polynomials in time; orange: lithium comes, violet: it leaves."
_FRONTS = (
    "When each pixel passes the level of the front, from the beginning of its particle's half cycle; grey within the "
    "outlines: not seen. Half cycles are counted without rests."
)
_SPEEDS = "How fast the front moves; grey where its direction is not known against the noise."


def kinetics_maps(found: Kinetics) -> dict[str, Maps]:
    """Maps by the names of their files."""
    maps = found.maps
    fronts = {
        "front_time_s": maps.front_time_s,
        "front_time_sigma_s": maps.front_time_sigma_s,
        "front_speed_um_per_h": maps.front_speed,
        "front_speed_sigma_um_per_h": maps.front_speed_sigma,
    }
    return {
        "rate_per_h": maps.rate,
        "rate_sigma_per_h": maps.rate_sigma,
        **(fronts if len(maps.front_time_s) else {}),
    }


def draw_kinetics(found: Kinetics, folder: Path) -> list[Drawn]:
    """Curves, comparison, maps, and movies of lithium and rate.

    Args:
        found: What was seen.
        folder: Where to.
    """
    from batterycell.pictures.kinetics import compared_figure, rate_figure

    points, halves = found.particle_kinetics, found.half_cycles
    drawn = [_save(rate_figure(points, halves), folder / "kinetics.png", _CURVES)]
    if np.isfinite(points["uniformity"]).any():
        figure = compared_figure(points, halves, found.uniformity)
        drawn.append(_save(figure, folder / "uniformity.png", _COMPARED))
    return [*drawn, *_draw_rates(found, folder), *_draw_fronts(found, folder)]


def _draw_rates(found: Kinetics, folder: Path) -> list[Drawn]:
    movie, reach = found.movie, _reach(found.maps.rate)
    names = [f"{time / 60:,.1f} min" for time in movie.times_s]
    look = MapLook(_RATE, (-reach, reach), _DIVERGING)
    drawn = [_save(movie_picture(found.maps.rate, names, movie.pixel_um, look), folder / "rate.png", _RATES)]
    return [*drawn, *_animate(found, reach, folder)]


def _animate(found: Kinetics, reach: float, folder: Path) -> list[Drawn]:
    from batterycell.pictures.kinetics import Animation, shown_points, write_animation

    movie, drawn = found.movie, []
    # Chosen before they are masked: the stacks may be larger than memory.
    points = shown_points(movie.points)
    shown = (
        ("lithium.gif", movie.fraction, "Lithium fraction", (0.0, 1.0), "viridis"),
        ("rate.gif", found.maps.rate, _RATE, (-reach, reach), _DIVERGING),
    )
    for name, maps, title, limits, colors in shown:
        inside = np.where(movie.labels > 0, maps[points], np.nan)
        look = Animation(title, limits, colors, movie.times_s[points], movie.pixel_um)
        write_animation(inside, look, folder / name)
        drawn.append(Drawn(folder / name, f"{title} over time.", _STAGE))
    return drawn


def _draw_fronts(found: Kinetics, folder: Path) -> list[Drawn]:
    maps, pixel = found.maps, found.movie.pixel_um
    names, edges = _layer_names(found), found.movie.labels
    speed = MapLook("Speed of the front (µm/h)", None, "cividis", edges)
    shown = (
        ("front_time.png", _since_start(found) / 60, MapLook("Front passes (min)", outlines=edges), _FRONTS),
        ("front_speed.png", maps.front_speed, speed, _SPEEDS),
    )
    return [
        _save(movie_picture(values, names, pixel, look), folder / name, caption)
        for name, values, look, caption in shown
        if np.isfinite(values).any()
    ]


def _layer_names(found: Kinetics) -> list[str]:
    """Number and direction of each map of fronts; particles of one movie may turn at different times."""
    names = []
    for layer in range(len(found.maps.front_time_s)):
        ways = [one.moving[layer].direction for one in found.particles if layer < len(one.moving)]
        names.append(f"half cycle {layer + 1}: {' or '.join(dict.fromkeys(ways))}")
    return names


def _since_start(found: Kinetics) -> Maps:
    """Front times from the beginning of the half cycle of their particle, in s."""
    times: Maps = found.maps.front_time_s.copy()
    movie = found.movie
    for one in found.particles:
        own = movie.labels == one.number
        for layer, half in enumerate(one.moving):
            times[layer][own] -= movie.times_s[half.first]
    return times


def _reach(rate: Maps) -> float:
    """Colours reach as far as 99 % of the rates."""
    some = np.abs(rate[:: len(rate) // _MOST_POINTS + 1])
    some = some[np.isfinite(some)]
    return max(float(np.percentile(some, 99)), 1e-9) if some.size else 1.0


def _save(figure: Figure, path: Path, caption: str) -> Drawn:
    pictures.save_figure(figure, path)
    return Drawn(path, caption, _STAGE)
