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
            "recipe-unreadable", f"{path} is not a recipe: {error}", "Save one with --save-recipe."
        ) from error
