"""Write what was learned of the reaction's law: maps of every movie, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import pictures
from batterycell.file_names import file_stem
from batterycell.movie.law import Law, LawMovie
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

from .movie_maps import Grid, write_maps
from .objects_draw import Drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STAGE = "movie_law"
# A page with more pictures is not read.
_MOST_DRAWN = 6


def write_law_maps(law: Law, movies: Sequence[LithiumMovie], folder: Path, progress: Progress) -> None:
    """Write k, its uncertainty, and lithium as predicted; of several movies into a folder each.

    Args:
        law: What was learned.
        movies: From which, in order.
        folder: Where to.
        progress: Told after every map.
    """
    for number, (found, movie) in enumerate(zip(law.movies, movies, strict=True)):
        own = folder / law_folder(law, number)
        own.mkdir(exist_ok=True)
        part = progress.part(number / len(movies), (number + 1) / len(movies))
        write_maps(_maps(found, movie), Grid.of_lithium(movie), own, part)


def law_folder(law: Law, number: int) -> str:
    """Where the maps of a movie lie below the result: "." of a single one, else a number and its name."""
    return "." if len(law.movies) == 1 else file_stem(str(number + 1), law.movies[number].name)


def draw_law(law: Law, movies: Sequence[LithiumMovie], folder: Path) -> list[Drawn]:
    """Draw the law, and the maps of the first movies.

    Args:
        law: What was learned.
        movies: From which, in order.
        folder: Where to.
    """
    from batterycell.pictures.law import functions_figure, points_figure

    drawn = [
        _save(functions_figure(law), folder / "law.png", _FUNCTIONS),
        _save(points_figure(law), folder / "law_points.png", _POINTS),
    ]
    for number, movie in enumerate(movies[:_MOST_DRAWN]):
        drawn += _draw_movie(law.movies[number], movie, folder / law_folder(law, number), len(movies) > 1)
    return drawn


_FUNCTIONS = (
    "Exchange current and chemical potential as they were learned, with their 95 % intervals; dashed over grey where "
    "the movies do not tell them. Dotted: the range of compositions that pixels went through."
)
_POINTS = (
    "Left: what the law leaves of every point in time, 1 is the noise; points that were not used are predicted. Right: "
    "chemical potential of the lithium around each particle with its 95 % interval; crosses: minus the stated voltages."
)
_K = "Reactivity k of every pixel relative to the geometric mean of all, and the standard uncertainty of ln k."
_LEFT_OUT = "Points in time that were left out, as they were seen and as the law predicts them."
_BOTH = "Lithium over time as it was seen (left), and without noise as the law tells it."
_GAP_PX = 2
_USED = "Points in time as they were seen and as the law tells them; none was left out."


def _draw_movie(found: LawMovie, movie: LithiumMovie, folder: Path, several: bool) -> list[Drawn]:
    from batterycell.pictures.law import heterogeneity_figure, left_out_figure

    start, points = f"{found.name}: " if several else "", _LEFT_OUT if len(found.left_out) else _USED
    return [
        _save(heterogeneity_figure(found, movie.pixel_um), folder / "k.png", f"{start}{_K}"),
        _save(left_out_figure(found, movie), folder / "left_out.png", f"{start}{points}"),
        _animate(found, movie, folder / "lithium_predicted.gif", f"{start}{_BOTH}"),
    ]


def _animate(found: LawMovie, movie: LithiumMovie, path: Path, caption: str) -> Drawn:
    """What was seen and what the law tells, side by side."""
    from batterycell.pictures.kinetics import Animation, write_animation

    known = np.isfinite(found.fraction)
    gap = np.full((*known.shape[:2], _GAP_PX), np.nan, np.float32)
    both = np.concatenate([np.where(known, movie.fraction, np.nan), gap, found.fraction], axis=2)
    title = "Lithium fraction: seen | by the law"
    write_animation(both, Animation(title, (0.0, 1.0), "viridis", movie.times_s, movie.pixel_um), path)
    return Drawn(path, caption, _STAGE)


def _save(figure: Figure, path: Path, caption: str) -> Drawn:
    pictures.save_figure(figure, path)
    return Drawn(path, caption, _STAGE)


def _maps(found: LawMovie, movie: LithiumMovie) -> dict[str, NDArray[Any]]:
    """Maps by the names of their files."""
    return {
        "k": found.k[None],
        "ln_k_sigma": found.ln_k_sigma[None],
        "lithium_predicted": found.fraction,
        "lithium_misfit": (movie.fraction - found.fraction) / movie.sigma,
    }
