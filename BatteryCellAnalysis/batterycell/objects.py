"""The road from a label volume to objects and numbers, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.edit.edits import apply_edits, read_edits
from batterycell.instances.find.label import label_by
from batterycell.instances.find.way import Way
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.measures.registry import COMMON, MEASURES
from batterycell.microstructure.fragmentation.measure import measure_fragmentation, place_fragments
from batterycell.microstructure.fragmentation.settings import FragmentationSettings

from . import palette
from .errors import InputError
from .instances.instances import Instances
from .instances.settings import LabelSettings
from .io.labels import LabelVolume
from .measured import Stage, with_scale_error
from .microstructure import Given, MicrostructureSettings, measure_microstructure
from .objects_cracks import widest_crack_um
from .objects_numbered import Numbers, numbered_objects, with_given
from .objects_stage import Grid, instances_stage, with_classes
from .progress import Progress
from .recipe import ObjectsRecipe
from .result import ObjectsResult
from .slabs import SlabSource
from .tables import Table

_TOO_COARSE = (
    "Not measured: beside voxels of this size the particles are too small to tell cracks from gaps between them; give "
    "the width of your widest cracks (--crack UM) to measure them all the same."
)


@dataclass(frozen=True)
class Engine:
    """Who finds and measures objects, where that is not this process alone.

    Args:
        way: Through the labels.
        measure: As `measure_instances`, given the labels, the objects and the measures' names.
    """

    way: Way
    measure: Callable[[LabelVolume, Instances, Sequence[str], Progress], Table]


@dataclass(frozen=True)
class Asked:
    """What is to be measured in a label volume.

    Args:
        recipe: The settings.
        images: Volumes on the labels' grid by name, for the measures of grey values.
        edits: Merges, splits and removals, in JSON's types, as of `instances.edit`.
        uncertainty: How unsure each label is, on the labels' grid; None where nobody says it.
        scratch: A ``.npy`` file that may hold the instances instead of memory; None for memory.
        engine: Who finds and measures the objects; None for this process. It needs ``scratch``.
    """

    recipe: ObjectsRecipe = field(default_factory=ObjectsRecipe)
    images: Mapping[str, SlabSource] = field(default_factory=dict)
    edits: Sequence[dict[str, Any]] = ()
    uncertainty: SlabSource | None = None
    scratch: Path | None = None
    engine: Engine | None = None


def measure_objects(labels: LabelVolume, asked: Asked, progress: Progress) -> ObjectsResult:
    """Measure objects, or an electrode's microstructure, as the recipe says.

    Args:
        labels: The classes.
        asked: The settings, and what else is measured in.
        progress: Told how far it is; asked whether to stop.

    Raises:
        InputError: if there is nothing to be measured.
        Cancelled: if the user asked to stop.
    """
    if asked.recipe.verb == "microstructure":
        return _measure_electrode(labels, asked, progress)
    return _measure_instances(labels, asked, progress)


def _measure_instances(labels: LabelVolume, asked: Asked, progress: Progress) -> ObjectsResult:
    found, given = find_objects(labels, asked, progress.part(0.0, 0.35))
    notes = found.log
    found = _edited(found, labels, asked, progress.part(0.35, 0.4))
    table = measure_table(labels, found, asked, progress.part(0.4, 1.0))
    table = table if given is None else with_given(table, given)
    recipe = asked.recipe
    names = {value: labels.names[value] for value in _chosen(labels, recipe)}
    stage = instances_stage(table, names, Grid(labels.shape, labels.voxel_size_um, found.dimension), notes)
    stages = (with_scale_error(stage, recipe.voxel_size_percent),)
    return ObjectsResult(labels, labels.with_array(found.labels), recipe, stages, found.log[len(notes) :])


def _measure_electrode(labels: LabelVolume, asked: Asked, progress: Progress) -> ObjectsResult:
    """The particles of the active materials, the numbers of the electrode, and the particles' fragmentation."""
    active = active_names(labels, asked.recipe)
    recipe = replace(asked.recipe, of=active)
    bare = ObjectsResult(labels, None, recipe, (_no_active(),))
    particles = _measure_instances(labels, replace(asked, recipe=recipe), progress.part(0.0, 0.4)) if active else bare
    settings = MicrostructureSettings(_dimension(labels, recipe), recipe.pore, active, tortuosity=recipe.tortuosity)
    given = Given(particles.table, asked.uncertainty)
    voxel_um, part = labels.voxel_size_um, progress.part(0.4, 0.8)
    numbers = measure_microstructure(labels.source, voxel_um, labels.names, settings, given, part)
    broken = _fragmentation(labels, recipe, progress.part(0.8, 1.0))
    scaled = (with_scale_error(stage, recipe.voxel_size_percent) for stage in (numbers, *broken))
    return replace(particles, stages=(*scaled, *map(_without_sizes, particles.stages)))


def _without_sizes(stage: Stage) -> Stage:
    """Objects without the quantities that the microstructure states, too."""
    return replace(stage, quantities=tuple(one for one in stage.quantities if "_diameter_d" not in one.name))


