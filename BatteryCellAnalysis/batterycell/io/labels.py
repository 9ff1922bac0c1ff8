"""Label volumes: what was read of them, in slabs, with the names of their classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .label_classes import LabelClass


@dataclass(frozen=True)
class LabelVolume:
    """Classes on a regular grid in Slicer's world.

    Args:
        source: The classes' values, unsigned, 0 for nothing, shape (k, j, i).
        ijk_to_ras: Shape (4, 4); maps (i, j, k, 1) to RAS in mm.
        voxel_size_source: Where the voxel size came from.
        name: Short name for pictures and reports.
        classes: What the values mean, rising; a value without a class does not occur.
        notes: What must be told of how they were read, one sentence each.
    """

    source: SlabSource
    ijk_to_ras: NDArray[np.float64]
    voxel_size_source: str
    name: str
    classes: tuple[LabelClass, ...]
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        return self.source.shape

    @property
    def voxel_size_um(self) -> tuple[float, float, float]:
        """Voxel size (z, y, x) in µm."""
        return self.with_array(np.zeros((1, 1, 1), np.uint8)).voxel_size_um

    @property
    def names(self) -> dict[int, str]:
        """Names of the classes by their values."""
        return {one.value: one.name for one in self.classes}

    def with_array(self, array: NDArray[Any]) -> Volume:
        """Anything on the same grid, shape (k, j, i), as a volume."""
        return Volume(array, self.ijk_to_ras, self.voxel_size_source, self.name)

    def value_of(self, name: str) -> int:
        """The value of a class, by its name, or by its value in the file.

        Raises:
            InputError: if there is no such class.
        """
        wanted = name.strip().casefold()
        for one in self.classes:
            if wanted == one.name.casefold():
                return one.value
        for one in self.classes:
            if wanted == str(one.stored):
                return one.value
        known = ", ".join(one.name for one in self.classes) or "none"
        raise InputError("class-unknown", f"{self.name} has no class {name}; it has {known}.", "Choose one of them.")


def label_volume(volume: Volume, classes: tuple[LabelClass, ...]) -> LabelVolume:
    """A label volume that is in memory, or mapped; its values are those of the classes."""
    source = SlabSource.of_array(volume.array)
    return LabelVolume(source, volume.ijk_to_ras, volume.voxel_size_source, volume.name, classes)


def stem(path: Path) -> str:
    """What a label file is called in reports."""
    name = path.resolve().name
    for ending in (".seg.nrrd", ".nii.gz", ".ome.tif", ".ome.tiff"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return Path(name).stem if not path.is_dir() else name
