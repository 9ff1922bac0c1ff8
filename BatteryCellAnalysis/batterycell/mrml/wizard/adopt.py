"""Labels that were made elsewhere, taken over into the project's: each segment becomes the class of its name."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from batterycell.mrml.cell import attach, role_of, volume_of
from batterycell.mrml.names import name_of
from batterycell.mrml.transforms import SEGMENTS
from batterycell.segment import UNKNOWN

from .class_entries import entries_of, same_name
from .classes import add_class, ensure_labels
from .labels import label_ids, read_codes
from .layers import layers_of
from .region import Region
from .segments import look_of
from .steps import Step, change_labels


def adopt_segments(volume_node: Any, segmentation_node: Any, overwrite: bool = False) -> Step | None:
    """Take over what was segmented in an image, e.g. loaded from a file; one `steps.undo_step` takes it back.

    Segments of new names become new classes, in their colours. The segmentation itself stays as it is.

    Args:
        volume_node: The image.
        segmentation_node: A ``vtkMRMLSegmentationNode`` in its place, also a prediction.
        overwrite: Whether it wins where something is painted already.

    Returns:
        The step; None where it is empty.

    Raises:
        InputError: if its segments overlap; then nothing was changed.
    """
    if not role_of(segmentation_node):
        attach(volume_node, segmentation_node, SEGMENTS)
    region = _painted(volume_node, segmentation_node)
    if region is None:
        return None
    found = read_codes(segmentation_node, region)
    codes = _class_codes(volume_node.GetScene(), segmentation_node)[found]
    labels_node = ensure_labels(volume_node)
    before = read_codes(labels_node, region)
    takes = (codes != UNKNOWN) & (overwrite | (before == UNKNOWN))
    name = f"Take over {name_of(segmentation_node)}"
    return change_labels(volume_node.GetScene(), name, [(labels_node, region, np.where(takes, codes, before))])


def _painted(volume_node: Any, segmentation_node: Any) -> Region | None:
    """The voxels of the image that its layers cover."""
    regions = [layer.region for layer in layers_of(segmentation_node) if layer.region is not None]
    return reduce(Region.union, regions).common(Region.of(volume_of(volume_node))) if regions else None


def _class_codes(scene: Any, segmentation_node: Any) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The project's label of each of a segmentation's; classes that are missing are added."""
    looks = [look_of(segmentation_node, one) for one in label_ids(segmentation_node)]
    for name, color in looks:
        if same_name(name) not in [same_name(entry.name) for entry in entries_of(scene)]:
            add_class(scene, name, color)
    keys = [same_name(entry.name) for entry in entries_of(scene)]
    return np.array([UNKNOWN, *(keys.index(same_name(name)) + 1 for name, _ in looks)], np.uint8)
