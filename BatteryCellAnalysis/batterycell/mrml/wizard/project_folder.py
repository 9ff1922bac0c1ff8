"""A project of a scene as a project folder, from which the command line trains the same, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.mrml.batch import in_one_go
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE
from batterycell.mrml.volumes import add_volume
from batterycell.segment import Image
from batterycell.segment.data.contents import Project
from batterycell.segment.data.saving import write_project

from .classes import all_labels, classes_of, ensure_labels, set_classes, sync_classes
from .frames import add_frame, frames_of
from .images import image_name, image_nodes, image_of, set_channels
from .labels import read_labels, write_codes
from .results import region_in


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


def add_project(scene: Any, project: Project) -> list[Any]:
    """Put a project, as of `segment.data.read_project`, into a scene.

    Args:
        scene: A scene without images of a project.
        project: The project.

    Returns:
        The volume nodes of its images.

    Raises:
        InputError: if the scene holds images of a project already.
    """
    if image_nodes(scene):
        raise InputError("project-there", "The scene holds a project already.", "Close the scene first.")
    with in_one_go(scene):
        set_classes(scene, project.classes)
        nodes = {image.name: _add_image(scene, image) for image in project.images}
        for name, labels in project.labels.items():
            region = region_in(labels, project.image(name).grid)
            write_codes(ensure_labels(nodes[name]), labels.array, region)
        for frame in project.frames:
            add_frame(nodes[frame.image], frame)
    return list(nodes.values())


def _add_image(scene: Any, image: Image) -> Any:
    names = [image.name] if len(image.channels) == 1 else [f"{image.name} {name}" for name in image.channel_names]
    first, *others = (_add_volume(scene, *pair) for pair in zip(image.channels, names, strict=True))
    ensure_labels(first)
    if others:
        set_channels(first, others)
    return first


def _add_volume(scene: Any, volume: Any, name: str) -> Any:
    node = add_volume(scene, volume, name)
    node.SetAttribute(VOXEL_SIZE_SOURCE, volume.voxel_size_source)
    return node
