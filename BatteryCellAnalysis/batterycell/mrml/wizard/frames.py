"""Frames in a scene: each an ROI that belongs to its image, can be dragged, turned, hidden, undone and saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from batterycell import palette
from batterycell.clip import Box
from batterycell.errors import InputError
from batterycell.mrml.cell import attach, attached, role_of, volume_node_of, volume_of
from batterycell.mrml.cut_roi import box_of, put_box
from batterycell.mrml.names import free_name, name_of, plain, set_name
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.places import from_world
from batterycell.mrml.volumes import from_vtk_matrix
from batterycell.segment import ROLES, Frame

from .classes import ensure_labels
from .frame_places import box_frame, narrowed, slice_frame, snapped
from .images import image_name
from .region import Region

ROLE = "frame"
_ROLE, _FULL, _MIRRORED = "BatteryCell.FrameRole", "BatteryCell.FrameFull", "BatteryCell.FrameMirrored"


def add_frame(volume_node: Any, frame: Frame) -> Any:
    """Add a frame to a scene.

    Args:
        volume_node: Its image; labels are made for it where they are missing.
        frame: The frame, in the volume's own RAS; a number is put behind its name where that is taken.

    Returns:
        The ``vtkMRMLMarkupsROINode``, attached to the volume.
    """
    scene = volume_node.GetScene()
    ensure_labels(volume_node)
    roi = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    set_name(roi, free_name(plain(frame.name) or "frame", [name_of(node) for node in frame_nodes(scene)]))
    roi.CreateDefaultDisplayNodes()
    attach(volume_node, roi, ROLE)
    put_frame(roi, frame)
    _style(roi)
    return roi


def add_slice_frame(
    volume_node: Any, slice_node: Any, role: str = "training", name: str = "", pixels: int | None = None
) -> Any:
    """Add the rectangle that a slice view shows, or the middle of it.

    Args:
        volume_node: The image.
        slice_node: The ``vtkMRMLSliceNode``.
        role: One of `segment.ROLES`.
        name: Its name; numbered where empty.
        pixels: Its edges are at most so many voxels long; None for all that the view shows.

    Returns:
        The ``vtkMRMLMarkupsROINode``.

    Raises:
        InputError: if the view does not show the image.
    """
    frame = view_frame(volume_node, slice_node, name or _new_name(volume_node))
    frame = frame if pixels is None else narrowed(frame, volume_of(volume_node), pixels)
    return add_frame(volume_node, frame.with_role(_checked(role)))


def view_frame(volume_node: Any, slice_node: Any, name: str) -> Frame:
    """The rectangle of an image that a slice view shows, without a node.

    Raises:
        InputError: if the view does not show the image.
    """
    plane, size_mm = _own_view(volume_node, slice_node)
    return with_image(slice_frame(name, volume_of(volume_node), plane, size_mm), volume_node)


def add_box_frame(volume_node: Any, region: Region | None = None, role: str = "training", name: str = "") -> Any:
    """Add a box of whole voxels; without a region, of a quarter of the image's edges, in its middle."""
    volume = volume_of(volume_node)
    frame = box_frame(name or _new_name(volume_node), volume, region or _middle(Region.of(volume)))
    return add_frame(volume_node, frame.with_role(_checked(role)))


def frame_nodes(scene: Any, volume_node: Any = None) -> list[Any]:
    """The ROIs of all frames, or of those of one image, in the order of the scene."""
    if volume_node is not None:
        return attached(volume_node, ROLE)
    nodes = nodes_of(scene, "vtkMRMLMarkupsROINode")
    return [node for node in nodes if role_of(node) == ROLE and volume_node_of(node) is not None]


def frames_of(scene: Any, volume_node: Any = None) -> list[Frame]:
    """All frames, or those of one image, in the order of the scene; whole voxels, whatever was dragged."""
    return [frame_of(node) for node in frame_nodes(scene, volume_node)]


def frame_of(roi: Any) -> Frame:
    """The frame of an ROI, in its image's own RAS: whole voxels, whatever was dragged."""
    volume_node, box = volume_node_of(roi), box_of(roi)
    axes = box.axes * [1.0, 1.0, -1.0 if roi.GetAttribute(_MIRRORED) == "1" else 1.0]
    frame = Frame(
        name_of(roi),
        image_name(volume_node),
        tuple(box.center.tolist()),
        tuple(tuple(row) for row in axes.tolist()),
        tuple(np.abs(box.size).tolist()),
        role_of_frame(roi),
        roi.GetAttribute(_FULL) == "1",
    )
    return snapped(frame, volume_of(volume_node))


