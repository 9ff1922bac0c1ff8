"""What a model finds in one frame or slice, in the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.mrml.cell import volume_of
from batterycell.segment import Frame, SegmentClass
from batterycell.volume import Volume

from .fill import outside
from .results import show_preview
from .spread import spread


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
    where, codes = spread(labels, volume_of(volume_node))
    if not codes.size:
        raise outside(frame)
    return show_preview(volume_node, classes, codes, where)
