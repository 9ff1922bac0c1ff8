"""Bringing slice views to frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.places import to_world
from batterycell.mrml.slice_planes import turn_view
from batterycell.mrml.volumes import from_vtk_matrix
from batterycell.segment import Frame

from .frames import frame_of

# Planes whose normals are closer than this (cosine) are parallel.
_PARALLEL = 1 - 1e-6
# How much of a view a frame fills.
_FILLED = 0.8


def show_frame(roi: Any, slice_nodes: list[Any], preferred: Any, zoom: bool = True) -> Any:
    """Bring a slice view to a frame: one that lies along it already, else the preferred one is turned.

    Args:
        roi: The frame's ROI.
        slice_nodes: The ``vtkMRMLSliceNode`` of each slice view.
        preferred: The one to turn where none lies along the frame.
        zoom: Whether the frame is to fill the view; else the zoom stays.

    Returns:
        The slice node that shows the frame.
    """
    frame, volume_node = frame_of(roi), volume_node_of(roi)
    normal = _normal(frame, volume_node)
    along = [node for node in [preferred, *slice_nodes] if abs(_normal_of(node) @ normal) > _PARALLEL]
    node = along[0] if along else preferred
    if along:
        node.JumpSliceByCentering(*to_world(volume_node, np.array([frame.centre_mm]))[0])
    else:
        turn_view(node, volume_node, _plane(frame))
    if zoom:
        _zoom_to(node, _world_size(frame, volume_node))
    return node


def _zoom_to(slice_node: Any, size_mm: Any) -> None:
    columns, rows, _ = slice_node.GetDimensions()
    pixel = max(size_mm[0] / max(columns, 1), size_mm[1] / max(rows, 1)) / _FILLED
    slice_node.SetFieldOfView(columns * pixel, rows * pixel, slice_node.GetFieldOfView()[2])


def _plane(frame: Frame) -> Any:
    """(4, 4): slice to own RAS: x along the columns, y against the rows, as a view shows an image."""
    matrix = frame.to_ras
    matrix[:3, :3] = matrix[:3, :3] * [1.0, -1.0, -1.0]
    if np.linalg.det(matrix[:3, :3]) < 0:
        matrix[:3, 2] *= -1.0
    return matrix


def _world_size(frame: Frame, volume_node: Any) -> Any:
    """Lengths of a frame along its axes, in mm as the views show them."""
    ends = frame.centre_mm + np.array(frame.axes).T * np.array(frame.size_mm)[:, None]
    places = to_world(volume_node, np.vstack([[frame.centre_mm], ends]))
    return np.linalg.norm(places[1:] - places[0], axis=1)


def _normal(frame: Frame, volume_node: Any) -> Any:
    ends = to_world(volume_node, np.array([frame.centre_mm, frame.centre_mm + np.array(frame.axes)[:, 2]]))
    return (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])


def _normal_of(slice_node: Any) -> Any:
    return from_vtk_matrix(slice_node.GetSliceToRAS())[:3, 2]
