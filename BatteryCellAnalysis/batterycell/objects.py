"""The road from a label volume to objects and numbers, on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .instances.context import Companions
from .instances.edits import apply_edits, read_edits
from .instances.instances import Instances
from .instances.label import label_instances
from .instances.measure import measure_instances
from .instances.registry import COMMON, MEASURES
from .instances.settings import LabelSettings
from .io.labels import LabelVolume
from .measured import with_scale_error
from .objects_stage import Grid, instances_stage, with_classes
from .progress import Progress
from .recipe import ObjectsRecipe
from .result import ObjectsResult
from .slabs import SlabSource
from .tables import Table


@dataclass(frozen=True)
class Asked:
    """What is to be measured in a label volume.

    Args:
        recipe: The settings.
        images: Volumes on the labels' grid by name, for the measures of grey values.
        edits: Merges, splits and removals, in JSON's types, as of `instances.edits`.
        uncertainty: How unsure each label is, on the labels' grid; None where nobody says it.
        scratch: A ``.npy`` file that may hold the instances instead of memory; None for memory.
    """

    recipe: ObjectsRecipe = field(default_factory=ObjectsRecipe)
    images: Mapping[str, SlabSource] = field(default_factory=dict)
    edits: Sequence[dict[str, Any]] = ()
    uncertainty: SlabSource | None = None
    scratch: Path | None = None


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
    found = find_objects(labels, asked, progress.part(0.0, 0.35))
    notes = found.log
    found = _edited(found, labels, asked, progress.part(0.35, 0.4))
    table = measure_table(labels, found, asked, progress.part(0.4, 1.0))
    recipe = asked.recipe
    names = {value: labels.names[value] for value in _chosen(labels, recipe)}
    stage = instances_stage(table, names, Grid(labels.shape, labels.voxel_size_um, found.dimension), notes)
    stages = (with_scale_error(stage, recipe.voxel_size_percent),)
    return ObjectsResult(labels, labels.with_array(found.labels), recipe, stages, found.log[len(notes) :])


def find_objects(labels: LabelVolume, asked: Asked, progress: Progress) -> Instances:
    """The regions of the chosen classes as objects."""
    recipe = asked.recipe
    dimension = recipe.dimension or (2 if labels.shape[0] == 1 else 3)
    settings = LabelSettings(
        dimension,
        recipe.connectivity,
        _chosen(labels, recipe),
        separate=recipe.separate,
        min_size_um=recipe.min_size_um,
        border=recipe.border,
    )
    out = _room(labels.shape, asked.scratch)
    return label_instances(labels.source, labels.voxel_size_um, settings, progress, out)


def measure_table(labels: LabelVolume, found: Instances, asked: Asked, progress: Progress) -> Table:
    """One row an object: number, class, border, weight, and every measure that was asked for."""
    along = Companions(
        found.dimension, labels.ijk_to_ras, found.classes, labels.names, labels.source, dict(asked.images)
    )
    measures = measure_names(asked.recipe.measures)
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
