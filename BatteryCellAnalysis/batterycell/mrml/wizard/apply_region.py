"""The box of an image that a model is applied to: one ROI an image, dragged in the views."""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell import palette
from batterycell.errors import InputError
from batterycell.mrml.cell import attach, attached, volume_of
from batterycell.mrml.cut_roi import box_of, put_box
from batterycell.mrml.names import name_of, set_name
from batterycell.segment import Frame

from .frame_places import box_frame
from .region import Region, region_of

ROLE = "apply-region"
_PART = 0.5


def apply_roi(volume_node: Any) -> Any:
    """The ``vtkMRMLMarkupsROINode`` of an image's box; None where there is none yet."""
    return next(iter(attached(volume_node, ROLE)), None)


def ensure_apply_roi(volume_node: Any) -> Any:
    """The ROI of an image's box, made over the middle of the image where it is missing; it can be dragged."""
    return apply_roi(volume_node) or _add(volume_node)


def apply_region(volume_node: Any) -> Region:
    """The voxels in an image's box: of one that was turned, all voxels about it.

    Raises:
        InputError: if the box lies outside the image.
    """
    volume, box = volume_of(volume_node), box_of(ensure_apply_roi(volume_node))
    rows = tuple(tuple(row) for row in box.axes.tolist())
    frame = Frame("region", volume.name, tuple(box.center.tolist()), rows, tuple(np.abs(box.size).tolist()))
    region = region_of(frame, volume)
    if region is None:
        message = f"The box lies outside the image {volume.name}."
        raise InputError("region-outside", message, "Drag it into the image.")
    return region


def show_apply_roi(volume_node: Any, shown: bool) -> None:
    """Show the box of an image, or hide it."""
    roi = apply_roi(volume_node)
    if roi is not None:
        roi.GetDisplayNode().SetVisibility(shown)


def _add(volume_node: Any) -> Any:
    roi = volume_node.GetScene().AddNewNodeByClass("vtkMRMLMarkupsROINode")
    set_name(roi, f"{name_of(volume_node)} region")
    roi.CreateDefaultDisplayNodes()
    display, color = roi.GetDisplayNode(), palette.to_rgb(palette.FOREGROUND)
    display.SetColor(*color)
    display.SetSelectedColor(*color)
    display.SetFillVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetHandlesInteractive(True)
    attach(volume_node, roi, ROLE)
    put_box(roi, _middle(volume_node))
    return roi


def _middle(volume_node: Any) -> Any:
    from batterycell.clip import Box

    volume = volume_of(volume_node)
    shape = np.array(volume.array.shape)
    size = np.maximum(1, np.rint(shape * _PART)).astype(int)
    frame = box_frame("region", volume, Region.at((shape - size) // 2, size))
    return Box(np.array(frame.centre_mm), np.array(frame.axes), np.array(frame.size_mm))
