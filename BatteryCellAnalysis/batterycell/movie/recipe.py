"""The settings of a movie's road, saved as JSON and used on the next movie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

from .kinetics.settings import KineticsSettings
from .law.settings import LawSettings
from .settings import ChemistrySettings, PrepareSettings

VERBS = ("movie prepare", "movie chemistry", "movie kinetics", "movie invert")
_KINDS: dict[str, Any] = {
    "prepare": PrepareSettings,
    "chemistry": ChemistrySettings,
    "kinetics": KineticsSettings,
    "law": LawSettings,
}


@dataclass(frozen=True)
class MovieRecipe:
    """Settings of the road.

    Args:
        verb: How far the road went, one of `VERBS`.
        prepare: How the movie becomes optical density.
        chemistry: How spectra become fractions.
        members: Names of the end members, in the order of ``chemistry.lithium``; none where lithium came as it was.
        kinetics: How rates are seen.
        law: How the reaction's law is learned.
        together: Whether the law is one of several movies; then it is learned from all of the next ones, too.
    """

    verb: str = "movie chemistry"
    prepare: PrepareSettings = field(default_factory=PrepareSettings)
    chemistry: ChemistrySettings = field(default_factory=ChemistrySettings)
    members: tuple[str, ...] = ()
    kinetics: KineticsSettings = field(default_factory=KineticsSettings)
    law: LawSettings = field(default_factory=LawSettings)
    together: bool = False

    def __post_init__(self) -> None:
        # JSON knows no tuples.
        object.__setattr__(self, "members", tuple(self.members))
        if self.verb not in VERBS:
            raise ValueError(f"verb must be one of {', '.join(VERBS)}, not {self.verb!r}")
        if not all(isinstance(name, str) for name in self.members):
            raise ValueError("members must be names")
        if not isinstance(self.together, bool):
            raise ValueError(f"together must be true or false, not {self.together!r}")

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load_movie_recipe(path: Path) -> MovieRecipe:
    """Read a recipe of a movie, also one of an earlier version: what it does not say is as it was then.

    Raises:
        InputError: if the file is none.
    """
    hint = "Every result folder of a movie holds one, recipe.json."
    try:
        return movie_recipe(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError("recipe-unreadable", f"{path} cannot be read: {error.strerror}.", hint) from error
    except (ValueError, TypeError) as error:
        raise InputError("recipe-unreadable", f"{path} is not a recipe of a movie: {error}.", hint) from error


def is_movie_recipe(path: Path) -> bool:
    """Whether a file claims to be a recipe of a movie."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and str(values.get("verb", "")).startswith("movie")


def movie_recipe(values: Any) -> MovieRecipe:
    """A recipe from JSON's types.

    Raises:
        ValueError: if it is none.
        TypeError: if a setting is of another kind.
    """
    if not isinstance(values, dict) or not str(values.get("verb", "")).startswith("movie"):
        raise ValueError("it is no recipe of a movie")
    _check_names(values, MovieRecipe, "a recipe")
    return MovieRecipe(**{**values, **_settings(values)})


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    read = {}
    for name, kind in _KINDS.items():
        given = values.get(name, {})
        if not isinstance(given, dict):
            raise ValueError(f"{name} holds no settings")
        _check_names(given, kind, name)
        read[name] = kind(**given)
    return read


def _check_names(given: dict[str, Any], kind: Any, words: str) -> None:
    unknown = set(given) - {item.name for item in fields(kind)}
    if unknown:
        raise ValueError(f"{words} knows no {', '.join(sorted(unknown))}")
