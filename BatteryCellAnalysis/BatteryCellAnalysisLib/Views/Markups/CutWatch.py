"""What happens to the box of a cut in the views, and what else comes into the scene to be cut."""

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from batterycell.clip import Box
from batterycell.mrml.cut_roi import box_of, put_box, roi_of
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Views.Later import Later

_MARKUPS = slicer.vtkMRMLMarkupsNode
_NEW = ("vtkMRMLModelDisplayNode", "vtkMRMLSegmentationDisplayNode", "vtkMRMLVolumeRenderingDisplayNode")


class CutWatch(VTKObservationMixin):
    """Observes the ROI of one volume; ``changed`` tells, a moment later, that it was dragged or has more to cut.

    Args:
        remember: Called before the mouse moves the box, for undo.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self.changed = Later()
        self._remember = remember
        self._roi: Any = None
        self._grabbed: Box | None = None

    def follow(self, volume: Any) -> None:
        """Observe the ROI of a volume and its scene; nothing for None or for a whole cell."""
        roi = roi_of(volume) if volume else None
        if roi is self._roi:
            return
        self.removeObservers()
        self.changed.stop()
        self._roi, self._grabbed = roi, None
        if roi is not None:
            self.addObserver(roi, _MARKUPS.PointStartInteractionEvent, self._onGrab)
            # Before anybody else looks.
            self.addObserver(roi, _MARKUPS.PointModifiedEvent, self._onMove, priority=1.0)
            self.addObserver(roi, _MARKUPS.PointEndInteractionEvent, self._onRelease)
            self.addObserver(roi.GetScene(), slicer.vtkMRMLScene.NodeAddedEvent, self._onAdded)

    def _onGrab(self, roi: Any, event: str) -> None:
        self._grabbed = box_of(roi)

    def _onMove(self, roi: Any, event: str) -> None:
        before, self._grabbed = self._grabbed, None
        if before is not None:
            now = box_of(roi)
            put_box(roi, before)
            self._remember()
            put_box(roi, now)

    def _onRelease(self, roi: Any, event: str) -> None:
        self._grabbed = None
        self.changed.start()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onAdded(self, scene: Any, event: str, node: Any) -> None:
        if any(node.IsA(kind) for kind in _NEW):
            self.changed.start()
