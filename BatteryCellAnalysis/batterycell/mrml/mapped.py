"""Volume nodes whose voxels lie in a file, too: it is handed to workers as it is, without a copy."""

from __future__ import annotations

import shutil
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batterycell.io.exchange import failed

from .nodes import nodes_of

_KEPT = "_batterycell_voxels"
_LOADED = "BatteryCell.Loaded"


@dataclass
class _Voxels:
    """Where the voxels of an image lie, as they were when it had this time of change."""

    path: Path
    changed: int


def keep_voxels(volume_node: Any, path: Path, folder: Path) -> None:
    """Remember the file in which the voxels of a node lie.

    Args:
        volume_node: A volume node with an image.
        path: Its voxels, written or being written by `io.exchange.write_voxels`.
        folder: What is removed when the image goes, or the program ends.
    """
    scalars = _scalars(volume_node)
    voxels = _Voxels(path, scalars.GetMTime())
    remove = weakref.finalize(voxels, shutil.rmtree, folder, True)
    # Python's own end of the image comes later: VTK keeps the attributes of an object for a while.
    scalars.AddObserver("DeleteEvent", lambda *_: remove())
    setattr(scalars, _KEPT, voxels)
    if volume_node.GetDisplayNode() is not None:
        volume_node.GetDisplayNode().SetAttribute(_LOADED, "1")


def remove_orphans(scene: Any) -> None:
    """Remove display nodes of volumes that are gone: they would keep their voxels in memory, and the files of them."""
    shown = {node.GetNthDisplayNodeID(0) for node in nodes_of(scene, "vtkMRMLScalarVolumeNode")}
    for node in nodes_of(scene, "vtkMRMLScalarVolumeDisplayNode"):
        if node.GetAttribute(_LOADED) and node.GetID() not in shown:
            scene.RemoveNode(node)


def voxels_of(volume_node: Any) -> Path | None:
    """The file in which a node's voxels lie as they are now; None where there is none, or the image was changed."""
    scalars = _scalars(volume_node)
    voxels = getattr(scalars, _KEPT, None)
    if voxels is None or voxels.changed != scalars.GetMTime() or failed(voxels.path):
        return None
    return Path(voxels.path)


def _scalars(volume_node: Any) -> Any:
    return volume_node.GetImageData().GetPointData().GetScalars()
