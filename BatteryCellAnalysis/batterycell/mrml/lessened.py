"""Scenes of volumes that are too large for most machines: while one is written, a preview stands in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from batterycell.io.binning import LARGEST_STEP, as_preview, bin_array, preview_words
from batterycell.volume import Volume

from .cell import VOXEL_SIZE_SOURCE
from .volumes import matrix_of, to_image, to_vtk_matrix, volume_from_node

LARGEST_SCENE_BYTES = 1_000_000_000


def small_enough(volume: Volume) -> tuple[Volume, int]:
    """A volume, or a preview of it that is not too large, and how many voxels along each axis one stands for."""
    steps = range(1, LARGEST_STEP + 1)
    step = next((step for step in steps if volume.array.nbytes <= LARGEST_SCENE_BYTES * step**3), LARGEST_STEP)
    return as_preview(replace(volume, array=bin_array(volume.array, step)), step), step


@contextmanager
def lessened(volume_node: Any) -> Iterator[int]:
    """Let a volume node hold a preview that is not too large, and the whole again at the end.

    Args:
        volume_node: The node.

    Yields:
        Voxels along each axis that one stands for; 1 where the volume is not large, and stays.
    """
    small, step = small_enough(volume_from_node(volume_node))
    if step == 1:
        yield 1
        return
    whole, matrix = volume_node.GetImageData(), to_vtk_matrix(matrix_of(volume_node))
    source = volume_node.GetAttribute(VOXEL_SIZE_SOURCE)
    try:
        volume_node.SetAndObserveImageData(to_image(small.array))
        volume_node.SetIJKToRASMatrix(to_vtk_matrix(small.ijk_to_ras))
        volume_node.SetAttribute(VOXEL_SIZE_SOURCE, source + preview_words(step) if source else small.voxel_size_source)
        yield step
    finally:
        volume_node.SetAndObserveImageData(whole)
        volume_node.SetIJKToRASMatrix(matrix)
        volume_node.SetAttribute(VOXEL_SIZE_SOURCE, source)
