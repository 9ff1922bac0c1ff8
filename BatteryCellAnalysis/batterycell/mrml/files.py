"""Volumes in Slicer's own file formats (NRRD, NIfTI, MetaImage), through Slicer's own storage node."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, OutputError
from batterycell.volume import Volume

SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
# The storage node knows these; it would end the process on some others.
WRITABLE_TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")


def read_volume(path: Path) -> Volume:
    """Read one scalar volume as Slicer reads it, with its type and geometry.

    Args:
        path: A file with one of `SUFFIXES`.

    Returns:
        The volume; its array is the memory that the reader filled, not a copy.

    Raises:
        InputError: if Slicer cannot read one scalar volume from the file.
    """
    from slicer import vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVolumeArchetypeStorageNode

    scene, node, storage = vtkMRMLScene(), vtkMRMLScalarVolumeNode(), vtkMRMLVolumeArchetypeStorageNode()
    scene.AddNode(node)
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    with _quiet_stderr():
        done = storage.ReadData(node)
    if not done or node.GetImageData() is None:
        raise InputError(
            "unreadable-volume",
            f"{path} cannot be read as a grey volume",
            "It is damaged, cut off, not of the type its name says, or holds more than one value a voxel.",
        )
    return Volume(array_of(node), ijk_to_ras_of(node), "file", path.name.split(".")[0])


def write_volume(volume: Volume, path: Path, compress: bool = True) -> None:
    """Write a volume with its type and geometry; the file appears under its name only when it is complete.

    Args:
        volume: Array of one of `WRITABLE_TYPES`, or bool, which becomes uint8.
        path: Where to; its suffix, one of `SUFFIXES`, chooses the format.
        compress: Whether to deflate the voxels.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
            _write(volume, Path(folder) / path.name, compress)
            # MetaImage's .mhd comes with a data file, which must be there first.
            for file in sorted(Path(folder).iterdir(), key=lambda file: file.name == path.name):
                file.replace(path.parent / file.name)
    except OSError as error:
        raise OutputError(
            "unwritable", f"{path} cannot be written: {error.strerror}", "Choose another place."
        ) from error


def _write(volume: Volume, path: Path, compress: bool) -> None:
    from slicer import vtkMRMLScene, vtkMRMLVolumeArchetypeStorageNode

    scene, storage, node = vtkMRMLScene(), vtkMRMLVolumeArchetypeStorageNode(), node_of(volume)
    scene.AddNode(node)
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    storage.SetUseCompression(compress)
    with _quiet_stderr():
        done = storage.WriteData(node)
    if not done:
        raise OutputError("unwritable", f"{path.name} cannot be written", f"Use one of {', '.join(SUFFIXES)}.")


def node_of(volume: Volume) -> Any:
    """A scalar volume node, in no scene yet, that shares the volume's memory.

    Raises:
        OutputError: if Slicer has no such voxel type.
    """
    from slicer import vtkMRMLScalarVolumeNode
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    array = volume.array.view(np.uint8) if volume.array.dtype == bool else volume.array
    if array.dtype.name not in WRITABLE_TYPES:
        raise OutputError("unwritable-type", f"Slicer has no volumes of type {array.dtype}", "Convert it to float32.")
    image, node = vtkImageData(), vtkMRMLScalarVolumeNode()
    image.SetDimensions(*reversed(array.shape))
    image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(array).ravel()))
    node.SetName(volume.name)
    node.SetAndObserveImageData(image)
    node.SetIJKToRASMatrix(_matrix(volume.ijk_to_ras))
    return node


def array_of(node: Any) -> NDArray[Any]:
    """The voxels of a scalar volume node, shape (k, j, i); a view of the node's memory."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    image = node.GetImageData()
    voxels = vtk_to_numpy(image.GetPointData().GetScalars())
    return np.asarray(voxels).reshape(tuple(reversed(image.GetDimensions())))


def ijk_to_ras_of(node: Any) -> NDArray[np.float64]:
    """The geometry of a volume node, shape (4, 4), in mm."""
    matrix = _matrix(np.eye(4))
    node.GetIJKToRASMatrix(matrix)
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _matrix(values: NDArray[np.float64]) -> Any:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    matrix.DeepCopy(np.asarray(values, float).ravel().tolist())
    return matrix


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ITK and VTK write to the process's stderr; people get one line from us instead."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
