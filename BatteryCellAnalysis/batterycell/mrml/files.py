"""Volumes in Slicer's own file formats (NRRD, NIfTI, MetaImage), through Slicer's own storage node."""

from __future__ import annotations

import importlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, OutputError
from batterycell.volume import Volume

from .quiet import quiet_stderr, quiet_vtk
from .volumes import add_volume, matrix_of, to_vtk_matrix, volume_from_node

SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")


def read_volume(path: Path) -> Volume:
    """Read one scalar volume as Slicer's desktop reads it, with its type and geometry.

    Args:
        path: A file with one of `SUFFIXES`. Slicer takes a length without a unit for millimetres.

    Returns:
        The volume; its array is the memory that the reader filled, not a copy.

    Raises:
        InputError: if Slicer cannot read one scalar volume from the file.
    """
    from slicer import vtkMRMLScene, vtkMRMLVolumeArchetypeStorageNode

    scene, storage = vtkMRMLScene(), vtkMRMLVolumeArchetypeStorageNode()
    scene.AddNode(storage)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", path.stem.removesuffix(".nii"))
    storage.SetFileName(str(path))
    storage.SetSingleFile(1)  # else files whose names count on are taken for its slices
    with quiet_stderr():
        done = storage.ReadData(node)
    if not done:
        raise _unreadable(path)
    return replace(volume_from_node(node), voxel_size_source="file")


def read_grid(path: Path) -> tuple[tuple[int, ...], np.dtype[Any], NDArray[np.float64]]:
    """What the header of a file says, without reading its voxels.

    Args:
        path: A file with one of `SUFFIXES`.

    Returns:
        Shape (k, j, i), voxel type, and the matrix (4, 4) from (i, j, k) to RAS mm, as `read_volume` would give them.

    Raises:
        InputError: if it is not the header of one scalar volume.
    """
    reader = _header_reader(path)
    with quiet_stderr():
        reader.UpdateInformation()
    if reader.GetErrorCode() or reader.GetNumberOfComponents() != 1:
        raise _unreadable(path)
    return _shape(reader), _dtype(reader), _ijk_to_ras(reader)


def read_layers(path: Path) -> tuple[NDArray[Any], NDArray[np.float64], dict[str, str]]:
    """Read an NRRD file with its own fields, also one with several values a voxel, as segmentations are stored.

    Returns:
        Values, shape (layers, k, j, i); the matrix (4, 4) from (i, j, k) to RAS mm; the ``key:=value`` fields.

    Raises:
        InputError: if it cannot be read.
    """
    from vtkmodules.util.numpy_support import vtk_to_numpy

    reader = _nrrd_class("Reader")
    reader.SetFileName(str(path))
    with quiet_stderr(), quiet_vtk():
        reader.Update()
    values = reader.GetOutput().GetPointData().GetArray(0)
    if reader.GetReadStatus() or reader.GetErrorCode() or values is None:
        raise _unreadable(path)
    columns, rows, slices = reader.GetOutput().GetDimensions()
    array = vtk_to_numpy(values).reshape(slices, rows, columns, -1)
    fields = {key: str(reader.GetHeaderValue(key)) for key in reader.GetHeaderKeysVector()}
    return np.moveaxis(array, -1, 0).copy(), _ijk_to_ras(reader), fields


def write_with_fields(volume: Volume, path: Path, fields: dict[str, str]) -> None:
    """Write a compressed NRRD file with ``key:=value`` fields of its own, such as the segments of a segmentation.

    Raises:
        OutputError: if it cannot be written.
    """
    scratch = add_volume(_scene(), volume, volume.name, window=(0.0, 1.0))  # a window costs time to find
    writer = _nrrd_class("Writer")
    writer.SetFileName(str(path))
    writer.SetInputData(scratch.GetImageData())
    writer.SetIJKToRASMatrix(to_vtk_matrix(volume.ijk_to_ras))
    for key, value in fields.items():
        writer.SetAttribute(key, value)
    with quiet_stderr(), quiet_vtk():
        writer.Write()
    if writer.GetWriteError() or not path.exists():
        hint = "See that there is room and that you may write there."
        raise OutputError("unwritable", f"{path} cannot be written.", hint)


