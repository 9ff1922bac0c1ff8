"""A project at one moment: enough to reopen it, copied out of the scene at once, written elsewhere at leisure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.cell import VOXEL_SIZE_SOURCE, input_path, volume_node_of
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.loaded import load_options_of
from batterycell.mrml.names import name_of
from batterycell.mrml.standing import orientation_of
from batterycell.mrml.volumes import from_vtk_matrix, volume_from_node

from .classes import all_labels
from .frames import frame_nodes, frame_of
from .images import channel_nodes
from .project_node import all_notes
from .stored_layers import StoredLayer, paint_time, store_layers

VERSION = 1
_OWN = "BatteryCell."
_ARRAYS = ("places", "words", "tail")


@dataclass(frozen=True)
class Snapshot:
    """A project at one moment.

    Args:
        values: Classes, images, frames and rounds, of JSON's types.
        paint: Labels by the names under which the values speak of them.
        voxels: Likewise, voxels of images that lie in no file; the scene's own memory, to be read only.
        stamp: Differs whenever anything has changed.
    """

    values: dict[str, Any]
    paint: dict[str, NDArray[Any]]
    voxels: dict[str, NDArray[Any]] = field(default_factory=dict)
    stamp: str = ""


def stamp_of(scene: Any) -> str:
    """A text that differs whenever anything in the project has changed; quick to make."""
    paint = [(node.GetID(), paint_time(node)) for node in _labels(scene)]
    voxels = [(node.GetID(), node.GetImageData().GetMTime()) for node in _volume_nodes(scene)]
    return repr((_describe(scene), paint, voxels))


def take_snapshot(scene: Any) -> Snapshot:
    """Copy a project out of the scene."""
    stamp, values = stamp_of(scene), _describe(scene)
    paint: dict[str, NDArray[Any]] = {}
    for number, node in enumerate(_labels(scene)):
        values["images"][number]["layers"] = [
            _layer(f"labels_{number}_{n}", layer, paint) for n, layer in enumerate(store_layers(node))
        ]
    nodes = _volume_nodes(scene)
    fileless = {_key(nodes, node): node for node in nodes if input_path(node) is None}
    return Snapshot(values, paint, {key: volume_from_node(node).array for key, node in fileless.items()}, stamp)


def stored_layers(snapshot: Snapshot, image: dict[str, Any]) -> list[StoredLayer]:
    """The paint of one of the images of a snapshot's values."""
    return [_stored(one, snapshot.paint) for one in image["layers"]]


def _layer(name: str, layer: StoredLayer, paint: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """What is said of a layer; its arrays join the paint."""
    paint |= {f"{name}_{part}": getattr(layer, part) for part in _ARRAYS}
    return {"name": name, **{key: getattr(layer, key) for key in ("start", "shape", "dtype", "values")}}


def _stored(one: dict[str, Any], paint: dict[str, NDArray[Any]]) -> StoredLayer:
    arrays = {part: paint[f"{one['name']}_{part}"] for part in _ARRAYS}
    return StoredLayer(tuple(one["start"]), tuple(one["shape"]), one["dtype"], one["values"], **arrays)


def _describe(scene: Any) -> dict[str, Any]:
    volumes = _volume_nodes(scene)
    images = [volume_node_of(node) for node in _labels(scene)]
    return {
        "version": VERSION,
        "notes": all_notes(scene),
        "volumes": [_volume(volumes, node) for node in volumes],
        "images": [{"volumes": [volumes.index(one) for one in channel_nodes(node)]} for node in images],
        "frames": [
            {**asdict(frame_of(roi)), "volume": volumes.index(volume_node_of(roi))} for roi in frame_nodes(scene)
        ],
    }


def _labels(scene: Any) -> list[Any]:
    """The labels of all images that hold pixels."""
    return [node for node in all_labels(scene) if volume_node_of(node).GetImageData() is not None]


def _volume_nodes(scene: Any) -> list[Any]:
    """All volumes of the project, each once."""
    nodes = [volume_node_of(node) for node in _labels(scene)]
    return list(dict.fromkeys(channel for node in nodes for channel in channel_nodes(node)))


def _key(nodes: list[Any], node: Any) -> str:
    return f"voxels_{nodes.index(node)}"


def _volume(nodes: list[Any], node: Any) -> dict[str, Any]:
    path, turned = input_path(node), orientation_of(node)
    display = node.GetDisplayNode()
    window = [display.GetWindowLevelMin(), display.GetWindowLevelMax()] if display else None
    return {
        "name": name_of(node),
        "path": None if path is None else str(path.absolute()),
        "voxels": _key(nodes, node) if path is None else None,
        "shape": list(volume_from_node(node).array.shape),
        "options": load_options_of(node).to_json(),
        "source": node.GetAttribute(VOXEL_SIZE_SOURCE),
        "geometry": geometry_text(node),
        "attributes": {name: node.GetAttribute(name) for name in _own_attributes(node)},
        "window": window,
        "orientation": None if turned is None else _transform(turned),
    }


def _own_attributes(node: Any) -> list[str]:
    return [name for name in node.GetAttributeNames() if name.startswith(_OWN)]


def _transform(node: Any) -> dict[str, Any]:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    node.GetMatrixTransformToParent(matrix)
    attributes = {name: node.GetAttribute(name) for name in _own_attributes(node)}
    return {"name": name_of(node), "matrix": np.asarray(from_vtk_matrix(matrix)).tolist(), "attributes": attributes}
