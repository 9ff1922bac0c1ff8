"""What happens to the rulers of a cell in the views, told as it concerns the panel; captions follow at once."""

from collections.abc import Callable
from typing import Any

import qt
import slicer
import vtk
from batterycell.mrml.rulers import refresh_ruler, rulers_of
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Later import Later

from .PointUndo import PointUndo

_MARKUPS = slicer.vtkMRMLMarkupsNode


class RulerWatch(VTKObservationMixin):
    """Observes the rulers and angles of one volume.

    ``placed`` tells a ruler of which a point was placed, ``dragged`` one whose point was let go after a drag,
    ``clicked`` one of which a point was clicked, each by its node; ``changed``, a moment later, any change.

    Args:
        remember: Called before the mouse moves a point, for undo.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self.placed, self.dragged, self.clicked, self.changed = Signal(), Signal(), Signal(), Later()
        self._undo = PointUndo(remember)
        self._nodes: list[Any] = []
        self._moved: set[Any] = set()

    def follow(self, volume: Any) -> None:
        """Observe the rulers of a volume; none for None."""
        nodes = rulers_of(volume) if volume else []
        if not nodes:
            self.changed.stop()
        if nodes == self._nodes:
            return
        self.removeObservers()
        self._nodes = nodes
        self._moved.clear()
        self._undo.follow(nodes)
        for node in nodes:
            self._observe(node)
            refresh_ruler(node)

    def _observe(self, node: Any) -> None:
        self.addObserver(node, _MARKUPS.PointModifiedEvent, self._onMove)
        self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._onChange)
        self.addObserver(node, slicer.vtkMRMLTransformableNode.TransformModifiedEvent, self._onMove)
        self.addObserver(node, _MARKUPS.PointPositionDefinedEvent, self._onPlaced)
        self.addObserver(node, _MARKUPS.PointEndInteractionEvent, self._onRelease)
        if node.GetDisplayNode():
            jump = slicer.vtkMRMLMarkupsDisplayNode.JumpToPointEvent
            self.addObserver(node.GetDisplayNode(), jump, self._onJump)

    def _onMove(self, node: Any, event: str) -> None:
        self._moved.add(node)
        refresh_ruler(node)
        self.changed.start()

    def _onChange(self, caller: Any, event: str) -> None:
        self.changed.start()

    def _onPlaced(self, node: Any, event: str) -> None:
        # Once Slicer is done with the point.
        qt.QTimer.singleShot(0, lambda: self.placed.emit(node))

    def _onRelease(self, node: Any, event: str) -> None:
        if node in self._moved:
            self._moved.discard(node)
            qt.QTimer.singleShot(0, lambda: self.dragged.emit(node))

    def _onJump(self, display: Any, event: str) -> None:
        self.clicked.emit(display.GetDisplayableNode())