def put_frame(roi: Any, frame: Frame) -> None:
    """Give an ROI the place, the role and the completeness of a frame; it keeps its name."""
    axes = np.array(frame.axes)
    # An ROI cannot be mirrored: its third axis is the product of the others.
    mirrored = np.linalg.det(axes) < 0
    changing = roi.StartModify()
    roi.SetAttribute(_MIRRORED, str(int(mirrored)))
    put_box(roi, Box(np.array(frame.centre_mm), axes * [1.0, 1.0, -1.0 if mirrored else 1.0], np.array(frame.size_mm)))
    set_role(roi, frame.role)
    set_full(roi, frame.full)
    roi.EndModify(changing)


def role_of_frame(roi: Any) -> Any:
    """A frame's role, one of `segment.ROLES`."""
    role = roi.GetAttribute(_ROLE)
    return role if role in ROLES else "training"


def set_role(roi: Any, role: str) -> None:
    """Give a frame a role, one of `segment.ROLES`, and its colour."""
    roi.SetAttribute(_ROLE, _checked(role))
    color = palette.to_rgb(palette.FRAMES[role])
    display = roi.GetDisplayNode()
    if display is not None:
        display.SetColor(*color)
        display.SetSelectedColor(*color)


def set_full(roi: Any, full: bool) -> None:
    """Say whether every pixel of a frame is labelled."""
    roi.SetAttribute(_FULL, str(int(full)))


def rename_frame(roi: Any, name: str) -> None:
    """Rename a frame.

    Raises:
        InputError: if the name is empty or taken.
    """
    name = plain(name)
    others = [name_of(node) for node in frame_nodes(roi.GetScene()) if node is not roi]
    if not name or name in others:
        message = f"There is a frame {name!r} already." if name else "A frame needs a name."
        raise InputError("frame-name", message, "Give every frame a name of its own.")
    set_name(roi, name)


def remove_frame(roi: Any) -> None:
    """Remove a frame; what is painted in it stays."""
    for node in (roi.GetDisplayNode(), roi):
        roi.GetScene().RemoveNode(node)


def settle_frame(roi: Any) -> None:
    """Bring an ROI that was dragged onto whole voxels of its image."""
    frame = frame_of(roi)
    box = box_of(roi)
    if not (np.allclose(box.center, frame.centre_mm) and np.allclose(box.size, frame.size_mm)):
        put_frame(roi, frame)


def show_frame_handles(roi: Any, shown: bool) -> None:
    """Let a frame be dragged and turned by handles in the views, or not."""
    roi.SetLocked(not shown)
    roi.GetDisplayNode().SetHandlesInteractive(shown)


def select_frame(scene: Any, chosen: Any) -> None:
    """Give one frame handles, and take them from all others; None takes them from all."""
    for roi in frame_nodes(scene):
        show_frame_handles(roi, roi is chosen)


def _style(roi: Any) -> None:
    display = roi.GetDisplayNode()
    display.SetFillVisibility(False)
    display.SetOutlineVisibility(True)
    display.SetOutlineOpacity(1.0)
    display.SetPropertiesLabelVisibility(False)
    display.SetPointLabelsVisibility(False)
    display.SetGlyphScale(1.0)
    display.SetInteractionHandleScale(1.0)
    display.SetUndoEnabled(True)
    set_role(roi, role_of_frame(roi))
    show_frame_handles(roi, False)


def _own_view(volume_node: Any, slice_node: Any) -> tuple[Any, tuple[float, float]]:
    """A slice view's plane in the volume's own RAS, its axes of length one, and what it shows of it, in own mm."""
    plane = from_vtk_matrix(slice_node.GetSliceToRAS())
    origin, (width, height, _) = plane[:3, 3], slice_node.GetFieldOfView()
    places = from_world(volume_node, np.array([origin, origin + plane[:3, 0], origin + plane[:3, 1]]))
    right, up = places[1] - places[0], places[2] - places[0]
    size = width * float(np.linalg.norm(right)), height * float(np.linalg.norm(up))
    right = right / np.linalg.norm(right)
    up = up - (up @ right) * right
    up = up / np.linalg.norm(up)
    own = np.eye(4)
    own[:3] = np.column_stack([right, up, np.cross(right, up), places[0]])
    return own, size


def _middle(whole: Region) -> Region:
    edges = np.maximum(1, np.array(whole.shape) // 4)
    return Region.at((np.array(whole.shape) - edges) // 2, edges)


def _new_name(volume_node: Any) -> str:
    number = len(frame_nodes(volume_node.GetScene())) + 1
    return f"frame {number}"


def _checked(role: str) -> Any:
    if role not in ROLES:
        raise InputError("frame-role", f"There is no role {role!r}.", f"Use one of {', '.join(ROLES)}.")
    return role


def with_image(frame: Frame, volume_node: Any) -> Frame:
    """The frame as one of another image."""
    return replace(frame, image=image_name(volume_node))
