"""Labels of a scene to find objects in: a segmentation or a label volume, its classes, its voxels for a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.exchange import write_voxels
from batterycell.io.label_classes import LARGEST_VALUE, LabelClass, parse_classes
from batterycell.io.label_values import ValueCounts, classes_of, whole_numbers
from batterycell.io.segments import Segment
from batterycell.volume import Volume

from .cell import volume_node_of, volume_of
from .names import name_of
from .object_layers import layers_on, reference_grid
from .volumes import volume_from_node
from .wizard.segments import to_hex

_COUNTED = "_batterycell_counts"
# Of voxels that are said to be the same.
_SAME_PLACE = 0.5
_STEP_VOXELS = 1 << 20


def is_segmentation(labels_node: Any) -> bool:
    """Whether labels are segments, not a volume."""
    return bool(labels_node.IsA("vtkMRMLSegmentationNode"))


def labels_grid(labels_node: Any) -> Volume:
    """The grid of labels as a volume; that of a segmentation has no voxels of its own.

    Raises:
        InputError: if there is none.
    """
    if not is_segmentation(labels_node):
        return volume_of(labels_node)
    owner = volume_node_of(labels_node)
    if owner is not None:
        image = volume_of(owner)
        return Volume(_no_voxels(image.array.shape), image.ijk_to_ras, image.voxel_size_source, name_of(labels_node))
    shape, matrix = reference_grid(labels_node)
    return Volume(_no_voxels(shape), matrix, "Slicer segmentation node", name_of(labels_node))


def count_labels(labels_node: Any) -> Iterator[ValueCounts | None]:
    """How often each value occurs in labels, in steps of some milliseconds; of a segmentation only which may.

    Yields:
        None until it is known, then the counts.

    Raises:
        InputError: if a volume holds no labels.
    """
    path = Path(name_of(labels_node))
    counts = np.zeros(LARGEST_VALUE + 1, np.int64)
    if is_segmentation(labels_node):
        counts[: labels_node.GetSegmentation().GetNumberOfSegments() + 1] = 1
        yield ValueCounts(path, counts)
        return
    array, scalars = volume_from_node(labels_node).array, labels_node.GetImageData().GetPointData().GetScalars()
    changed = scalars.GetMTime()
    known = getattr(scalars, _COUNTED, None)
    if known is None or known[0] != changed:
        for part in _parts(array):
            found = np.bincount(whole_numbers(part, path))
            counts[: len(found)] += found
            yield None
        known = (changed, ValueCounts(path, counts))
        setattr(scalars, _COUNTED, known)
    yield known[1]


def classes_in(labels_node: Any, counts: ValueCounts, words: str = "") -> tuple[LabelClass, ...]:
    """What the values of labels mean: as stated, else as segments or a colour table name them.

    Args:
        labels_node: The segmentation or label volume.
        counts: Of `count_labels`.
        words: What somebody says, as of `io.label_classes.parse_classes`; empty for nothing.

    Raises:
        InputError: if there are no classes, or too many.
        UsageError: if the words are no classes.
    """
    return classes_of(counts, _named(labels_node, counts), parse_classes(words) if words.strip() else ())


def check_image(labels_node: Any, image_node: Any) -> None:
    """See that grey values lie on the grid of labels.

    Raises:
        InputError: if they do not.
    """
    labels, image = labels_grid(labels_node), volume_of(image_node)
    if labels.array.shape != image.array.shape:
        sizes = [" × ".join(map(str, one.array.shape)) for one in (image, labels)]
        message = f"{image.name} has {sizes[0]} voxels (z, y, x), the labels {labels.name} have {sizes[1]}."
        raise InputError("sizes-differ", message, "Choose the image from which the labels were made.")
    corners = np.array([[0, 0, 0], np.array(labels.array.shape[::-1]) - 1])
    off = float(np.abs(labels.to_ijk(image.to_ras(corners)) - corners).max())
    if off > _SAME_PLACE:
        message = f"{image.name} lies {off:.3g} voxels off the labels {labels.name}."
        raise InputError("places-differ", message, "Resample it to the labels' grid, or choose their own image.")


def write_labels(labels_node: Any, path: Path) -> Iterator[float]:
    """Write the labels of a segmentation as a ``.npy`` file in steps, as `io.exchange.write_voxels` does.

    Where segments overlap, the later one counts.

    Yields:
        What fraction is written.
    """
    grid = labels_grid(labels_node)
    segmentation = labels_node.GetSegmentation()
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    shape = grid.array.shape
    array: NDArray[Any] = np.zeros(shape, np.uint8 if len(ids) < 256 else np.uint16)
    layers = list(layers_on(labels_node, grid))
    depth = max(1, _STEP_VOXELS // max(1, shape[1] * shape[2]))
    for start in range(0, shape[0], depth):
        for layer in layers:
            layer.put_into(array, start, min(start + depth, shape[0]), ids)
        yield 0.5 * start / shape[0]
    yield from (0.5 + 0.5 * share for share in write_voxels(array, path))


def _named(labels_node: Any, counts: ValueCounts) -> tuple[Segment, ...]:
    """Names of values: those of segments, or of a colour table that somebody made."""
    if is_segmentation(labels_node):
        segmentation = labels_node.GetSegmentation()
        segments = [segmentation.GetNthSegment(n) for n in range(segmentation.GetNumberOfSegments())]
        named = [(one.GetName() or f"segment {n + 1}", to_hex(one.GetColor())) for n, one in enumerate(segments)]
        return tuple(Segment(name, color, n + 1) for n, (name, color) in enumerate(named))
    display = labels_node.GetDisplayNode()
    table = display.GetColorNode() if display and labels_node.IsA("vtkMRMLLabelMapVolumeNode") else None
    # Slicer's own tables name every number, and mean nothing by it.
    if table is None or not table.IsA("vtkMRMLColorTableNode") or table.GetType() not in (table.User, table.File):
        return ()
    values = [value for value in counts.values if value < table.GetNumberOfColors() and table.GetColorName(value)]
    return tuple(Segment(table.GetColorName(value), _color(table, value), value) for value in values)


def _color(table: Any, value: int) -> str:
    rgba = [0.0, 0.0, 0.0, 0.0]
    table.GetColor(value, rgba)
    return to_hex(rgba[:3])


def _parts(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    flat = array.reshape(-1)
    return (flat[start : start + _STEP_VOXELS] for start in range(0, flat.size, _STEP_VOXELS))


def _no_voxels(shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of a shape that takes no memory."""
    return np.broadcast_to(np.zeros((), np.uint8), shape)
