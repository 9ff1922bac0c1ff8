"""The road from a label volume to objects and numbers, on one screen."""

from __future__ import annotations

from dataclasses import replace

from batterycell.errors import InputError
from batterycell.io.labels import LabelVolume
from batterycell.measured import Stage, with_scale_error
from batterycell.microstructure import Given, MicrostructureSettings, measure_microstructure
from batterycell.microstructure.fragmentation.measure import measure_fragmentation, place_fragments
from batterycell.microstructure.fragmentation.settings import FragmentationSettings
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult

from .asked import Asked
from .chosen import active_names, crack_width_um, dimension_of, pore_class
from .found import find_and_measure

_TOO_COARSE = (
    "Not measured: beside voxels of this size the particles are too small to tell cracks from gaps between them; give "
    "the width of your widest cracks (--crack UM) to measure them all the same."
)


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
    return find_and_measure(labels, asked, progress)


def _measure_electrode(labels: LabelVolume, asked: Asked, progress: Progress) -> ObjectsResult:
    """The particles of the active materials, the numbers of the electrode, and the particles' fragmentation."""
    active = active_names(labels, asked.recipe)
    recipe = replace(asked.recipe, of=active)
    bare = ObjectsResult(labels, None, recipe, (_no_active(),))
    particles = find_and_measure(labels, replace(asked, recipe=recipe), progress.part(0.0, 0.4)) if active else bare
    dimension = dimension_of(labels, recipe)
    settings = MicrostructureSettings(dimension, recipe.pore, active, tortuosity=recipe.tortuosity)
    given = Given(particles.table, asked.uncertainty)
    voxel_um, part = labels.voxel_size_um, progress.part(0.4, 0.8)
    numbers = measure_microstructure(labels.source, voxel_um, labels.names, settings, given, part)
    broken = _fragmentation(labels, recipe, progress.part(0.8, 1.0))
    scaled = (with_scale_error(stage, recipe.voxel_size_percent) for stage in (numbers, *broken))
    return replace(particles, stages=(*scaled, *map(_without_sizes, particles.stages)))


def _without_sizes(stage: Stage) -> Stage:
    """Objects without the quantities that the microstructure states, too."""
    return replace(stage, quantities=tuple(one for one in stage.quantities if "_diameter_d" not in one.name))


def _fragmentation(labels: LabelVolume, recipe: ObjectsRecipe, progress: Progress) -> tuple[Stage, ...]:
    """The fragmentation of the one active material; none where there are several, or nothing large enough."""
    if len(recipe.of) != 1:
        return ()
    active, pore, crack = labels.value_of(recipe.of[0]), pore_class(labels, recipe), crack_width_um(labels, recipe)
    if not crack:
        return (Stage("fragmentation", "Fragmentation", notes=(_TOO_COARSE,)),)
    settings = FragmentationSettings(dimension_of(labels, recipe), crack)
    try:
        stage = measure_fragmentation(labels.source, labels.voxel_size_um, active, pore, settings, progress)
    except InputError as error:
        return (Stage("fragmentation", "Fragmentation", notes=(f"Not measured: {error}",)),)
    return (place_fragments(stage, labels.ijk_to_ras),)


def _no_active() -> Stage:
    told = "No class is known as active material: particles and their fragmentation were not measured (--active NAME)."
    return Stage("instances", "Particles", notes=(told,))
