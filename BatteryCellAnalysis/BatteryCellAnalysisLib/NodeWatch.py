"""Observing the node that is chosen at the moment."""

from collections.abc import Callable, Sequence
from typing import Any


class NodeWatch:
    """Observes one node at a time.

    Slicer's observation mixin keeps every node that it ever observed, and with a volume all its voxels.

    Args:
        events: What is observed.
        callback: Called as VTK calls observers.
    """

    def __init__(self, events: Sequence[Any], callback: Callable[[Any, Any], None]) -> None:
        self._events, self._callback = events, callback
        self._node: Any = None
        self._tags: list[int] = []

    def watch(self, node: Any) -> None:
        """Observe this node and no other; None for no node."""
        if node is self._node:
            return
        for tag in self._tags:
            self._node.RemoveObserver(tag)
        self._node = node
        self._tags = [] if node is None else [node.AddObserver(event, self._callback) for event in self._events]
