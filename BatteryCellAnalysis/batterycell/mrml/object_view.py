"""Labels and objects of fine voxels in views: a thousand times larger, as the wizard shows images of such voxels."""

from __future__ import annotations

from typing import Any

from batterycell.volume import UM_PER_MM

from .cell import volume_node_of
from .object_labels import is_segmentation, labels_grid
from .wizard.magnified import FOLLOWED_MM, ensure_transform, magnify


def magnify_labels(labels_node: Any, image_node: Any) -> bool:
    """Show labels, and the image that belongs to them, a thousand times larger if the views could not follow else.

    Args:
        labels_node: The segmentation or label volume; one that stands under a transform already is left where it is.
        image_node: Grey values on the labels' grid; None for none.

    Returns:
        Whether the labels are shown in another size than before.
    """
    owner, before = volume_node_of(labels_node), labels_node.GetTransformNodeID()
    for node in (owner, image_node, labels_node):
        if node is not None and not is_segmentation(node):
            magnify(node)
    # Segments follow an image that they belong to; others stand alone.
    is_alone = is_segmentation(labels_node) and owner is None and not labels_node.GetTransformNodeID()
    if is_alone and min(labels_grid(labels_node).voxel_size_um) / UM_PER_MM < FOLLOWED_MM:
        labels_node.SetAndObserveTransformNodeID(ensure_transform(labels_node.GetScene()).GetID())
    return bool(labels_node.GetTransformNodeID() != before)
