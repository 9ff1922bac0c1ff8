"""Volumes on their way from the process that reads them to the scene that shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.io.binning import coarser_grid, preview_words
from batterycell.io.exchange import VOXELS_FILE, open_volume_json, write_volume_json, write_voxels
from batterycell.io.options import LoadOptions
from batterycell.io.sizes import is_stated
from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM, Volume

from .cell import INPUT, VOXEL_SIZE_SOURCE
from .mapped import keep_voxels
from .volumes import add_volume, matrix_of, storable, to_vtk_matrix, window_range

_OPTIONS = "BatteryCell.LoadOptions"
# What files without a voxel size get.
_PLACEHOLDER_MM = 1.0
_SAME_MM = 1e-6
_VOLUME, _SHOWN = "volume.json", "shown.json"


def write_loaded(volume: Volume, options: LoadOptions, source: Path | None, folder: Path, progress: Progress) -> None:
    """Lay a volume down for `add_loaded`.

    Args:
        volume: What was read.
        options: How it was read; its scratch file may be the one that is to be written here.
        source: The file or folder it came from; None where it came from none.
        folder: Where to.
        progress: Told after every block.
    """
    volume = replace(volume, array=storable(volume.array))
    if options.scratch != folder / VOXELS_FILE or not options.scratch.exists():
        for fraction in write_voxels(volume.array, folder / VOXELS_FILE):
            progress.report(fraction, "handing the volume over")
    write_volume_json(volume, folder / VOXELS_FILE, folder / _VOLUME)
    shown = {
        "window": window_range(volume.array),
        "source": None if source is None else source.absolute().as_posix(),
        "options": options.to_json(),
    }
    (folder / _SHOWN).write_text(json.dumps(shown, ensure_ascii=False) + "\n", encoding="utf-8")


def add_loaded(scene: Any, folder: Path, owned: Path) -> Any:
    """Add a volume of `write_loaded`; its voxels are read when they are looked at.

    Args:
        scene: Where to.
        folder: Where it was laid down.
        owned: The folder that is removed when the node's image goes.

    Returns:
        The new ``vtkMRMLScalarVolumeNode``.
    """
    volume = open_volume_json(folder / _VOLUME)
    shown = json.loads((folder / _SHOWN).read_text(encoding="utf-8"))
    node = add_volume(scene, volume, volume.name, tuple(shown["window"]))
    keep_voxels(node, folder / VOXELS_FILE, owned)
    node.SetAttribute(VOXEL_SIZE_SOURCE, volume.voxel_size_source)
    if shown["source"]:
        node.SetAttribute(INPUT, str(Path(shown["source"])))
    node.SetAttribute(_OPTIONS, json.dumps(shown["options"]))
    return node


def load_options_of(volume_node: Any) -> LoadOptions:
    """How a node of `add_loaded` was read; the defaults for any other."""
    text = volume_node.GetAttribute(_OPTIONS)
    return LoadOptions.from_json(json.loads(text)) if text else LoadOptions()


def preview_step_of(volume_node: Any) -> int:
    """Voxels along each axis of which each voxel of a node is the mean; 1 for what is no preview."""
    return load_options_of(volume_node).step


def is_voxel_size_known(volume_node: Any) -> bool:
    """Whether somebody said the voxel size, so that no axis has the 1 mm that files without one get."""
    source = volume_node.GetAttribute(VOXEL_SIZE_SOURCE)
    if source and is_stated(source):
        return True
    placeholder = _PLACEHOLDER_MM * preview_step_of(volume_node)
    return all(abs(size - placeholder) > _SAME_MM for size in volume_node.GetSpacing())


def set_voxel_size(volume_node: Any, voxel_size_um: tuple[float, float, float], source: str) -> None:
    """Give a volume node another voxel size; its directions stay, and of a preview the origin of the whole image.

    Args:
        volume_node: Any volume node.
        voxel_size_um: Voxel size (z, y, x) in µm.
        source: Who says so.
    """
    step = preview_step_of(volume_node)
    matrix = matrix_of(volume_node)
    coarser = coarser_grid(step)
    whole = matrix @ np.linalg.inv(coarser)
    whole[:3, :3] *= np.array(voxel_size_um[::-1]) / UM_PER_MM / step / np.linalg.norm(whole[:3, :3], axis=0)
    volume_node.SetAttribute(VOXEL_SIZE_SOURCE, source + preview_words(step))
    volume_node.SetIJKToRASMatrix(to_vtk_matrix(whole @ coarser))
