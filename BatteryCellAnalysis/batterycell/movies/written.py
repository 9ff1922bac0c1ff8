"""A call as plain JSON and back: what the desktop's worker and those of a cluster are given."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.movie.load.options import MovieOptions
from batterycell.movie.recipe import movie_recipe

from .call import Beside, MovieCall


def write_call(call: MovieCall) -> dict[str, Any]:
    """A call in JSON's types, as `movie_call` reads it."""
    beside = call.beside
    return {
        "inputs": [str(one) for one in call.inputs],
        "recipe": asdict(call.recipe),
        "reading": call.reading.to_json(),
        "beside": {
            "beam": _text(beside.beam),
            "mask": _text(beside.mask),
            "sigma": _text(beside.sigma) if isinstance(beside.sigma, Path) else beside.sigma,
            "members": [[name, str(path)] for name, path in beside.members],
            "voltages": [str(path) for path in beside.voltages],
            "voltage_sigma_v": beside.voltage_sigma_v,
        },
        "command": call.command,
        "keep": _text(call.keep),
    }


def movie_call(settings: dict[str, Any]) -> MovieCall:
    """The call of a job.

    Args:
        settings: ``inputs``, files or folders; ``recipe``, as `MovieRecipe`, its ``verb`` says how far the road goes;
            optional: ``reading``, as `MovieOptions`; ``beside``, as `Beside`, ``members`` as pairs of name and file;
            ``command``; ``keep``, a folder from which an interrupted search for the law goes on.

    Raises:
        InputError: if a setting is wrong.
    """
    try:
        recipe, reading = movie_recipe(settings["recipe"]), reading_of(settings.get("reading") or {})
    except (TypeError, ValueError) as error:
        raise InputError("movie-settings", f"{error}.", "Change the settings.") from error
    return MovieCall(
        tuple(Path(one) for one in settings["inputs"]),
        recipe,
        reading,
        _beside(settings.get("beside") or {}),
        str(settings.get("command", "")),
        _path(settings.get("keep")),
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
        tuple(Path(path) for path in given.get("voltages") or ()),
        float(given.get("voltage_sigma_v", Beside.voltage_sigma_v)),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
