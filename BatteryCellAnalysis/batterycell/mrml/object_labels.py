"""Labels of a scene to find objects in: a segmentation or a label volume, its classes, its voxels for a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.exchange import write_voxels
from batterycell.io.label_classes import LARGEST_VALUE, LabelClass, class_color, with_colors
from batterycell.volume import Volume

from .cell import volume_node_of, volume_of
from .names import name_of
from .object_layers import layers_on, reference_grid
from .volumes import matrix_of, volume_from_node

# More classes than anybody tells apart: grey values, or objects that were numbered already.
_MOST_CLASSES = 255
_VALUES = "BatteryCell.LabelValues"
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


def classes_of_segments(segmentation_node: Any) -> tuple[LabelClass, ...]:
    """The segments of a segmentation as classes, from 1 in their order."""
    segmentation = segmentation_node.GetSegmentation()
    segments = [segmentation.GetNthSegment(n) for n in range(segmentation.GetNumberOfSegments())]
    named = [(one.GetName() or f"segment {n + 1}", _hex(one.GetColor())) for n, one in enumerate(segments)]
    return tuple(LabelClass(n + 1, name, color, n + 1) for n, (name, color) in enumerate(named))


def find_values(volume_node: Any) -> Iterator[tuple[int, ...] | None]:
    """The values of a label volume's voxels without 0, in steps of some milliseconds.

    Yields:
        None until they are known, then the values.

    Raises:
        InputError: if the volume holds no labels.
    """
    array = volume_from_node(volume_node).array
    known, state = json.loads(volume_node.GetAttribute(_VALUES) or "[[], -1]"), _state(volume_node)
    if known[1] != state:
        found: set[int] = set()
        for part in _parts(array):
            found |= _values(part, name_of(volume_node))
            yield None
        known = [sorted(found - {0}), state]
        volume_node.SetAttribute(_VALUES, json.dumps(known))
    yield tuple(known[0])


def classes_of_values(volume_node: Any, values: tuple[int, ...]) -> tuple[LabelClass, ...]:
    """Classes of a label volume, with the names and colours that its colour table has for them."""
    display = volume_node.GetDisplayNode()
    table = display.GetColorNode() if display and volume_node.IsA("vtkMRMLLabelMapVolumeNode") else None
    return with_colors([_class(table, value, n) for n, value in enumerate(values)])


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


def _class(table: Any, value: int, number: int) -> LabelClass:
    name, color = f"class {value}", class_color("", number)
    if table is not None and 0 < value < table.GetNumberOfColors() and table.GetColorName(value):
        rgba = [0.0, 0.0, 0.0, 0.0]
        table.GetColor(value, rgba)
        # Slicer's own tables name every number, and mean nothing by it.
        is_own = table.GetType() in (table.User, table.File)
        name, color = (table.GetColorName(value) if is_own else name), _hex(rgba[:3])
    return LabelClass(value, name, color, value)


def _parts(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    flat = array.reshape(-1)
    return (flat[start : start + _STEP_VOXELS] for start in range(0, flat.size, _STEP_VOXELS))


def _values(part: NDArray[Any], name: str) -> set[int]:
    hint = "Choose a segmentation, or a volume with one whole number a class."
    if part.dtype.kind == "f" and not np.array_equal(part, np.rint(part)):
        raise InputError("labels-float", f"{name} holds numbers with fractions, not labels.", hint)
    low, high = int(part.min()), int(part.max())
    if low < 0 or high > LARGEST_VALUE:
        value = low if low < 0 else high
        raise InputError("labels-range", f"{name} holds the value {value}: no class has it.", hint)
    found = set(np.flatnonzero(np.bincount(part.astype(np.uint16, copy=False))).tolist())
    if len(found) > _MOST_CLASSES:
        raise InputError("labels-many", f"{name} holds more than {_MOST_CLASSES} values: these are no classes.", hint)
    return found


def _state(volume_node: Any) -> int:
    return int(volume_node.GetImageData().GetPointData().GetScalars().GetMTime())


def _no_voxels(shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of a shape that takes no memory."""
    return np.broadcast_to(np.zeros((), np.uint8), shape)


def _hex(color: Any) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02X}" for part in color)


def grid_matrix(labels_node: Any) -> NDArray[np.float64]:
    """The geometry (4, 4) of labels, from (i, j, k) to their own RAS mm."""
    return labels_grid(labels_node).ijk_to_ras if is_segmentation(labels_node) else matrix_of(labels_node)
