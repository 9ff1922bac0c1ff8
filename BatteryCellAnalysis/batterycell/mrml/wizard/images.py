"""The images of a project: volumes that have labels, each with the channels scanned together with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.mrml.cell import attach, detach, volume_node_of, volume_of
from batterycell.mrml.names import name_of
from batterycell.segment import Image

from .classes import all_labels

ROLE = "channel"
_CHANNEL = "BatteryCell.Channel"


def image_nodes(scene: Any) -> list[Any]:
    """The volumes of the project's images, in the order in which they got labels."""
    return [volume_node_of(node) for node in all_labels(scene)]


def image_name(volume_node: Any) -> str:
    """The name of an image in the project: its volume's, with a number where another image has the same."""
    nodes = image_nodes(volume_node.GetScene())
    before = nodes[: nodes.index(volume_node)] if volume_node in nodes else nodes
    number = 1 + sum(name_of(node) == name_of(volume_node) for node in before)
    return name_of(volume_node) if number == 1 else f"{name_of(volume_node)} ({number})"


def set_channels(volume_node: Any, others: Sequence[Any]) -> None:
    """Let other volumes, of the same grid, be further channels of an image.

    Raises:
        InputError: if one of them differs in size or place; then nothing was changed.
    """
    _image(volume_node, [volume_node, *others])
    changing = volume_node.StartModify()
    for node in channel_nodes(volume_node)[1:]:
        detach(node)
    volume_node.RemoveNodeReferenceIDs(_CHANNEL)
    for node in others:
        volume_node.AddNodeReferenceID(_CHANNEL, node.GetID())
        # It turns with the image.
        attach(volume_node, node, ROLE)
    volume_node.EndModify(changing)


def channel_nodes(volume_node: Any) -> list[Any]:
    """The volumes of an image's channels, its own first."""
    count = volume_node.GetNumberOfNodeReferences(_CHANNEL)
    others = (volume_node.GetNthNodeReference(_CHANNEL, index) for index in range(count))
    return [volume_node, *(node for node in others if node is not None)]


def image_of(volume_node: Any) -> Image:
    """An image with its channels, sharing their memory.

    Raises:
        InputError: if a volume holds no grey values, or the channels differ in size or place.
    """
    return _image(volume_node, channel_nodes(volume_node))


def _image(volume_node: Any, nodes: Sequence[Any]) -> Image:
    names = ("grey",) if len(nodes) == 1 else tuple(name_of(node) for node in nodes)
    return Image(image_name(volume_node), tuple(volume_of(node) for node in nodes), names)
