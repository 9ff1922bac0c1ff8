"""The labels of images: segmentations that share the project's classes, one for each image's grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.errors import InputError
from batterycell.mrml.cell import attach, attached, role_of, volume_node_of
from batterycell.mrml.names import name_of, plain
from batterycell.mrml.nodes import nodes_of

from .class_entries import ClassEntry, entries_of, note_entries
from .layers import count_voxels
from .segments import look_of, put_order, put_segment, segment_ids

ROLE = "classes"
_OPACITY = 0.4


def ensure_labels(volume_node: Any) -> Any:
    """The labels of an image, on its grid and with the project's classes, made where they are missing.

    Args:
        volume_node: The image; it may stand under a transform.

    Returns:
        The ``vtkMRMLSegmentationNode``, attached to the volume.
    """
    node = labels_of(volume_node)
    if node is None:
        node = _add_labels(volume_node)
        _put_entries(node, entries_of(volume_node.GetScene()))
    return node


def labels_of(volume_node: Any) -> Any:
    """The labels (``vtkMRMLSegmentationNode``) of an image; None where it has none."""
    return next(iter(attached(volume_node, ROLE)), None)


def all_labels(scene: Any) -> list[Any]:
    """The labels of all images, in the order of the scene."""
    nodes = nodes_of(scene, "vtkMRMLSegmentationNode")
    return [node for node in nodes if role_of(node) == ROLE and volume_node_of(node) is not None]


def put_entries(scene: Any, entries: Sequence[ClassEntry]) -> None:
    """Give the project its classes, and the labels of every image their segments."""
    note_entries(scene, entries)
    for node in all_labels(scene):
        _put_entries(node, entries)


def read_entries(labels_node: Any) -> list[ClassEntry]:
    """The classes as the segments of an image's labels show them."""
    looks = ((segment_id, *look_of(labels_node, segment_id)) for segment_id in segment_ids(labels_node))
    return [ClassEntry(segment_id, plain(name), color) for segment_id, name, color in looks]


def painted(scene: Any, class_id: str) -> dict[str, int]:
    """Painted voxels of a class in each image that has any, by the image's name."""
    counts = {name_of(volume_node_of(node)): count_voxels(node, class_id) for node in all_labels(scene)}
    return {image: count for image, count in counts.items() if count}


def check_unpainted(scene: Any, entries: Sequence[ClassEntry]) -> None:
    """Check that no paint is lost with some classes.

    Raises:
        InputError: if any would be; the message says how much.
    """
    for entry in entries:
        lost = painted(scene, entry.id)
        if lost:
            where = ", ".join(f"{count} pixels in {image}" for image, count in lost.items())
            message = f"The class {entry.name} is painted: {where} would be lost."
            raise InputError("class-painted", message, "Confirm that they may go, or rename the class instead.")


def _put_entries(node: Any, entries: Sequence[ClassEntry]) -> None:
    ids = [entry.id for entry in entries]
    changing = node.StartModify()
    for gone in [segment_id for segment_id in segment_ids(node) if segment_id not in ids]:
        node.GetSegmentation().RemoveSegment(gone)
    for entry in entries:
        put_segment(node, *entry)
    put_order(node, ids)
    node.EndModify(changing)


def _add_labels(volume_node: Any) -> Any:
    node = volume_node.GetScene().AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volume_node.GetName()} labels")
    # Under the volume's transform first: the reference geometry is kept in the node's own space.
    attach(volume_node, node, ROLE)
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetOpacity2DFill(_OPACITY)
    return node
