"""A scene on disk in small steps, so that a window lives on between them; and packed into one file afterwards.

Slicer's own saving writes everything in one go, compresses, and notes in the scene that it was saved: a snapshot does
none of that. It is an ``.mrml`` with a folder ``Data`` beside it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import OutputError
from batterycell.file_names import file_stem
from batterycell.progress import Progress

from .quiet import quiet_stderr, quiet_vtk
from .raw_nrrd import write_raw_nrrd
from .scratch import nodes_of
from .snapshot_xml import Stored, write_xml

SCENE_FILE = "scene.mrml"
DATA_FOLDER = "Data"
_CHUNK_BYTES = 4_000_000
# Grey values hardly become smaller with more effort.
_FAST = 3


def write_snapshot(scene: Any, folder: Path) -> Iterator[float]:
    """Write a scene into an existing, empty folder, step by step; the scene itself is left untouched.

    Args:
        scene: Any scene, with or without an application.
        folder: Becomes ``scene.mrml`` and ``Data``.

    Yields:
        The share that is done, after each step. No step takes long, except for nodes with much data that are no
        scalar volumes.

    Raises:
        OutputError: if something cannot be written.
    """
    (folder / DATA_FOLDER).mkdir()
    nodes = [node for node in nodes_of(scene) if _has_data(node)]
    sizes = np.array([_size(node) for node in nodes] or [1.0])
    stored: list[Stored] = []
    for index, node in enumerate(nodes):
        storage = _new_storage(node)
        file = f"{DATA_FOLDER}/{file_stem(node.GetName() or '', str(index))}.{_suffix(storage)}"
        stored.append(Stored(node.GetID(), storage, file))
        for share in _write_data(node, storage, folder / file):
            yield float((sizes[:index].sum() + share * sizes[index]) / sizes.sum())
    write_xml(scene, stored, folder / SCENE_FILE)
    yield 1.0


def pack_snapshot(folder: Path, path: Path, progress: Progress) -> None:
    """Pack a snapshot into one file (MRB) that Slicer opens with a double click.

    Args:
        folder: The snapshot.
        path: Ends in ``.mrb``.
        progress: Told how far it is; asked whether to stop.

    Raises:
        OutputError: if the file cannot be written.
    """
    files = [folder / SCENE_FILE, *sorted((folder / DATA_FOLDER).iterdir())]
    total, done = sum(file.stat().st_size for file in files), 0
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as bundle:
            for file in files:
                name = f"{path.stem}/{file.relative_to(folder).as_posix()}"
                with file.open("rb") as source, bundle.open(name, "w", force_zip64=True) as target:
                    while chunk := source.read(_CHUNK_BYTES):
                        progress.report(done / total, "packing the scene")
                        target.write(chunk)
                        done += len(chunk)
    except OSError as error:
        raise OutputError(
            "scene-unwritable", f"{path} cannot be written: {error}.", "Is there room, and may you write there?"
        ) from error


def _has_data(node: Any) -> bool:
    if not (node.IsA("vtkMRMLStorableNode") and node.GetSaveWithScene() and node.GetDefaultStorageNodeClassName()):
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


def _suffix(storage: Any) -> str:
    return str(storage.GetDefaultWriteFileExtension() or "dat")


def _write_data(node: Any, storage: Any, path: Path) -> Iterator[float]:
    if _is_plain(node, path):
        yield from write_raw_nrrd(node, path)
        return
    storage.SetFileName(str(path))
    with quiet_vtk(), quiet_stderr():
        done = storage.WriteData(node)
    if not done:
        raise OutputError("scene-unwritable", f"{node.GetName()} cannot be written to {path}.", "Is there room?")
    yield 1.0


def _is_plain(node: Any, path: Path) -> bool:
    """Whether a node is a volume with one number a voxel: the large ones, which Slicer would write in one go."""
    is_scalar = node.IsA("vtkMRMLScalarVolumeNode") and node.GetImageData().GetNumberOfScalarComponents() == 1
    return bool(is_scalar and path.suffix == ".nrrd")
