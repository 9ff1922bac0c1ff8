"""Where objects are: their voxels in a scene, the object under a place, and a place inside an object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.result import ObjectsResult
from batterycell.tables import Table

from .mapped import keep_voxels
from .points import place_of_row
from .volumes import matrix_of, storable, to_image, to_vtk_matrix, volume_from_node

_FIRST, _LAST = ("k_min", "j_min", "i_min"), ("k_max", "j_max", "i_max")
# A larger box is not searched: that would hold the window.
_MOST_VOXELS = 1 << 24


def put_grid(objects_node: Any, result: ObjectsResult, folder: Path | None) -> None:
    """Give a label volume node the grid of labels, and the voxels of their objects where there are any.

    Args:
        objects_node: The ``vtkMRMLLabelMapVolumeNode``.
        result: The objects; their array's memory is shared.
        folder: Holds the file that the array maps; it goes when the image goes.
    """
    objects_node.SetIJKToRASMatrix(to_vtk_matrix(result.labels.ijk_to_ras))
    if result.instances is None:
        objects_node.SetAndObserveImageData(None)
        return
    objects_node.SetAndObserveImageData(to_image(storable(result.instances.array)))
    if folder is not None:
        keep_voxels(objects_node, _file_of(result.instances.array), folder)


def voxel_at(objects_node: Any, world: ArrayLike) -> tuple[int, int, int]:
    """The voxel (i, j, k) at a place, RAS mm as the views show it; also outside the volume."""
    own = [0.0, 0.0, 0.0]
    objects_node.TransformPointFromWorld(np.asarray(world, float).tolist(), own)
    return _voxel(objects_node, own)


def object_at(objects_node: Any, world: ArrayLike) -> int:
    """Number of the object under a place, RAS mm as the views show it; 0 where there is none."""
    if objects_node.GetImageData() is None:
        return 0
    return _value_at(objects_node, voxel_at(objects_node, world))


def place_in_object(objects_node: Any, table: Table, number: int) -> tuple[float, float, float] | None:
    """A place in an object, in the volume's own RAS mm: its centroid, or the voxel of it that lies nearest to that.

    Args:
        objects_node: The label volume.
        table: One row an object.
        number: The object.

    Returns:
        None where the table does not say where it is.
    """
    centroid = place_of_row(table, number - 1)
    if (
        centroid is None
        or objects_node.GetImageData() is None
        or _value_at(objects_node, _voxel(objects_node, centroid)) == number
    ):
        return centroid
    inside = _voxels_of(objects_node, table, number)
    if not len(inside):
        return centroid
    matrix = matrix_of(objects_node)
    places = inside[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]
    r, a, s = places[np.argmin(np.square(places - centroid).sum(axis=1))].tolist()
    return r, a, s


def _voxels_of(objects_node: Any, table: Table, number: int) -> NDArray[np.int64]:
    """Voxels (k, j, i) of an object, shape (n, 3); none where its box is unknown or too large to be searched."""
    if not {*_FIRST, *_LAST} <= set(table.data):
        return np.zeros((0, 3), np.int64)
    low, high = (np.array([table[name][number - 1] for name in names], int) for names in (_FIRST, _LAST))
    if np.prod(high + 1 - low) > _MOST_VOXELS:
        return np.zeros((0, 3), np.int64)
    box = tuple(slice(*pair) for pair in zip(low, high + 1, strict=True))
    return np.asarray(np.argwhere(volume_from_node(objects_node).array[box] == number) + low)


def _voxel(objects_node: Any, ras: ArrayLike) -> tuple[int, int, int]:
    ijk = np.linalg.inv(matrix_of(objects_node)) @ [*np.asarray(ras, float), 1.0]
    i, j, k = np.rint(ijk[:3]).astype(int).tolist()
    return i, j, k


def _value_at(objects_node: Any, voxel: tuple[int, int, int]) -> int:
    array, place = volume_from_node(objects_node).array, voxel[::-1]
    is_inside = all(0 <= n < size for n, size in zip(place, array.shape, strict=True))
    return int(array[place]) if is_inside else 0


def _file_of(array: NDArray[Any]) -> Path:
    """The file that an array maps."""
    mapped: Any = array
    while not isinstance(mapped, np.memmap):
        mapped = mapped.base
    return Path(str(mapped.filename))