def active_names(labels: LabelVolume, recipe: ObjectsRecipe) -> tuple[str, ...]:
    """The active materials: as said, else those that are called so, else the only class that is not pore."""
    if recipe.of:
        return tuple(labels.names[value] for value in _chosen(labels, recipe))
    pore = _pore(labels, recipe)
    others = [one for one in labels.classes if one.value != pore]
    called = [one.name for one in others if one.color == palette.ACTIVE_MATERIAL]
    return tuple(called or [one.name for one in others if len(others) == 1])


def _fragmentation(labels: LabelVolume, recipe: ObjectsRecipe, progress: Progress) -> tuple[Stage, ...]:
    """The fragmentation of the one active material; none where there are several, or nothing large enough."""
    if len(recipe.of) != 1:
        return ()
    active, pore, crack = labels.value_of(recipe.of[0]), _pore(labels, recipe), _crack_um(labels, recipe)
    if not crack:
        return (Stage("fragmentation", "Fragmentation", notes=(_TOO_COARSE,)),)
    settings = FragmentationSettings(_dimension(labels, recipe), crack)
    try:
        stage = measure_fragmentation(labels.source, labels.voxel_size_um, active, pore, settings, progress)
    except InputError as error:
        return (Stage("fragmentation", "Fragmentation", notes=(f"Not measured: {error}",)),)
    return (place_fragments(stage, labels.ijk_to_ras),)


def _crack_um(labels: LabelVolume, recipe: ObjectsRecipe) -> float:
    """The widest crack, as said or as the resolution allows; 0 where gaps only lie between particles."""
    if recipe.crack_um or recipe.separate == "none":
        return recipe.crack_um
    return widest_crack_um(labels.source, _chosen(labels, recipe), labels.voxel_size_um)


def _pore(labels: LabelVolume, recipe: ObjectsRecipe) -> int:
    """The class of pores; 0, what has no class, where none is called so or the sample has none."""
    if recipe.pore and recipe.pore not in labels.absent:
        return labels.value_of(recipe.pore)
    return next((one.value for one in labels.classes if one.name.casefold().startswith("pore")), 0)


def _no_active() -> Stage:
    told = "No class is known as active material: particles and their fragmentation were not measured (--active NAME)."
    return Stage("instances", "Particles", notes=(told,))


def _dimension(labels: LabelVolume, recipe: ObjectsRecipe) -> int:
    return recipe.dimension or (2 if labels.shape[0] == 1 else 3)


def find_objects(labels: LabelVolume, asked: Asked, progress: Progress) -> tuple[Instances, Numbers | None]:
    """The regions of the chosen classes as objects; those that are numbered already as they are, and their numbers."""
    recipe = asked.recipe
    if labels.numbers is not None:
        settings = LabelSettings(_dimension(labels, recipe), border=recipe.border)
        return numbered_objects(labels.numbers, settings, progress, _room(labels.shape, asked.scratch))
    pore = _pore(labels, recipe)
    settings = LabelSettings(
        _dimension(labels, recipe),
        recipe.connectivity,
        _chosen(labels, recipe),
        separate=recipe.separate,
        crack_um=_crack_um(labels, recipe),
        crack_classes=(pore,) if pore else (),
        min_size_um=recipe.min_size_um,
        border=recipe.border,
    )
    out = _room(labels.shape, asked.scratch)
    way = asked.engine.way if asked.engine else Way()
    return label_by(way, labels.source, labels.voxel_size_um, settings, progress, out), None


def measure_table(labels: LabelVolume, found: Instances, asked: Asked, progress: Progress) -> Table:
    """One row an object: number, class, border, weight, and every measure that was asked for."""
    measures = measure_names(asked.recipe.measures)
    if asked.engine is not None and not asked.images:
        return with_classes(asked.engine.measure(labels, found, measures, progress), found, labels.names)
    along = Companions(
        found.dimension, labels.ijk_to_ras, found.classes, labels.names, labels.source, dict(asked.images)
    )
    table = measure_instances(found.source, found.count, labels.voxel_size_um, measures, along, progress)
    return with_classes(table, found, labels.names)


def _edited(found: Instances, labels: LabelVolume, asked: Asked, progress: Progress) -> Instances:
    if not asked.edits:
        return found
    return apply_edits(found, read_edits(list(asked.edits)), labels.voxel_size_um, progress, in_place=True)


def measure_names(asked: Sequence[str]) -> tuple[str, ...]:
    """The names of measures, ``common`` and ``all`` spelled out."""
    spelled = {"common": COMMON, "all": tuple(MEASURES)}
    return tuple(dict.fromkeys(name for word in asked for name in spelled.get(word, (word,))))


def _chosen(labels: LabelVolume, recipe: ObjectsRecipe) -> tuple[int, ...]:
    return tuple(labels.value_of(name) for name in recipe.of) or tuple(labels.names)


def _room(shape: tuple[int, int, int], scratch: Path | None) -> NDArray[np.uint32] | None:
    """Where the objects go: a file, or memory."""
    return None if scratch is None else np.lib.format.open_memmap(scratch, "w+", np.dtype(np.uint32), shape)
