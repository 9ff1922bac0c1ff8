"""The settings of a movie's road, saved as JSON and used on the next movie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

from .settings import ChemistrySettings, PrepareSettings

_KINDS: dict[str, Any] = {"prepare": PrepareSettings, "chemistry": ChemistrySettings}


@dataclass(frozen=True)
class MovieRecipe:
    """Settings of the road.

    Args:
        verb: "movie prepare" or "movie chemistry".
        prepare: How the movie becomes optical density.
        chemistry: How spectra become fractions.
        members: Names of the end members, in the order of ``chemistry.lithium``.
    """

    verb: str = "movie chemistry"
    prepare: PrepareSettings = field(default_factory=PrepareSettings)
    chemistry: ChemistrySettings = field(default_factory=ChemistrySettings)
    members: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load_movie_recipe(path: Path) -> MovieRecipe:
    """Read a recipe of a movie.

    Raises:
        InputError: if the file is none.
    """
    hint = "Every result folder of a movie holds one, recipe.json."
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict) or not str(values.get("verb", "")).startswith("movie"):
            raise ValueError("it is no recipe of a movie")
        return MovieRecipe(**{**values, **_settings(values), "members": tuple(values.get("members", ()))})
    except OSError as error:
        raise InputError("recipe-unreadable", f"{path} cannot be read: {error.strerror}.", hint) from error
    except (ValueError, TypeError) as error:
        raise InputError("recipe-unreadable", f"{path} is not a recipe of a movie: {error}.", hint) from error


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    read = {}
    for name, kind in _KINDS.items():
        given = values.get(name, {})
        unknown = set(given) - {item.name for item in fields(kind)}
        if unknown:
            raise ValueError(f"{name} knows no {', '.join(sorted(unknown))}")
        read[name] = kind(**given)
    return read
