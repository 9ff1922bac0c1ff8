"""A project of an autosave, back in a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.mrml.batch import in_one_go
from batterycell.mrml.cell import INPUT, ORIENTATION, attach, put_under
from batterycell.mrml.geometry import restore_geometry
from batterycell.mrml.volumes import add_volume, to_vtk_matrix
from batterycell.segment import Frame
from batterycell.segment.data.images import read_any
from batterycell.volume import Volume

from .classes import ensure_labels
from .frames import add_frame
from .images import set_channels
from .project_node import set_note
from .snapshot import Snapshot, stored_layers
from .stored_layers import put_layers

Load = Callable[[Path, LoadOptions], Volume]


def load_image(path: Path, options: LoadOptions) -> Volume:
    """Read an image of a project, which may be a single picture.

    Raises:
        InputError: if it cannot be read.
    """
    return load_volume(path, options) if options.step > 1 else read_any(path, options)


def missing_files(snapshot: Snapshot) -> list[Path]:
    """Files of images that are not where they were."""
    paths = [Path(one["path"]) for one in snapshot.values["volumes"] if one["path"]]
    return [path for path in paths if not path.exists()]


def reopen(scene: Any, snapshot: Snapshot, load: Load = load_image) -> list[Any]:
    """Put a project into a scene: images from their files, labels, classes, frames, rounds.

    Args:
        scene: A scene without a project.
        snapshot: As of `autosave.read_snapshot`.
        load: Reads an image.

    Returns:
        The volume nodes of its images.

    Raises:
        InputError: if an image cannot be read, or is no longer the one that was painted on; then nothing was added.
    """
    values = snapshot.values
    volumes = [_read(one, snapshot, load) for one in values["volumes"]]
    with in_one_go(scene):
        nodes = [_add(scene, one, volume) for one, volume in zip(values["volumes"], volumes, strict=True)]
        for name, note in values["notes"].items():
            set_note(scene, name, note)
        for image in values["images"]:
            _add_image(image, snapshot, nodes)
        for frame in values["frames"]:
            _add_frame(frame, nodes)
    return [nodes[image["volumes"][0]] for image in values["images"]]


def _read(one: dict[str, Any], snapshot: Snapshot, load: Load) -> Volume:
    if one["voxels"]:
        return Volume(snapshot.voxels[one["voxels"]], np.eye(4), one["source"] or "", one["name"])
    options = replace(LoadOptions.from_json(one["options"]), needs_voxel_size=False)
    volume = load(Path(one["path"]), options)
    if list(volume.array.shape) != one["shape"]:
        message = f"{one['path']} is no longer the image that was painted on: it has another size."
        raise InputError("image-changed", message, "Put the old file back and reopen the project again.")
    return volume


def _add(scene: Any, one: dict[str, Any], volume: Volume) -> Any:
    node = add_volume(scene, volume, one["name"], tuple(one["window"]) if one["window"] else None)
    restore_geometry(node, one["geometry"])
    for name, text in one["attributes"].items():
        node.SetAttribute(name, text)
    if one["path"]:
        node.SetAttribute(INPUT, one["path"])
    if one["orientation"]:
        _turn(node, one["orientation"])
    return node


def _turn(volume_node: Any, orientation: dict[str, Any]) -> None:
    node = volume_node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode", orientation["name"])
    node.SetMatrixTransformToParent(to_vtk_matrix(np.array(orientation["matrix"])))
    for name, text in orientation["attributes"].items():
        node.SetAttribute(name, text)
    attach(volume_node, node, ORIENTATION)
    put_under(volume_node, node)


def _add_image(image: dict[str, Any], snapshot: Snapshot, nodes: list[Any]) -> None:
    first, *others = (nodes[number] for number in image["volumes"])
    put_layers(ensure_labels(first), stored_layers(snapshot, image))
    if others:
        set_channels(first, others)


def _add_frame(values: dict[str, Any], nodes: list[Any]) -> None:
    places = {key: tuple(values[key]) for key in ("centre_mm", "size_mm")}
    axes = tuple(tuple(row) for row in values["axes"])
    rest = {key: values[key] for key in ("name", "image", "role", "full")}
    add_frame(nodes[values["volume"]], Frame(**{"axes": axes, **places, **rest}))
