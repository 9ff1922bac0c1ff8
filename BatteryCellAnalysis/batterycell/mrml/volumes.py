"""Volumes in and out of a scene."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

from .names import name_of, set_name

# Grey values outside these percentiles are air's noise below, and metal's glare above.
_WINDOW_PERCENTILES = (0.5, 99.7)
_SAMPLES = 2_000_000
_FETCHED_BYTES = 250_000_000


def add_volume(scene: Any, volume: Volume, name: str, window: tuple[float, float] | None = None) -> Any:
    """Add a volume to a scene, with a window that metal does not upset.

    The node shares the array's memory where Slicer knows its type; bool, float16, 64-bit integers and foreign byte
    orders are converted.

    Args:
        scene: Where to.
        volume: What to add.
        name: The node's name.
        window: Lowest and highest grey value to show; None for `window_range`.

    Returns:
        The new ``vtkMRMLScalarVolumeNode``.
    """
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    set_name(node, name)
    node.SetIJKToRASMatrix(to_vtk_matrix(volume.ijk_to_ras))
    node.SetAndObserveImageData(to_image(storable(volume.array)))
    node.SetAndObserveDisplayNodeID(_add_display(scene, window or window_range(volume.array)).GetID())
    return node


def volume_from_node(node: Any) -> Volume:
    """The volume of a ``vtkMRMLScalarVolumeNode``, sharing its memory.

    The geometry is the node's own: a transform the node stands under counts only once it is hardened.

    Raises:
        InputError: if the node holds no image, or vectors or colours instead of grey values.
    """
    image = node.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        raise InputError("volume-empty", f"The volume {node.GetName()} holds no image.", "Choose another volume.")
    if image.GetNumberOfScalarComponents() != 1:
        raise InputError(
            "volume-not-grey",
            f"The volume {node.GetName()} holds {image.GetNumberOfScalarComponents()} values a voxel, not one.",
            "Convert it to a scalar volume first (module Vector to Scalar Volume).",
        )
    return Volume(_array(image), matrix_of(node), "Slicer volume node", name_of(node))


def matrix_of(node: Any) -> NDArray[np.float64]:
    """The geometry (4, 4) of a volume node, from (i, j, k) to its own RAS mm."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return from_vtk_matrix(matrix)


def window_range(array: NDArray[Any]) -> tuple[float, float]:
    """Lowest and highest grey value to show, from percentiles of a sample of finite voxels."""
    sample = _some(array)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(sample, _WINDOW_PERCENTILES))
    return (low, high) if high > low else (low, low + 1.0)


def _some(array: NDArray[Any]) -> NDArray[np.float32]:
    """Voxels from everywhere: a stride that a row's length is a multiple of would meet a few columns only.

    Of an array that may lie in a file, some slices, so that not all of it is fetched.
    """
    slices = array[:: max(1, array.nbytes // _FETCHED_BYTES)]
    stride = max(1, slices.size // _SAMPLES)
    while math.gcd(stride, array.shape[-1]) > 1:
        stride += 1
    parts = [array] if len(slices) == len(array) else slices
    return np.concatenate([part.reshape(-1)[::stride] for part in parts]).astype(np.float32)


def storable(array: NDArray[Any]) -> NDArray[Any]:
    """The array in a type Slicer's images and files know, contiguous and in the machine's byte order.

    Raises:
        InputError: if the values are no numbers.
    """
    if array.dtype.kind not in "buif":
        raise InputError("volume-type", f"Voxels of type {array.dtype} are no grey values.", "Use numbers.")
    return np.ascontiguousarray(array, _storable_type(array))


def to_vtk_matrix(matrix: NDArray[np.float64]) -> Any:
    """A ``vtkMatrix4x4`` of a (4, 4) array."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    result = vtkMatrix4x4()
    result.DeepCopy(np.asarray(matrix, float).ravel().tolist())
    return result


def from_vtk_matrix(matrix: Any) -> NDArray[np.float64]:
    """An array (4, 4) of a ``vtkMatrix4x4``."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _add_display(scene: Any, window: tuple[float, float]) -> Any:
    """A display node that has its window before it sees an image: else Slicer counts all grey values to find one."""
    display = scene.CreateNodeByClass("vtkMRMLScalarVolumeDisplayNode")
    display.UnRegister(None)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(*window)
    scene.AddNode(display)
    display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
    return display


def _storable_type(array: NDArray[Any]) -> np.dtype[Any]:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        return np.dtype(np.uint8)
    if kind == "f":
        return np.dtype(np.float32 if size <= 4 else np.float64)
    if size == 8:
        return np.dtype(np.int32 if _fits(array, np.int32) else np.float64)
    native: np.dtype[Any] = array.dtype.newbyteorder("=")
    return native


def _fits(array: NDArray[Any], dtype: type[np.integer[Any]]) -> bool:
    limits = np.iinfo(dtype)
    return array.size == 0 or bool(array.min() >= limits.min and array.max() <= limits.max)


def to_image(array: NDArray[Any]) -> Any:
    """A ``vtkImageData`` that shares the memory of an array (k, j, i) of a `storable` type."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions(*reversed(array.shape))
    scalars = numpy_to_vtk(array.reshape(-1), deep=False)
    scalars.SetName("ImageScalars")
    image.GetPointData().SetScalars(scalars)
    return image


def _array(image: Any) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    columns, rows, slices = image.GetDimensions()
    return np.asarray(vtk_to_numpy(image.GetPointData().GetScalars())).reshape(slices, rows, columns)
