"""Label volumes: what was read of them, in slabs, with the names of their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .label_classes import LabelClass, StatedClass
from .label_stored import open_stored
from .label_values import (
    ValueCounts,
    absent_of,
    classes_of,
    count_values,
    note_of_absent,
    notes_of,
    table_of,
    whole_numbers,
)
from .memory import preview_limit
from .options import LoadOptions


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
        numbers: The objects' numbers where they are numbered already, uint32, 0 for none; else None.
        absent: Names of classes that somebody stated and no voxel has.
    """

    source: SlabSource
    ijk_to_ras: NDArray[np.float64]
    voxel_size_source: str
    name: str
    classes: tuple[LabelClass, ...]
    notes: tuple[str, ...] = ()
    numbers: SlabSource | None = None
    absent: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        return self.source.shape

    @property
    def grid(self) -> Volume:
        """Where it lies, without its voxels."""
        return self.with_array(np.zeros((1, 1, 1), np.uint8))

    @property
    def voxel_size_um(self) -> tuple[float, float, float]:
        """Voxel size (z, y, x) in µm."""
        return self.grid.voxel_size_um

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


def stored_labels(volume: Volume, classes: tuple[LabelClass, ...]) -> LabelVolume:
    """A label volume that is in memory, or mapped, and holds what its classes are stored as; other values are nothing.

    Raises:
        InputError: when it is read, if there is no whole number in a voxel.
    """
    found, stored = label_volume(volume, classes), SlabSource.of_array(volume.array)
    table, path = table_of(classes), Path(volume.name)
    return replace(
        found,
        source=SlabSource(
            stored.shape, table.dtype, lambda start, stop: table[whole_numbers(stored.read(start, stop), path)]
        ),
    )


def stem(path: Path) -> str:
    """What a label file is called in reports."""
    name = path.resolve().name
    for ending in (".seg.nrrd", ".nii.gz", ".ome.tif", ".ome.tiff", ".ome.zarr", ".zarr"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return Path(name).stem if not path.is_dir() else name


def open_labels(path: Path, options: LoadOptions, stated: Sequence[StatedClass], progress: Progress) -> LabelVolume:
    """Open a label volume: a segmentation, NRRD, NIfTI, MetaImage, TIFF, picture, raw file, or a folder of slices.

    Its voxels stay in the file where they lie there as they are, and are read whenever they are asked for.

    Args:
        path: File or folder.
        options: What the user says of its voxel size and shape.
        stated: What the user says of its classes; empty for what the file says.
        progress: Told while all values are read once.

    Raises:
        InputError: if it cannot be read, holds no labels, or nobody says how large its voxels are.
    """
    stored = open_stored(path, options, progress.part(0.0, 0.3))
    found = count_values(stored.source, path, progress.part(0.3, 0.7))
    absent = absent_of(found, stated)
    classes = classes_of(found, stored.segments, [one for one in stated if one not in absent])
    source = _as_classes(stored.source, classes, found)
    if not stored.is_direct and source.voxels <= preview_limit():
        source = _in_memory(source, progress.part(0.7, 1.0))
    place = stored.place
    notes = (*notes_of(found, classes), *note_of_absent(absent))
    names = tuple(one.name for one in absent)
    return LabelVolume(source, place.ijk_to_ras, place.voxel_size_source, stem(path), classes, notes, absent=names)


def _as_classes(source: SlabSource, classes: Sequence[LabelClass], found: ValueCounts) -> SlabSource:
    """The same voxels, as the classes' values; as they are stored, where these are the same."""
    table = table_of(classes)
    if source.dtype == np.uint8 and all(table[value] == value for value in found.values):
        return source
    return SlabSource(
        source.shape, table.dtype, lambda start, stop: table[whole_numbers(source.read(start, stop), found.path)]
    )


def _in_memory(source: SlabSource, progress: Progress) -> SlabSource:
    """A volume that would be unpacked again and again, unpacked once."""
    array = np.empty(source.shape, source.dtype)
    for slab in source.slabs():
        progress.report(slab.start / source.shape[0], "reading the labels")
        array[slab.start : slab.start + len(slab.array)] = slab.array
    return SlabSource.of_array(array)
