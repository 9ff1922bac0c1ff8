"""A scene on disk in small steps, so that a window lives on between them.

Slicer's own saving writes everything in one go, compresses, and notes in the scene that it was saved: a snapshot does
none of that. It is an ``.mrml`` with a folder ``Data`` beside it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import OutputError
from batterycell.file_names import file_stem

from .cell import role_of
from .nodes import nodes_of
from .quiet import quiet_stderr, quiet_vtk
from .raw_nrrd import write_raw_nrrd
from .snapshot_xml import Stored, write_xml
from .tables import stored_text, table_from_node

SCENE_FILE = "scene.mrml"
DATA_FOLDER = "Data"
_ROWS = 2_000  # of a table written in one step


def write_snapshot(scene: Any, folder: Path) -> Generator[float, None, list[str]]:
    """Write a scene into an existing, empty folder, step by step; the scene itself is left untouched.

    Args:
        scene: Any scene, with or without an application. What is removed from it meanwhile is left out.
        folder: Becomes ``scene.mrml`` and ``Data``.

    Yields:
        The share that is done, after each step. No step takes long, except for nodes with much data that are no
        scalar volumes.

    Returns:
        Names of nodes whose data Slicer could not write.

    Raises:
        OutputError: if the folder cannot be written.
    """
    stored: list[Stored] = []
    try:
        (folder / DATA_FOLDER).mkdir()
        yield from _write_nodes([node for node in nodes_of(scene) if _has_data(node)], folder, stored)
        write_xml(scene, stored, folder / SCENE_FILE)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror or error}."
        raise OutputError("scene-unwritable", message, "Is there room, and may you write there?") from error
    yield 1.0
    return [item.name for item in stored if item.storage is None]


def _write_nodes(nodes: list[Any], folder: Path, stored: list[Stored]) -> Iterator[float]:
    sizes = np.array([_size(node) for node in nodes])
    for index, node in enumerate(nodes):
        if node.GetScene() is None:
            continue
        storage = _new_storage(node)
        file = f"{DATA_FOLDER}/{file_stem(str(index), node.GetName() or '')}.{_suffix(node, storage)}"
        for share in _write_data(node, storage, folder / file):
            yield float((sizes[:index].sum() + share * sizes[index]) / sizes.sum())
        written = (folder / file).exists()
        stored.append(Stored(node.GetID(), node.GetName(), storage if written else None, file))


def _has_data(node: Any) -> bool:
    if not (node.IsA("vtkMRMLStorableNode") and node.GetSaveWithScene() and node.GetDefaultStorageNodeClassName("")):
        return False
    return not node.IsA("vtkMRMLVolumeNode") or node.GetImageData() is not None


def _size(node: Any) -> float:
    """About how many bytes a node's data have."""
    return float(node.GetImageData().GetActualMemorySize() * 1024) if node.IsA("vtkMRMLVolumeNode") else 1e4


def _new_storage(node: Any) -> Any:
    storage = node.CreateDefaultStorageNode()
    storage.UnRegister(None)
    storage.SetUseCompression(False)
    return storage


def _suffix(node: Any, storage: Any) -> str:
    """Ending of the file of a node's data, without its first dot."""
    if node.IsA("vtkMRMLSegmentationNode"):
        is_labels = node.GetSegmentation().GetSourceRepresentationName() == "Binary labelmap"
        return "seg.nrrd" if is_labels else "seg.vtm"
    return str(storage.GetDefaultWriteFileExtension() or "dat")


def _write_data(node: Any, storage: Any, path: Path) -> Iterator[float]:
    if _is_plain(node, path):
        yield from write_raw_nrrd(node, path)
        return
    storage.SetFileName(str(path))
    is_own_table = role_of(node) and node.IsA("vtkMRMLTableNode")
    with quiet_vtk(), quiet_stderr():
        storage.WriteData(_without_rows(node) if is_own_table else node)
    if is_own_table and path.exists():
        yield from _write_rows(node, path)
    yield 1.0


def _without_rows(node: Any) -> Any:
    """A table like another one, but empty: of it Slicer writes the file of the columns' types at once."""
    from vtkmodules.vtkCommonDataModel import vtkTable

    table, empty = vtkTable(), node.CreateNodeInstance()
    empty.UnRegister(None)
    for index in range(node.GetNumberOfColumns()):
        column = node.GetTable().GetColumn(index)
        array = column.NewInstance()
        array.SetName(column.GetName())
        table.AddColumn(array)
    empty.SetAndObserveTable(table)
    empty.SetAndObserveSchema(node.GetSchema())
    return empty


def _write_rows(node: Any, path: Path) -> Iterator[float]:
    """Write a table's numbers with all their digits, where Slicer writes six, in steps."""
    table = table_from_node(node)
    yield 0.1
    with path.open("w", encoding="utf-8") as file:
        file.write("\t".join(column.name for column in table.columns) + "\n")
        for start in range(0, len(table), _ROWS):
            columns = [_texts(table[column.name][start : start + _ROWS]) for column in table.columns]
            file.writelines("\t".join(row) + "\n" for row in zip(*columns, strict=True))
            yield 0.1 + 0.9 * min(1.0, (start + _ROWS) / len(table))


def _texts(values: NDArray[Any]) -> Iterator[str]:
    return map(repr if values.dtype.kind == "f" else stored_text, values.tolist())


def _is_plain(node: Any, path: Path) -> bool:
    """Whether a node is a volume with one number a voxel: the large ones, which Slicer would write in one go."""
    is_scalar = node.IsA("vtkMRMLScalarVolumeNode") and node.GetImageData().GetNumberOfScalarComponents() == 1
    return bool(is_scalar and path.suffix == ".nrrd")
