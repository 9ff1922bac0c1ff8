"""Typed settings of the road, saved as JSON and replayed on the next cell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .errors import InputError

NARROWEST_PX, WIDEST_PX = 200, 8000
# What can be measured in a cylindrical cell, in the order of the road.
STAGES = ("overhang", "can", "winding", "inclusions", "objects")


@dataclass(frozen=True)
class AnalyzeRecipe:
    """Settings of the main job.

    Args:
        angles: Number of half-planes, evenly spaced around the axis.
        pictures: Number of longitudinal pictures.
        views: Whether to draw each view of the cell on its own.
        layout: Whether to draw all views together.
        width: Width of these pictures in pixels.
        stages: What is measured, of `STAGES`.
        voxel_size_percent: Half width of the voxel size's 95 % interval in percent; 0 takes it as exact.
    """

    angles: int = 360
    pictures: int = 4
    views: bool = False
    layout: bool = False
    width: int = 1600
    stages: tuple[str, ...] = STAGES
    voxel_size_percent: float = 0.0

    def __post_init__(self) -> None:
        # JSON knows no tuples.
        object.__setattr__(self, "stages", tuple(self.stages))
        if not set(self.stages) <= set(STAGES):
            raise ValueError(f"stages must be of {', '.join(STAGES)}, not {', '.join(map(str, self.stages))}")
        if not (isinstance(self.voxel_size_percent, int | float) and 0 <= self.voxel_size_percent <= 50):
            raise ValueError(f"voxel_size_percent must be a number from 0 to 50, not {self.voxel_size_percent!r}")
        if not (isinstance(self.angles, int) and 1 <= self.angles <= 3600):
            raise ValueError(f"angles must be a whole number from 1 to 3600, not {self.angles!r}")
        if not (isinstance(self.pictures, int) and 0 <= self.pictures <= 360):
            raise ValueError(f"pictures must be a whole number from 0 to 360, not {self.pictures!r}")
        if not (isinstance(self.width, int) and NARROWEST_PX <= self.width <= WIDEST_PX):
            raise ValueError(f"width must be a whole number from {NARROWEST_PX} to {WIDEST_PX}, not {self.width!r}")
        for name in ("views", "layout"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be true or false, not {getattr(self, name)!r}")

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def load_recipe(path: Path) -> AnalyzeRecipe:
    """Read a recipe.

    Raises:
        InputError: if the file is no recipe.
    """
    hint = "Every result folder holds one, recipe.json."
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("recipe-unreadable", f"{path} cannot be read: {error.strerror}.", hint) from error
    except ValueError as error:
        raise InputError("recipe-unreadable", f"{path} is not a recipe.", hint) from error
    names = {item.name for item in fields(AnalyzeRecipe)}
    if not isinstance(values, dict) or not set(values) <= names:
        unknown = ", ".join(sorted(map(str, set(values) - names))) if isinstance(values, dict) else "no settings"
        raise InputError("recipe-unreadable", f"{path} is not a recipe of this program: {unknown}.", hint)
    try:
        return AnalyzeRecipe(**values)
    except (TypeError, ValueError) as error:
        raise InputError("recipe-unreadable", f"{path} is not a recipe: {error}.", hint) from error
