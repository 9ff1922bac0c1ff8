"""Objects of a label volume, found, edited and measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.edit.edits import apply_edits, read_edits
from batterycell.instances.find.label import label_by
from batterycell.instances.find.packed import packed_labels
from batterycell.instances.find.way import Way
from batterycell.instances.instances import Instances
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.measures.registry import COMMON, MEASURES
from batterycell.instances.settings import LabelSettings
from batterycell.io.labels import LabelVolume
from batterycell.measured import with_scale_error
from batterycell.progress import Progress
from batterycell.result import ObjectsResult
from batterycell.tables import Table

from .asked import Asked
from .chosen import chosen_classes, crack_width_um, dimension_of, pore_class
from .numbered import Numbers, numbered_objects, with_given
from .stage import Grid, instances_stage, with_classes


def find_and_measure(labels: LabelVolume, asked: Asked, progress: Progress) -> ObjectsResult:
    """Find the objects of the chosen classes, edit them, and measure them.

    Args:
        labels: The classes.
        asked: The settings, and what else is measured in.
        progress: Told how far it is; asked whether to stop.
    """
    found, given = _find(labels, asked, progress.part(0.0, 0.35))
    notes = found.log
    found = _edited(found, labels, asked, progress.part(0.35, 0.4))
    table = _measure(labels, found, asked, progress.part(0.4, 1.0))
    table = table if given is None else with_given(table, given)
    recipe = asked.recipe
    names = {value: labels.names[value] for value in chosen_classes(labels, recipe)}
    stage = instances_stage(table, names, Grid(labels.shape, labels.voxel_size_um, found.dimension), notes)
    stages = (with_scale_error(stage, recipe.voxel_size_percent),)
    return ObjectsResult(labels, labels.with_array(found.labels), recipe, stages, found.log[len(notes) :])


def _find(labels: LabelVolume, asked: Asked, progress: Progress) -> tuple[Instances, Numbers | None]:
    """The regions of the chosen classes as objects; those that are numbered already as they are, and their numbers."""
    recipe, out = asked.recipe, _room(labels.shape, asked.scratch)
    if labels.numbers is not None:
        settings = LabelSettings(dimension_of(labels, recipe), border=recipe.border)
        return numbered_objects(labels.numbers, settings, progress, out)
    pore = pore_class(labels, recipe)
    settings = LabelSettings(
        dimension_of(labels, recipe),
        recipe.connectivity,
        chosen_classes(labels, recipe),
        separate=recipe.separate,
        crack_um=crack_width_um(labels, recipe),
        crack_classes=(pore,) if pore else (),
        min_size_um=recipe.min_size_um,
        border=recipe.border,
    )
    way = asked.engine.way if asked.engine else Way()
    return label_by(way, labels.source, labels.voxel_size_um, settings, progress, out), None


def _measure(labels: LabelVolume, found: Instances, asked: Asked, progress: Progress) -> Table:
    """One row an object: number, class, border, weight, and every measure that was asked for."""
    measures = _spelled(asked.recipe.measures)
    if asked.engine is not None and asked.engine.measure is not None and not asked.images:
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


def _spelled(asked: Sequence[str]) -> tuple[str, ...]:
    """The names of measures, ``common`` and ``all`` spelled out."""
    spelled = {"common": COMMON, "all": tuple(MEASURES)}
    return tuple(dict.fromkeys(name for word in asked for name in spelled.get(word, (word,))))


def _room(shape: tuple[int, int, int], scratch: Path | None) -> NDArray[np.uint32] | None:
    """Where the objects go: a map of a file, a folder, or memory."""
    if scratch is None:
        return None
    if scratch.suffix == ".npy":
        return np.lib.format.open_memmap(scratch, "w+", np.dtype(np.uint32), shape)
    return packed_labels(scratch, shape)
