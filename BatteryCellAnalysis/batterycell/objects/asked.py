"""What is to be measured in a label volume, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batterycell.instances.find.way import Way
from batterycell.instances.instances import Instances
from batterycell.io.labels import LabelVolume
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from batterycell.slabs import SlabSource
from batterycell.tables import Table


@dataclass(frozen=True)
class Engine:
    """Who finds and measures objects, where that is not this process alone and in one go.

    Args:
        way: Through the labels.
        measure: As `measure_instances`, given the labels, the objects and the measures' names; None for this process.
    """

    way: Way
    measure: Callable[[LabelVolume, Instances, Sequence[str], Progress], Table] | None = None


@dataclass(frozen=True)
class Asked:
    """What is to be measured in a label volume.

    Args:
        recipe: The settings.
        images: Volumes on the labels' grid by name, for the measures of grey values.
        edits: Merges, splits and removals, in JSON's types, as of `instances.edit`.
        uncertainty: How unsure each label is, on the labels' grid; None where nobody says it.
        scratch: Where the instances may lie: a ``.npy`` file, which is mapped, or a folder, packed; None for memory.
        engine: Who finds and measures the objects; None for this process in one go. It needs a folder ``scratch``.
    """

    recipe: ObjectsRecipe = field(default_factory=ObjectsRecipe)
    images: Mapping[str, SlabSource] = field(default_factory=dict)
    edits: Sequence[dict[str, Any]] = ()
    uncertainty: SlabSource | None = None
    scratch: Path | None = None
    engine: Engine | None = None
