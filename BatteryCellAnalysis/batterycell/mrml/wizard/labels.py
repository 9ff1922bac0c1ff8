"""The labels of an image: 0 where nothing is painted, n + 1 where class n is; read and written in blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.segments import Segment, write_segments
from batterycell.mrml.cell import role_of, volume_node_of, volume_of
from batterycell.mrml.names import name_of
from batterycell.volume import Volume

from .class_segments import ROLE
from .classes import class_ids
from .layers import layers_of, write_voxels
from .region import Places, Region
from .segments import look_of, segment_ids

Codes = NDArray[np.uint8]


def read_labels(labels_node: Any, region: Region | None = None) -> Volume:
    """The labels of an image, or of a block of its voxels.

    Args:
        labels_node: As of `classes.ensure_labels`, or a prediction of `results`.
        region: The voxels; None for all of the image.

    Returns:
        uint8, in its place in the image.

    Raises:
        InputError: if segments overlap there.
    """
    image = volume_of(volume_node_of(labels_node))
    region = region or Region.of(image)
    cropped = region.crop(image)
    return Volume(read_codes(labels_node, region), cropped.ijk_to_ras, cropped.voxel_size_source, image.name)


def read_codes(labels_node: Any, where: Region | Places, later_wins: bool = False) -> Codes:
    """The labels of some voxels of an image.

    Args:
        labels_node: As of `read_labels`.
        where: A block of voxels, or single ones, shape (3, ...); outside the image they are unknown.
        later_wins: Whether the later class of the order is read where segments overlap.

    Returns:
        Shape of the block, or (...).

    Raises:
        InputError: if segments overlap there, unless the later one wins.
    """
    codes, twice = _read(labels_node, where)
    if twice and not later_wins:
        raise _overlap(labels_node, twice)
    return codes


def write_codes(labels_node: Any, codes: Codes, where: Region | Places) -> None:
    """Write labels into voxels of an image; 0 clears.

    Args:
        labels_node: As of `read_labels`.
        codes: Shape of the block, or (n,).
        where: A block of voxels, or single ones, shape (3, n).
    """
    write_voxels(labels_node, codes, where, label_ids(labels_node))


def write_labels_file(labels_node: Any, path: Path) -> None:
    """Write the labels of an image for a worker, as a segmentation with their names and colours.

    Args:
        labels_node: As of `read_labels`.
        path: Where to, ``.seg.nrrd``.

    Raises:
        InputError: if segments overlap.
        OutputError: if it cannot be written.
    """
    ids = label_ids(labels_node)
    segments = [Segment(*look_of(labels_node, one), value) for value, one in enumerate(ids, 1)]
    write_segments(read_labels(labels_node), segments, path)


def label_ids(labels_node: Any) -> list[str]:
    """The id of the segment that each label means, from 1: the project's classes, or a prediction's own."""
    return class_ids(labels_node.GetScene()) if role_of(labels_node) == ROLE else segment_ids(labels_node)


def painted_outside(labels_node: Any) -> int:
    """Painted voxels that lie outside the image."""
    whole = Region.of(volume_of(volume_node_of(labels_node)))
    count = 0
    for layer in layers_of(labels_node):
        if layer.region and layer.region.common(whole) != layer.region:
            inside = layer.part(whole)
            count += np.count_nonzero(layer.array) - (np.count_nonzero(inside[1]) if inside else 0)
    return int(count)


def overlaps_in(labels_node: Any, region: Region | None = None) -> dict[tuple[str, str], int]:
    """Voxels in which two classes are painted over each other, by the classes' names."""
    region = region or Region.of(volume_of(volume_node_of(labels_node)))
    return _read(labels_node, region)[1]


def resolve_overlaps(labels_node: Any) -> int:
    """Let the later class of the order win wherever classes are painted over each other.

    Returns:
        The voxels that lost a class.
    """
    whole = Region.of(volume_of(volume_node_of(labels_node)))
    codes, twice = _read(labels_node, whole)
    if twice:
        write_codes(labels_node, codes, whole)
    return sum(twice.values())


def _read(labels_node: Any, where: Region | Places) -> tuple[Codes, dict[tuple[str, str], int]]:
    """Labels, the later class over the earlier; and how often two met, by their names."""
    ids = label_ids(labels_node)
    codes = np.zeros(where.shape if isinstance(where, Region) else where.shape[1:], np.uint8)
    twice: dict[tuple[str, str], int] = {}
    for layer in layers_of(labels_node):
        part = layer.part(where)
        if part is None:
            continue
        place, array = part
        before, values = codes[place], _table(layer.values, ids, array)[array]
        for (one, other), count in (_met(before, values) if before.any() else {}).items():
            twice[look_of(labels_node, ids[one - 1])[0], look_of(labels_node, ids[other - 1])[0]] = count
        codes[place] = np.maximum(before, values)
    return codes, twice


def _met(first: Codes, second: Codes) -> dict[tuple[int, int], int]:
    """How often two labels lie on the same voxel."""
    both = (first > 0) & (second > 0)
    pairs = first[both].astype(int) * 256 + second[both]
    values, counts = np.unique(pairs, return_counts=True)
    return {divmod(pair, 256): count for pair, count in zip(values.tolist(), counts.tolist(), strict=True)}


def _table(values: dict[str, int], ids: list[str], array: NDArray[Any]) -> Codes:
    """The label of each value of a layer; of values that no class has, unknown."""
    most = int(array.max(initial=0))
    table = np.zeros(most + 1, np.uint8)
    for segment_id, value in values.items():
        if segment_id in ids and 0 < value <= most:
            table[value] = ids.index(segment_id) + 1
    return table


def _overlap(labels_node: Any, twice: dict[tuple[str, str], int]) -> InputError:
    (one, other), count = max(twice.items(), key=lambda item: item[1])
    image = name_of(volume_node_of(labels_node))
    message = f"In {image}, {one} and {other} are painted over each other in {count} pixels."
    return InputError("segments-overlap", message, "Let the later class win, or paint again without overlap.")
