"""X-ray movies: from frames or lithium fractions to optical density, chemistry, kinetics or the reaction's law."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.movie.load.options import MovieOptions
from batterycell.movie.recipe import movie_recipe
from batterycell.movies import Beside, MovieCall, run_movie
from batterycell.progress import Progress


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Go the road, and write the folder that the command line writes.

    Settings: ``inputs``, files or folders; ``recipe``, as `MovieRecipe`, its ``verb`` says how far the road goes;
    optional: ``reading``, as `MovieOptions`; ``beside`` with ``beam``, ``mask``, ``sigma`` (a number or a file)
    and ``members`` (pairs of name and file); ``keep``, a folder from which an interrupted search for the law goes on.

    Raises:
        InputError: if the settings are none, or a movie cannot be used.
    """
    run_movie(movie_call(job["settings"]), out, progress)


def movie_call(settings: dict[str, Any]) -> MovieCall:
    """The call of a job.

    Raises:
        InputError: if a setting is wrong.
    """
    try:
        recipe, reading = movie_recipe(settings["recipe"]), reading_of(settings.get("reading") or {})
    except (TypeError, ValueError) as error:
        raise InputError("movie-settings", f"{error}.", "Change the settings.") from error
    keep = settings.get("keep")
    return MovieCall(
        tuple(Path(one) for one in settings["inputs"]),
        recipe,
        reading,
        _beside(settings.get("beside") or {}),
        str(settings.get("command", "")),
        Path(keep) if keep else None,
    )


def reading_of(given: dict[str, Any]) -> MovieOptions:
    """What was said about a movie's files, from JSON's types."""
    pixel, index = given.get("pixel_um"), given.get("index")
    own = {"pixel_um": (float(pixel[0]), float(pixel[1])) if pixel else None, "index": Path(index) if index else None}
    return MovieOptions(**{**given, **own})


def _beside(given: dict[str, Any]) -> Beside:
    sigma = given.get("sigma")
    return Beside(
        _path(given.get("beam")),
        _path(given.get("mask")),
        sigma if sigma is None or isinstance(sigma, int | float) else Path(sigma),
        tuple((str(name), Path(path)) for name, path in given.get("members") or ()),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
