"""What is painted in each frame, counted anew a moment after something was painted, one frame at a time."""

from typing import Any

import qt
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.wizard.classes import class_ids
from batterycell.mrml.wizard.frame_table import painted_in
from batterycell.mrml.wizard.frames import frame_nodes, frame_of
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Later import Later

# A stroke goes on meanwhile.
_AFTER_PAINT_MS = 300


class FrameCounts:
    """Counts the painted pixels of frames; ``changed`` tells that all are counted."""

    def __init__(self) -> None:
        self.changed = Signal()
        self._later = Later(_AFTER_PAINT_MS)
        self._later.connect(self._count)
        self._scene: Any = None
        self._known: dict[str, tuple[int, ...]] = {}
        self._classes: list[str] = []

    def follow(self, scene: Any) -> None:
        """Count the frames of a scene that were not counted yet; none for None."""
        if scene is not self._scene:
            self._known.clear()
        self._scene = scene
        if scene is None:
            self._later.stop()
            return
        if (classes := class_ids(scene)) != self._classes:
            self._classes = classes
            self._known.clear()
        if self._missing():
            self._later.start()

    def of(self, frameId: str) -> tuple[int, ...] | None:
        """Unpainted pixels of a frame, and painted ones of each class in order; None while they are not known."""
        return self._known.get(frameId)

    def forgetFrame(self, frameId: str) -> None:
        """Count a frame anew."""
        self._known.pop(frameId, None)
        self._later.start()

    def forgetImage(self, imageId: str) -> None:
        """Count the frames of an image anew."""
        for roi in frame_nodes(self._scene) if self._scene else []:
            if volume_node_of(roi).GetID() == imageId:
                self._known.pop(roi.GetID(), None)
        self._later.start()

    def _missing(self) -> list[Any]:
        return [roi for roi in frame_nodes(self._scene) if roi.GetID() not in self._known]

    def _count(self) -> None:
        missing = self._missing() if self._scene else []
        if not missing:
            self.changed.emit()
            return
        roi = missing[0]
        self._known[roi.GetID()] = tuple(painted_in(volume_node_of(roi), frame_of(roi)).tolist())
        qt.QTimer.singleShot(0, self._count)
