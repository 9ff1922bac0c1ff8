"""From a label volume to objects and their measures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell.io.exchange import VOXELS_FILE, open_volume_json, write_volume_json
from batterycell.io.label_classes import LabelClass
from batterycell.io.labels import LabelVolume, stored_labels
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult
from batterycell.slabs import SlabSource

from .jobs import RESULT_FOLDER, open_volume, write_json
from .stage_files import read_stages, write_stages

if TYPE_CHECKING:
    from batterycell.volume import Volume

OBJECTS_FILE, INSTANCES_FILE = "objects.json", "instances.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Measure objects.

    The job's volume holds the labels (whole numbers). Settings: ``classes``, a list of ``{"value", "name", "color"}``
    and, where the volume holds another value than ``value``, ``stored``; what belongs to no class is nothing;
    ``recipe``, fields of `ObjectsRecipe`, all optional, its ``verb`` says what is measured; optional: ``images``,
    volumes on the labels' grid by name, for measures of grey values; ``edits``, a list of merges, splits and removals
    as of `instances.edit`; ``uncertainty``, a volume of how unsure each label is, for the microstructure.
    """
    from batterycell.objects import Asked, measure_objects

    settings = job["settings"]
    recipe = ObjectsRecipe(**settings.get("recipe", {}))
    labels = job_labels(job, progress)
    named = (settings.get("images") or {}).items()
    images = {name: _source(path, progress) for name, path in named}
    unsure = settings.get("uncertainty")
    uncertainty = _source(unsure, progress) if unsure else None
    scratch = out / f"instances_{VOXELS_FILE}"
    asked = Asked(recipe, images, settings.get("edits") or [], uncertainty, scratch)
    result = measure_objects(labels, asked, progress.part(0.05, 0.98))
    write_stages(result.stages, out)
    if result.instances is not None:
        if not scratch.is_file():
            np.save(scratch, result.instances.array)
        write_volume_json(result.instances, scratch, out / INSTANCES_FILE)
    write_json(out / OBJECTS_FILE, {"recipe": asdict(recipe), "log": list(result.log)})


def _source(path: str, progress: Progress) -> SlabSource:
    return SlabSource.of_array(open_volume(Path(path), progress).array)


def read_objects(folder: Path, labels: LabelVolume) -> ObjectsResult:
    """The result of a finished job on ``labels``; the instances' voxels are mapped, and read when they are touched."""
    result = folder / RESULT_FOLDER
    values = json.loads((result / OBJECTS_FILE).read_text(encoding="utf-8"))
    instances: Volume | None = None
    if (result / INSTANCES_FILE).is_file():
        instances = open_volume_json(result / INSTANCES_FILE)
    recipe = ObjectsRecipe(**values["recipe"])
    return ObjectsResult(labels, instances, recipe, read_stages(result), tuple(values["log"]))


def job_labels(job: dict[str, Any], progress: Progress) -> LabelVolume:
    """The labels of a job, with the names of their classes."""
    classes = tuple(LabelClass(**{"stored": one["value"], **one}) for one in job["settings"]["classes"])
    return stored_labels(open_volume(Path(job["volume"]), progress), classes)
