"""Volumes that know their orientation: their voxel size may be wrong, their directions are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.volume import UM_PER_MM, Volume

from .options import LoadOptions
from .sizes import StatedSize, decide_voxel_size


def place(volume: Volume, stated: StatedSize, options: LoadOptions, path: Path) -> Volume:
    """The volume with the voxel size that holds, along its own directions, from its own origin.

    Args:
        volume: As the file says; its voxel size is replaced.
        stated: What the file truly says about the voxel size.
        options: What the user says.
        path: For messages.

    Raises:
        InputError: if nobody says the voxel size, it cannot be true, or the directions are sheared.
    """
    if volume.is_sheared:
        raise InputError("sheared", f"{path}: its axes are not at right angles.", "Resample it to a rectangular grid.")
    size, source = decide_voxel_size(stated, options, path)
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, :3] = matrix[:3, :3] / volume.spacing_mm * np.array(size[::-1]) / UM_PER_MM
    return replace(volume, ijk_to_ras=matrix, voxel_size_source=source)
