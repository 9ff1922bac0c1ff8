"""The maps of a movie in a scene: those that change with time in a browser, the others as single volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.movie.load.result import MapStack
from batterycell.mrml.cell import attach, attached

from .looks import dress, look_of, range_of
from .sequences import add_browser, add_image, add_sequence, magnify_image, proxy_of, update_proxies

# The roles of maps and browsers; on a map: its title.
MAP, BROWSER, TITLE = "movie-map", "movie-browser", "BatteryCell.MovieMap"
# Between the title of a map and the half cycle that it shows.
BEHIND = " · "
# Fronts of more half cycles than these are for tables.
_MOST_IMAGES = 12


def add_maps(owner: Any, stacks: Sequence[MapStack], sample: str) -> None:
    """Add maps to the particles of a movie.

    Args:
        owner: The particles.
        stacks: The maps.
        sample: Name of the movie.
    """
    played: dict[str, list[tuple[MapStack, Any]]] = {}
    for stack in stacks:
        if _is_played(stack, stacks):
            played.setdefault(stack.index[0], []).append((stack, _add_sequence(owner, stack, sample)))
        else:
            for number in range(min(len(stack.values), _MOST_IMAGES)):
                _add_image(owner, stack, number, sample)
    for index, sequences in played.items():
        _add_browser(owner, f"{sample} over {index}", sequences)


def _is_played(stack: MapStack, stacks: Sequence[MapStack]) -> bool:
    """Whether a map changes with time or energy, not from half cycle to half cycle."""
    longest = max(len(one.values) for one in stacks)
    return len(stack.values) > 1 and (stack.index[0] in ("time", "energy") or len(stack.values) == longest)


def _add_sequence(owner: Any, stack: MapStack, sample: str) -> Any:
    node = add_sequence(owner.GetScene(), stack, f"{sample} {look_of(stack.name).plain}")
    attach(owner, node, MAP)
    node.SetAttribute(TITLE, look_of(stack.name).label)
    return node


def _add_image(owner: Any, stack: MapStack, number: int, sample: str) -> None:
    look = look_of(stack.name)
    behind = f"{BEHIND}{stack.index[0]} {stack.places[number]:g}" if len(stack.values) > 1 else ""
    node = add_image(owner.GetScene(), stack, number, f"{sample} {look.plain}{behind}")
    dress(node, look.label, look.colors, range_of(stack))
    attach(owner, node, MAP)
    node.SetAttribute(TITLE, look.label + behind)


def _add_browser(owner: Any, name: str, played: Sequence[tuple[MapStack, Any]]) -> None:
    browser = add_browser(owner.GetScene(), name, [one for _, one in played])
    attach(owner, browser, BROWSER)
    for stack, sequence in played:
        # A proxy takes over all that its sequence's images say: it cannot be attached by itself.
        proxy, look = browser.GetProxyNode(sequence), look_of(stack.name)
        dress(proxy, look.label, look.colors, range_of(stack))
        magnify_image(proxy)
        proxy.SetUndoEnabled(False)


def join_frames(owner: Any, source: Any) -> None:
    """Let the frames be played with the maps where both have the same index."""
    browsers = attached(owner, BROWSER)
    if source is None or not browsers or browsers[0].GetMasterSequenceNode().GetIndexName() != source.GetIndexName():
        return
    before = proxy_of(source)
    browsers[0].AddSynchronizedSequenceNodeID(source.GetID())
    extra = browsers[0].GetProxyNode(source)
    if before is not None:
        browsers[0].AddProxyNode(before, source, False)
    update_proxies(browsers[0])
    if extra is not None and extra is not before:
        remove_with_parts(source.GetScene(), extra)


def shown_by(map_node: Any) -> Any:
    """The volume that shows a map."""
    return map_node if map_node.IsA("vtkMRMLVolumeNode") else proxy_of(map_node)


def remove_with_parts(scene: Any, node: Any) -> None:
    """Remove a node with what only draws and stores it."""
    drawn, stored = node.IsA("vtkMRMLDisplayableNode"), node.IsA("vtkMRMLStorableNode")
    parts = [node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes())] if drawn else []
    for one in (*parts, node.GetStorageNode() if stored else None, node):
        if one is not None and one.GetScene() is scene:
            scene.RemoveNode(one)
