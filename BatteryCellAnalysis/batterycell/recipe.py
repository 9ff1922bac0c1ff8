"""Typed settings of the road, saved as JSON and replayed on the next cell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import InputError


@dataclass(frozen=True)
class AnalyzeRecipe:
    """Settings of the main job.

    Args:
        angles: Number of half-planes, evenly spaced around the axis.
        pictures: Number of longitudinal pictures.
    """

    angles: int = 72
    pictures: int = 4

    def __post_init__(self) -> None:
        if not (isinstance(self.angles, int) and 1 <= self.angles <= 3600):
            raise ValueError(f"angles must be a whole number from 1 to 3600, not {self.angles!r}")
        if not (isinstance(self.pictures, int) and 0 <= self.pictures <= 360):
            raise ValueError(f"pictures must be a whole number from 0 to 360, not {self.pictures!r}")

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def load_recipe(path: Path) -> AnalyzeRecipe:
    """Read a recipe.

    Raises:
        InputError: if the file is no recipe.
    """
    try:
        return AnalyzeRecipe(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "recipe-unreadable", f"{path} is not a recipe: {error}", "Every result folder holds one, recipe.json."
        ) from error
