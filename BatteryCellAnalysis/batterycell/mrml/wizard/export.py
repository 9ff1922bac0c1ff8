"""A project of a scene as a project folder, from which the command line trains the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.segment.data.saving import write_project

from .classes import all_labels, classes_of, sync_classes
from .frames import frames_of
from .images import image_name, image_nodes, image_of
from .labels import read_labels


def export_project(scene: Any, folder: Path) -> None:
    """Write the project of a scene as a project folder: images, labels, frames and classes.

    Args:
        scene: The scene.
        folder: The folder to be; an older project is replaced.

    Raises:
        InputError: if segments overlap, or an image cannot be used.
        OutputError: if it cannot be written.
    """
    sync_classes(scene)
    nodes = image_nodes(scene)
    pairs = zip(nodes, all_labels(scene), strict=True)
    labels = {image_name(node): read_labels(labels_node) for node, labels_node in pairs}
    write_project(folder, [image_of(node) for node in nodes], labels, frames_of(scene), classes_of(scene))