def write_volume(volume: Volume, path: Path, compress: bool = True) -> None:
    """Write a volume with its type and geometry; the file appears under its name only when it is complete.

    Args:
        volume: What to write; types that Slicer does not know are converted as in `add_volume`.
        path: Where to; its suffix, one of `SUFFIXES`, chooses the format.
        compress: Whether to deflate the voxels.

    Raises:
        OutputError: if it cannot be written.
    """
    if not path.name.lower().endswith(SUFFIXES):
        raise OutputError("unwritable", f"{path.name} cannot be written.", f"Use one of {', '.join(SUFFIXES)}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
            _write(volume, Path(folder) / path.name, compress)
            # MetaImage's .mhd comes with a data file, which must be there first.
            for file in sorted(Path(folder).iterdir(), key=lambda file: file.name == path.name):
                file.replace(path.parent / file.name)
    except OSError as error:
        raise OutputError(
            "unwritable",
            f"{path} cannot be written: {error.strerror or error}.",
            "See that there is room and that you may write there.",
        ) from error


def _scene() -> Any:
    from slicer import vtkMRMLScene

    return vtkMRMLScene()


def _nrrd_class(kind: str) -> Any:
    """Slicer's own reader or writer of NRRD files, which the application may know by another name."""
    import slicer

    name = f"vtkTeemNRRD{kind}"
    home = slicer if hasattr(slicer, name) else importlib.import_module("vtkTeem")
    return getattr(home, name)()


def _header_reader(path: Path) -> Any:
    try:
        from vtkITK import vtkITKArchetypeImageSeriesScalarReader  # the application's name of it
    except ImportError:
        from slicer import vtkITKArchetypeImageSeriesScalarReader

    reader = vtkITKArchetypeImageSeriesScalarReader()
    reader.SetArchetype(str(path))
    reader.SetSingleFile(1)
    reader.SetOutputScalarTypeToNative()
    reader.SetDesiredCoordinateOrientationToNative()
    reader.SetUseNativeOriginOn()
    return reader


def _shape(reader: Any) -> tuple[int, ...]:
    from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline

    extent = reader.GetOutputInformation(0).Get(vtkStreamingDemandDrivenPipeline.WHOLE_EXTENT())
    return tuple(extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0))


def _dtype(reader: Any) -> np.dtype[Any]:
    from vtkmodules.util.numpy_support import get_vtk_to_numpy_typemap

    dtype: np.dtype[Any] = np.dtype(get_vtk_to_numpy_typemap()[reader.GetOutputScalarType()])
    return dtype


def _ijk_to_ras(reader: Any) -> NDArray[np.float64]:
    """The matrix as a volume node tells it that is given the reader's, to the bit: then tables are the same, too."""
    from slicer import vtkMRMLScalarVolumeNode

    node = vtkMRMLScalarVolumeNode()
    node.SetRASToIJKMatrix(reader.GetRasToIjkMatrix())
    return matrix_of(node)


def _unreadable(path: Path) -> InputError:
    return InputError(
        "volume-unreadable",
        f"{path} cannot be read as a grey volume.",
        "It is damaged, cut off, not of the type its name says, or holds more than one value a voxel.",
    )


def _write(volume: Volume, path: Path, compress: bool) -> None:
    from slicer import vtkMRMLScene, vtkMRMLVolumeArchetypeStorageNode

    scene, storage = vtkMRMLScene(), vtkMRMLVolumeArchetypeStorageNode()
    scene.AddNode(storage)
    node = add_volume(scene, volume, volume.name)
    _make_writable(node.GetImageData().GetPointData())
    storage.SetFileName(str(path))
    storage.SetUseCompression(compress)
    with quiet_stderr():
        done = storage.WriteData(node)
    if not done:
        raise OSError("writing stopped")


def _make_writable(point_data: Any) -> None:
    """Slicer's writers know ``char`` but not ``signed char``, which is what NumPy's int8 becomes."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.util.vtkConstants import VTK_CHAR, VTK_SIGNED_CHAR

    voxels = point_data.GetScalars()
    if voxels.GetDataType() == VTK_SIGNED_CHAR:
        point_data.SetScalars(numpy_to_vtk(vtk_to_numpy(voxels), array_type=VTK_CHAR))
