"""What happens to the points of the defects in the views, told as it concerns the panel."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import qt
import slicer
import vtk
from batterycell.mrml.defect_classes import defect_lists
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Later import Later

from .PointUndo import PointUndo

_MARKUPS = slicer.vtkMRMLMarkupsNode
_CHANGES = (
    vtk.vtkCommand.ModifiedEvent,
    _MARKUPS.PointAddedEvent,
    _MARKUPS.PointRemovedEvent,
    _MARKUPS.PointModifiedEvent,
)


class DefectWatch(VTKObservationMixin):
    """Observes the point lists of one volume.

    ``placed`` tells that a point was placed with Slicer's own tools, ``clicked`` the label of a point that was clicked
    in a view, and ``changed``, a moment later, any change.

    Args:
        remember: Called before a point is moved or deleted in a view, for undo.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self.placed, self.clicked, self.changed = Signal(), Signal(), Later()
        self._undo = PointUndo(remember)
        self._nodes: list[Any] = []

    def follow(self, volume: Any) -> None:
        """Observe the point lists of a volume; none for None."""
        nodes = defect_lists(volume) if volume else []
        if not nodes:
            self.changed.stop()
        if nodes == self._nodes:
            return
        self.removeObservers()
        self._nodes = nodes
        self._undo.follow(nodes)
        for node in nodes:
            self._observe(node)

    def paused(self) -> AbstractContextManager[None]:
        """Edits inside were remembered already."""
        return self._undo.paused()

    def _observe(self, node: Any) -> None:
        for event in _CHANGES:
            self.addObserver(node, event, self._onChange)
        self.addObserver(node, _MARKUPS.PointPositionDefinedEvent, self._onPlaced)
        if node.GetDisplayNode():
            jump = slicer.vtkMRMLMarkupsDisplayNode.JumpToPointEvent
            self.addObserver(node.GetDisplayNode(), jump, self._onJump)

    def _onChange(self, caller: Any, event: str) -> None:
        self.changed.start()

    def _onPlaced(self, caller: Any, event: str) -> None:
        # Once Slicer is done with the point.
        qt.QTimer.singleShot(0, self.placed.emit)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onJump(self, display: Any, event: str, data: Any) -> None:
        if data.GetComponentType() == display.ComponentControlPoint:
            node, index = display.GetDisplayableNode(), data.GetComponentIndex()
            self.clicked.emit(node.GetNthControlPointLabel(index))
