"""Undo for points that people move or delete in the views, which the panel would else not hear of in time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import slicer
import vtk
from slicer.util import VTKObservationMixin

_MARKUPS = slicer.vtkMRMLMarkupsNode


class PointUndo(VTKObservationMixin):
    """Remembers the scene before a point of some markups is moved or deleted; a mere click on a point costs no step.

    Args:
        remember: Called while all points still are where they were.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._remember, self._isPaused = remember, False
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
            self.addObserver(node, _MARKUPS.PointAboutToBeRemovedEvent, self._onRemove)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Remember nothing meanwhile: for edits by the panel, which remembered already."""
        self._isPaused = True
        try:
            yield
        finally:
            self._isPaused = False

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

    @vtk.calldata_type(vtk.VTK_INT)
    def _onRemove(self, node: Any, event: str, index: int) -> None:
        # A point in preview comes and goes with the mouse.
        if not self._isPaused and node.GetNthControlPointPositionStatus(index) == node.PositionDefined:
            self._remember()


def _positions(node: Any) -> list[tuple[float, float, float]]:
    return [tuple(node.GetNthControlPointPosition(index)) for index in range(node.GetNumberOfControlPoints())]


def _put(node: Any, positions: list[tuple[float, float, float]]) -> None:
    for index, position in enumerate(positions):
        if tuple(node.GetNthControlPointPosition(index)) != position:
            node.SetNthControlPointPosition(index, position)
