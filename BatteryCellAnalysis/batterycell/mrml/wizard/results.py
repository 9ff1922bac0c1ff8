"""What a model found, shown beside what was painted: predictions, uncertainty, previews, disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.errors import InputError
from batterycell.mrml.cell import attach, attached, volume_of
from batterycell.mrml.names import free_name, name_of, set_name
from batterycell.mrml.volumes import add_volume
from batterycell.segment import UNKNOWN, SegmentClass
from batterycell.volume import Volume

from .labels import Codes, write_codes
from .region import Places, Region
from .segments import look_of, put_segment, segment_ids

PREDICTION, UNCERTAINTY, PREVIEW, DISAGREEMENT = "prediction", "uncertainty", "preview", "disagreement"
_HEAT = "vtkMRMLColorTableNodeIron"
_MODEL = "BatteryCell.Model"
_SURE_PERCENT = 5.0


def add_prediction(volume_node: Any, labels: Volume, classes: Sequence[SegmentClass], model: str = "") -> Any:
    """Add what a model found in an image, or in a block of it; what is there already stays.

    Args:
        volume_node: The image.
        labels: uint8, on the image's voxels; n + 1 is class n.
        classes: The model's classes in order.
        model: Its name, for the node's.

    Returns:
        The new ``vtkMRMLSegmentationNode``, attached to the volume as "prediction".

    Raises:
        InputError: if the labels do not lie on the image's voxels.
    """
    region = region_in(labels, volume_of(volume_node))
    name = f"{name_of(volume_node)} {model or PREDICTION}"
    taken = [name_of(node) for node in attached(volume_node, PREDICTION)]
    node = _add_segmentation(volume_node, PREDICTION, free_name(name, taken), classes)
    node.SetAttribute(_MODEL, model)
    tight = _tight(labels.array)
    if tight is not None:
        codes = np.asarray(labels.array[tight.slices_in(Region.of(labels))], np.uint8)
        write_codes(node, codes, Region.at(np.array(region.start) + tight.start, tight.shape))
    return node


def predictions_of(volume_node: Any) -> list[Any]:
    """The predictions of an image, the oldest first."""
    return attached(volume_node, PREDICTION)


def add_uncertainty(volume_node: Any, uncertainty: Volume) -> Any:
    """Show how unsure a model is, in percent, in place of an older map of the same image.

    Returns:
        The new ``vtkMRMLScalarVolumeNode``, in colours, attached to the volume.
    """
    remove_results(volume_node, UNCERTAINTY)
    scene = volume_node.GetScene()
    node = add_volume(scene, uncertainty, f"{name_of(volume_node)} uncertainty", (0.0, 100.0))
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(_HEAT)
    # Where a model is sure, the image shows through.
    display.SetThreshold(_SURE_PERCENT, 100.0)
    display.SetApplyThreshold(True)
    attach(volume_node, node, UNCERTAINTY)
    return node


def show_preview(volume_node: Any, classes: Sequence[SegmentClass], codes: Codes, where: Region | Places) -> Any:
    """Show a prediction of one frame in the views, in place of the one before; other frames' previews stay.

    Args:
        volume_node: The image.
        classes: The model's classes in order.
        codes: One a voxel: n + 1 is class n.
        where: The voxels (`spread.spread` finds those of a frame's pixels).

    Returns:
        The ``vtkMRMLSegmentationNode`` of the image's previews, as outlines.
    """
    node = next(iter(attached(volume_node, PREVIEW)), None)
    if node is None or [look_of(node, one) for one in segment_ids(node)] != [(one.name, one.color) for one in classes]:
        remove_results(volume_node, PREVIEW)
        node = _add_segmentation(volume_node, PREVIEW, f"{name_of(volume_node)} preview", classes)
        node.GetDisplayNode().SetVisibility2DFill(False)
        node.SetSaveWithScene(False)
    write_codes(node, codes, where)
    return node


def show_disagreement(volume_node: Any, painted: Codes, predicted: Codes, where: Region | Places) -> int:
    """Mark the voxels that are painted as one class and predicted as another.

    Args:
        volume_node: The image.
        painted: Labels, one a voxel; unpainted ones agree with everything.
        predicted: The prediction, likewise.
        where: The voxels.

    Returns:
        Their number.
    """
    wrong = (painted != predicted) & (painted != UNKNOWN) & (predicted != UNKNOWN)
    node = next(iter(attached(volume_node, DISAGREEMENT)), None)
    if node is None:
        mark = SegmentClass("disagreement", palette.ALARM)
        node = _add_segmentation(volume_node, DISAGREEMENT, f"{name_of(volume_node)} disagreement", [mark])
        node.SetSaveWithScene(False)
    write_codes(node, wrong.astype(np.uint8), where)
    return int(np.count_nonzero(wrong))


def remove_results(volume_node: Any, role: str) -> None:
    """Remove the previews, the disagreement, the uncertainty or the predictions of an image."""
    for node in attached(volume_node, role):
        volume_node.GetScene().RemoveNode(node)


def region_in(part: Volume, image: Volume) -> Region:
    """The voxels of an image that another volume, on the same voxels, covers.

    Raises:
        InputError: if it does not lie on them.
    """
    matrix = np.linalg.inv(image.ijk_to_ras) @ part.ijk_to_ras
    start = np.rint(matrix[:3, 3]).astype(int)
    reach = np.array([*part.array.shape[::-1], 1])
    off = np.abs(matrix[:3] - np.column_stack([np.eye(3), start])) @ reach
    region = Region.at(start[::-1], part.array.shape)
    if off.max() > 0.5 or region.common(Region.of(image)) != region:
        message = f"{part.name} does not lie on the pixels of {image.name}."
        raise InputError("labels-elsewhere", message, "Was the image moved, or its voxel size changed, meanwhile?")
    return region


def _add_segmentation(volume_node: Any, role: str, name: str, classes: Sequence[SegmentClass]) -> Any:
    node = volume_node.GetScene().AddNewNodeByClass("vtkMRMLSegmentationNode")
    set_name(node, name)
    attach(volume_node, node, role)
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.CreateDefaultDisplayNodes()
    for number, one in enumerate(classes, 1):
        put_segment(node, f"class_{number}", one.name, one.color)
    return node


def _tight(array: NDArray[Any]) -> Region | None:
    """The smallest block that holds all labels; None where there are none."""
    filled = [np.flatnonzero(array.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    if not len(filled[0]):
        return None
    low, high = [int(axis[0]) for axis in filled], [int(axis[-1]) + 1 for axis in filled]
    return Region.at(low, np.array(high) - low)
