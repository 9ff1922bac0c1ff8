"""The road from a label volume to objects and numbers, on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .io.labels import LabelVolume
from .progress import Progress
from .recipe import ObjectsRecipe
from .result import ObjectsResult
from .slabs import SlabSource


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
    raise NotImplementedError
