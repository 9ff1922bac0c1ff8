"""Undo for points that the mouse moves in a view."""

from collections.abc import Callable, Iterable
from typing import Any

import slicer
from slicer.util import VTKObservationMixin

_MARKUPS = slicer.vtkMRMLMarkupsNode


class DragUndo(VTKObservationMixin):
    """Remembers the scene before the mouse moves a point of some markups; a mere click on a point costs no step.

    Args:
        remember: Called while all points still are where they were.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._remember = remember
        self._grabbed: dict[Any, list[Any]] = {}

    def follow(self, nodes: Iterable[Any]) -> None:
        """Observe these markups, and no others any more."""
        self.removeObservers()
        self._grabbed.clear()
        for node in nodes:
            self.addObserver(node, _MARKUPS.PointStartInteractionEvent, self._onGrab)
            # Before anybody else looks.
            self.addObserver(node, _MARKUPS.PointModifiedEvent, self._onMove, priority=1.0)
            self.addObserver(node, _MARKUPS.PointEndInteractionEvent, self._onRelease)

    def _onGrab(self, node: Any, event: str) -> None:
        self._grabbed[node] = _positions(node)

    def _onMove(self, node: Any, event: str) -> None:
        before, now = self._grabbed.get(node), _positions(node)
        if before is None or len(before) != len(now) or before == now:
            return
        del self._grabbed[node]
        # Slicer tells only after the first step of a drag.
        _put(node, before)
        self._remember()
        _put(node, now)

    def _onRelease(self, node: Any, event: str) -> None:
        self._grabbed.pop(node, None)


def _positions(node: Any) -> list[tuple[float, float, float]]:
    return [tuple(node.GetNthControlPointPosition(index)) for index in range(node.GetNumberOfControlPoints())]


def _put(node: Any, positions: list[tuple[float, float, float]]) -> None:
    for index, position in enumerate(positions):
        if tuple(node.GetNthControlPointPosition(index)) != position:
            node.SetNthControlPointPosition(index, position)
