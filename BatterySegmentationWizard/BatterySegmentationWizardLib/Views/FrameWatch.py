"""What happens to frames and labels in the views, told as it concerns the wizard."""

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from batterycell.clip import Box
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.cut_roi import box_of, put_box
from batterycell.mrml.wizard.classes import all_labels
from batterycell.mrml.wizard.frames import frame_nodes, settle_frame
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Later import Later
from slicer.util import VTKObservationMixin

_MARKUPS, _SEGMENTATION = slicer.vtkMRMLMarkupsNode, slicer.vtkSegmentation
_PAINTS = (
    _SEGMENTATION.SourceRepresentationModified,
    _SEGMENTATION.SegmentModified,
    _SEGMENTATION.SegmentAdded,
    _SEGMENTATION.SegmentRemoved,
)


class FrameWatch(VTKObservationMixin):
    """Observes all frames and labels of a scene.

    ``moved`` tells the id of a frame that was dragged or changed, ``painted`` the id of the image whose labels changed,
    at once; ``changed``, a moment later, any change of frames.

    Args:
        remember: Called before the mouse moves a frame, for undo.
    """

    def __init__(self, remember: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self.moved, self.painted, self.changed = Signal(), Signal(), Later()
        self._remember = remember
        self._frames: list[Any] = []
        self._labels: list[Any] = []
        self._grabbed: dict[Any, Box] = {}

    def follow(self, scene: Any) -> None:
        """Observe the frames and labels that are there; none for None."""
        frames, labels = (frame_nodes(scene), all_labels(scene)) if scene else ([], [])
        if frames == self._frames and labels == self._labels:
            return
        self.removeObservers()
        self._grabbed.clear()
        self._frames, self._labels = frames, labels
        for roi in frames:
            self._observeFrame(roi)
        for node in labels:
            for event in _PAINTS:
                self.addObserver(node.GetSegmentation(), event, lambda *_, node=node: self._onPaint(node))

    def _observeFrame(self, roi: Any) -> None:
        self.addObserver(roi, _MARKUPS.PointStartInteractionEvent, self._onGrab)
        # Before anybody else looks.
        self.addObserver(roi, _MARKUPS.PointModifiedEvent, self._onMove, priority=1.0)
        self.addObserver(roi, _MARKUPS.PointEndInteractionEvent, self._onRelease)
        self.addObserver(roi, vtk.vtkCommand.ModifiedEvent, self._onChange)

    def _onGrab(self, roi: Any, event: str) -> None:
        self._grabbed[roi] = box_of(roi)

    def _onMove(self, roi: Any, event: str) -> None:
        before = self._grabbed.pop(roi, None)
        if before is not None:
            # Slicer tells only after the first step of a drag.
            now = box_of(roi)
            put_box(roi, before)
            self._remember()
            put_box(roi, now)
        self._onChange(roi, event)

    def _onRelease(self, roi: Any, event: str) -> None:
        self._grabbed.pop(roi, None)
        settle_frame(roi)
        self._onChange(roi, event)

    def _onChange(self, roi: Any, event: str) -> None:
        self.moved.emit(roi.GetID())
        self.changed.start()

    def _onPaint(self, labels: Any) -> None:
        image = volume_node_of(labels)
        if image is not None:
            self.painted.emit(image.GetID())
