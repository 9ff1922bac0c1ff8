"""Typed settings of the roads, saved as JSON and replayed on the next cell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from .errors import InputError

NARROWEST_PX, WIDEST_PX = 200, 8000
# What can be measured in a cylindrical cell, in the order of the road.
STAGES = ("overhang", "can", "winding", "inclusions", "objects")
EndsFrom = Literal["edges", "model"]


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
        ends_from: Where the sheets' ends are read: at the "edges" of the image, or where a "model" sees them.
        model: The model, ``name@version`` or a folder; empty for the one that ships with the program.
        model_sha256: Of the model's weights; empty where any will do. Other weights are refused.
    """

    angles: int = 360
    pictures: int = 4
    views: bool = False
    layout: bool = False
    width: int = 1600
    stages: tuple[str, ...] = STAGES
    voxel_size_percent: float = 0.0
    ends_from: EndsFrom = "edges"
    model: str = ""
    model_sha256: str = ""

    def __post_init__(self) -> None:
        # JSON knows no tuples.
        object.__setattr__(self, "stages", tuple(self.stages))
        self._check_ends()
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
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _check_ends(self) -> None:
        if self.ends_from not in get_args(EndsFrom):
            raise ValueError(f"ends_from must be {' or '.join(get_args(EndsFrom))}, not {self.ends_from!r}")
        for name in ("model", "model_sha256"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be text, not {getattr(self, name)!r}")
            if getattr(self, name) and self.ends_from != "model":
                raise ValueError("a model is named, but the sheets' ends are read at the edges of the image")


Verb = Literal["instances", "microstructure"]


@dataclass(frozen=True)
class ObjectsRecipe:
    """Settings of the road from labels to objects and numbers.

    Args:
        verb: "instances" for a table of objects, "microstructure" for the numbers of an electrode.
        classes: What the values of the labels mean: ``VALUE=NAME,…`` (0 among them where it is a phase), or names;
            empty for what the file says.
        of: Names of the classes whose regions become objects, or active materials; empty for every one.
        pore: Name of the pores' class; empty where a class is called so, or there is none.
        dimension: 2 for each slice on its own, 3 for the volume; 0 for 2 where there is one slice.
        connectivity: Neighbours of a voxel: 6, 18, 26, or 4, 8 in 2D; 0 for the most.
        separate: "none", or "watershed" to part touching particles.
        min_size_um: Least equivalent diameter of an object in µm; smaller ones are removed, and told.
        border: "keep", "flag" or "exclude" objects that reach the border.
        measures: Names of measures; ``common`` and ``all`` stand for several.
        crack_um: The widest crack inside a particle; wider gaps lie between particles. 0 for what the
            resolution allows, see `objects.cracks`.
        numbered: Whether every value of the labels is an object already, not a class.
        tortuosity: Whether tortuosity factors are computed, which takes longest of a microstructure's numbers.
        voxel_size_percent: Half width of the voxel size's 95 % interval in percent; 0 takes it as exact.
    """

    verb: Verb = "instances"
    classes: str = ""
    of: tuple[str, ...] = ()
    pore: str = ""
    dimension: int = 0
    connectivity: int = 0
    separate: Literal["none", "watershed"] = "none"
    min_size_um: float = 0.0
    border: Literal["keep", "flag", "exclude"] = "flag"
    measures: tuple[str, ...] = ("common",)
    crack_um: float = 0.0
    numbered: bool = False
    tortuosity: bool = True
    voxel_size_percent: float = 0.0

    def __post_init__(self) -> None:
        # JSON knows no tuples.
        for name in ("of", "measures"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name, known in _OBJECT_CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be {' or '.join(map(str, known))}, not {getattr(self, name)!r}")
        for name, most in (("min_size_um", 1e6), ("crack_um", 1e6), ("voxel_size_percent", 50)):
            if not (isinstance(getattr(self, name), int | float) and 0 <= getattr(self, name) <= most):
                raise ValueError(f"{name} must be a number from 0 to {most:g}, not {getattr(self, name)!r}")
        if self.numbered and (self.separate != "none" or self.min_size_um or self.border == "exclude" or self.of):
            raise ValueError("objects that are numbered already are taken as they are")
        if self.connectivity and self.dimension and (self.connectivity in (4, 8)) != (self.dimension == 2):
            raise ValueError("connectivity is 4 or 8 in 2D, and 6, 18 or 26 in 3D")

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


_OBJECT_CHOICES: dict[str, tuple[str | int, ...]] = {
    "verb": ("instances", "microstructure"),
    "dimension": (0, 2, 3),
    "connectivity": (0, 4, 8, 6, 18, 26),
    "separate": ("none", "watershed"),
    "border": ("keep", "flag", "exclude"),
}
Recipe = AnalyzeRecipe | ObjectsRecipe


def load_recipe(path: Path) -> AnalyzeRecipe:
    """Read the recipe of a cell.

    Raises:
        InputError: if the file is no recipe of a cell.
    """
    recipe = load_any_recipe(path)
    if not isinstance(recipe, AnalyzeRecipe):
        hint = "Replay it on labels, or give the recipe of a cell."
        raise InputError("recipe-kind", f"{path} is a recipe for label volumes, not for cells.", hint)
    return recipe


def load_any_recipe(path: Path) -> Recipe:
    """Read a recipe, of a cell or of labels.

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
    kind = ObjectsRecipe if isinstance(values, dict) and "verb" in values else AnalyzeRecipe
    names = {item.name for item in fields(kind)}
    if not isinstance(values, dict) or not set(values) <= names:
        unknown = ", ".join(sorted(map(str, set(values) - names))) if isinstance(values, dict) else "no settings"
        raise InputError("recipe-unreadable", f"{path} is not a recipe of this program: {unknown}.", hint)
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise InputError("recipe-unreadable", f"{path} is not a recipe: {error}.", hint) from error
