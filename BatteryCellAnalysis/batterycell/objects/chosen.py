"""What a recipe says of the classes of a label volume, or leaves to be found there."""

from __future__ import annotations

from batterycell import palette
from batterycell.io.labels import LabelVolume
from batterycell.recipe import ObjectsRecipe

from .cracks import widest_crack_um


def chosen_classes(labels: LabelVolume, recipe: ObjectsRecipe) -> tuple[int, ...]:
    """The classes whose regions are objects: as said, else all."""
    return tuple(labels.value_of(name) for name in recipe.of) or tuple(labels.names)


def dimension_of(labels: LabelVolume, recipe: ObjectsRecipe) -> int:
    """2 or 3: as said, else 2 where there is one slice."""
    return recipe.dimension or (2 if labels.shape[0] == 1 else 3)


def active_names(labels: LabelVolume, recipe: ObjectsRecipe) -> tuple[str, ...]:
    """The active materials: as said, else those that are called so, else the only class that is not pore."""
    if recipe.of:
        return tuple(labels.names[value] for value in chosen_classes(labels, recipe))
    pore = pore_class(labels, recipe)
    others = [one for one in labels.classes if one.value != pore]
    called = [one.name for one in others if one.color == palette.ACTIVE_MATERIAL]
    return tuple(called or [one.name for one in others if len(others) == 1])


def pore_class(labels: LabelVolume, recipe: ObjectsRecipe) -> int:
    """The class of pores; 0, what has no class, where none is called so or the sample has none."""
    if recipe.pore and recipe.pore not in labels.absent:
        return labels.value_of(recipe.pore)
    return next((one.value for one in labels.classes if one.name.casefold().startswith("pore")), 0)


def crack_width_um(labels: LabelVolume, recipe: ObjectsRecipe) -> float:
    """The widest crack, as said or as the resolution allows; 0 where gaps only lie between particles."""
    if recipe.crack_um or recipe.separate == "none":
        return recipe.crack_um
    return widest_crack_um(labels.source, chosen_classes(labels, recipe), labels.voxel_size_um)
