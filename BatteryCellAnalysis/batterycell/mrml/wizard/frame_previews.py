"""What a model finds in one frame or slice, in the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.mrml.cell import volume_of
from batterycell.segment import Frame, SegmentClass
from batterycell.volume import Volume

from .fill import outside, spread
from .region import region_of
from .results import show_preview

# Voxels around a frame in which pixels of an oblique one may lie.
_MARGIN = 1


def show_frame_preview(volume_node: Any, frame: Frame, labels: Volume, classes: Sequence[SegmentClass]) -> Any:
    """Show what a model found in a frame, in place of what was shown there before.

    Args:
        volume_node: The frame's image.
        frame: The frame.
        labels: On pixels of any size, n + 1 for class n.
        classes: The model's classes in order.

    Returns:
        The ``vtkMRMLSegmentationNode`` of the image's previews.

    Raises:
        InputError: if the frame lies outside the image.
    """
    image = volume_of(volume_node)
    region = region_of(frame, image, _MARGIN)
    if region is None:
        raise outside(frame)
    return show_preview(volume_node, classes, spread(labels, region.crop(image)), region)
