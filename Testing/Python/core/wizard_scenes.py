"""Scenes of the segmentation wizard, and a brush that paints as the Segment Editor does."""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell import mrml
from batterycell.mrml.wizard.classes import class_ids, ensure_labels, use_preset
from batterycell.mrml.wizard.layers import make_image
from batterycell.mrml.wizard.region import Region
from batterycell.volume import Volume

SHAPE = (12, 20, 24)
# µm-sized voxels of three lengths, axes to the left, to posterior and to superior, as of a stack of images.
STACK = np.diag([-0.02, -0.03, 0.05, 1.0])
PRESET = "cell overhang"


def turned(degrees: float = 30.0) -> np.ndarray:
    """A grid whose axes lie along none of the world's."""
    angle = np.deg2rad(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix[:3, 3] = 3.0, -2.0, 1.0
    return matrix @ STACK


def add_image(scene: Any, name: str = "cell", matrix: np.ndarray = STACK, shape: tuple[int, ...] = SHAPE) -> Any:
    """A volume of noise, with labels of the preset's classes."""
    grey = np.random.default_rng(1).integers(0, 1000, shape, np.uint16)
    node = mrml.add_volume(scene, Volume(grey, matrix, "made", name), name)
    if not class_ids(scene):
        use_preset(scene, PRESET)
    ensure_labels(node)
    return node


def brush(labels_node: Any, class_id: str, region: Region, overwrite: bool = True) -> None:
    """Paint a block of voxels as the Segment Editor does, with or without erasing other segments."""
    import slicer

    matrix = mrml.volume_of(labels_node.GetNodeReference("BatteryCell.Volume")).ijk_to_ras
    mask = make_image(np.ones(region.shape, np.uint8), region, matrix)
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    ids = list(labels_node.GetSegmentation().GetSegmentIDs())
    others = [one for one in ids if one != class_id] if overwrite else []
    assert logic.SetBinaryLabelmapToSegment(
        mask, labels_node, class_id, logic.MODE_MERGE_MASK, list(region.extent), False, others
    )


def block(start: tuple[int, int, int], shape: tuple[int, int, int]) -> Region:
    return Region.at(start, shape)
