"""What was found in a movie, in a scene: particles as a label volume, to which maps, browser and tables belong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from batterycell.measured import Stage
from batterycell.movie.load.result import MapStack, MovieFolder
from batterycell.mrml.batch import in_one_go
from batterycell.mrml.cell import attached, role_of, volume_node_of
from batterycell.mrml.names import set_name
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.object_colors import ensure_colors
from batterycell.mrml.settle import settle
from batterycell.mrml.stages import add_stages, remove_stages, stages_of
from batterycell.mrml.volumes import storable, to_image, to_vtk_matrix

from .frames import look_of_frames
from .looks import LOOKS
from .maps import BEHIND, BROWSER, MAP, TITLE, add_maps, join_frames, remove_with_parts, shown_by
from .sequences import browser_of, magnify_image, place_of, proxy_of

_NOTE, _SOURCE = "BatteryCell.MovieResult", "BatteryCell.MovieSource"


@dataclass(frozen=True)
class MovieNote:
    """How a result came about.

    Args:
        sample: Name of the movie.
        steps: The steps that were gone.
        folder: Where its files lie; empty, or gone, where nobody kept them.
        settings: What the section asked for, in JSON's types.
    """

    sample: str
    steps: tuple[str, ...] = ()
    folder: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


def add_results(scene: Any, source: Any, found: Sequence[MovieFolder], note: MovieNote) -> Any:
    """Keep what was found in a movie, in place of what was found in it before.

    Args:
        scene: The scene.
        source: The movie's sequence; None for a result that comes without frames.
        found: The folders of the steps, in the order of the road.
        note: How it came about.

    Returns:
        The ``vtkMRMLLabelMapVolumeNode`` of the particles.
    """
    before = result_of(source) if source is not None else None
    if before is not None:
        remove_results(before)
    with in_one_go(scene):
        owner = _add_particles(scene, found[-1].particles, note)
        if source is not None:
            owner.SetNodeReferenceID(_SOURCE, source.GetID())
        add_maps(owner, _chosen(found), note.sample)
        join_frames(owner, source)
        add_stages(owner, [one.stage for one in found])
        for node in attached(owner):
            node.SetUndoEnabled(False)
    settle(owner)
    return owner


def result_of(node: Any) -> Any:
    """The particles of a movie by its sequence of frames, by one of its maps, or by themselves; None without any."""
    if node is None or node.GetScene() is None or is_result(node):
        return node if node is not None and node.GetScene() is not None else None
    owner = volume_node_of(node)
    if owner is not None and is_result(owner):
        return owner
    return next((one for one in all_results(node.GetScene()) if source_of(one) is node), None)


def all_results(scene: Any) -> list[Any]:
    """The particles of all movies of a scene that were measured."""
    return [node for node in nodes_of(scene, "vtkMRMLLabelMapVolumeNode") if is_result(node)]


def is_result(node: Any) -> bool:
    """Whether a node holds the particles of a movie."""
    return bool(node.GetAttribute(_NOTE))


def source_of(owner: Any) -> Any:
    """The sequence in which something was found; None where it came without frames, or was removed."""
    return owner.GetNodeReference(_SOURCE)


def note_of(owner: Any) -> MovieNote:
    """How a result came about."""
    values = json.loads(owner.GetAttribute(_NOTE))
    return MovieNote(**{**values, "steps": tuple(values["steps"])})


def stages_of_movie(owner: Any) -> tuple[Stage, ...]:
    """What was found, as it was written."""
    return stages_of(owner)


def maps_of(owner: Any) -> dict[str, Any]:
    """The volumes that show the maps of a movie, by their titles, in the order in which they are offered."""
    order = {look.label: place for place, look in enumerate(LOOKS.values())}
    named = {str(one.GetAttribute(TITLE)): shown_by(one) for one in attached(owner, MAP)}
    frames = source_of(owner)
    named |= {look_of_frames(frames).label: proxy_of(frames)} if frames is not None else {}
    found = {title: volume for title, volume in named.items() if volume is not None}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0].split(BEHIND)[0], len(order))))


def chief_sequence(owner: Any) -> Any:
    """The sequence by which a result that came without frames is chosen; None where nothing in it changes."""
    return next((one for one in attached(owner, MAP) if one.IsA("vtkMRMLSequenceNode")), None)


def browsers_of(owner: Any) -> list[Any]:
    """The browsers in which the maps of a movie are played: that of time first."""
    return attached(owner, BROWSER)


def state_of_result(owner: Any) -> tuple[Any, ...]:
    """What tells whether another result is there."""
    return (owner.GetID(), owner.GetAttribute(_NOTE), tuple(node.GetID() for node in attached(owner)))


def remove_results(owner: Any) -> None:
    """Remove what was found in a movie; its frames stay."""
    scene = owner.GetScene()
    with in_one_go(scene):
        remove_stages(owner)
        shown = [shown_by(one) for one in attached(owner, MAP)]
        # Browsers first: they would make their proxies anew.
        every = sorted(attached(owner), key=lambda one: role_of(one) != BROWSER)
        for node in [*every, *(one for one in shown if one is not None), owner]:
            remove_with_parts(scene, node)


def remove_movie(frames: Any) -> None:
    """Remove the frames of a movie with all that was found in them."""
    scene, owner = frames.GetScene(), result_of(frames)
    if owner is not None:
        remove_results(owner)
    proxy, browser = proxy_of(frames), browser_of(frames)
    for node in (browser, proxy, frames):
        if node is not None:
            remove_with_parts(scene, node)


def _add_particles(scene: Any, particles: MapStack, note: MovieNote) -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    set_name(node, f"{note.sample} particles")
    node.SetIJKToRASMatrix(to_vtk_matrix(place_of(particles.pixel_um)))
    node.SetAndObserveImageData(to_image(storable(np.array(particles.values[:1]))))
    node.CreateDefaultDisplayNodes()
    node.SetAttribute(_NOTE, json.dumps(asdict(note), ensure_ascii=False))
    ensure_colors(node, int(particles.values.max()))
    magnify_image(node)
    node.SetUndoEnabled(False)
    return node


def _chosen(found: Sequence[MovieFolder]) -> list[MapStack]:
    """The maps that come into a scene; those of later steps win."""
    by_name = {name: stack for one in found for name, stack in one.maps.items()}
    if "lithium" in by_name:
        by_name.pop("lithium_unbounded", None)
    return [by_name[name] for name in LOOKS if name in by_name]
