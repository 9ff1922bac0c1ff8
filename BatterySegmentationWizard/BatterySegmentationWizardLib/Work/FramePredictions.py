"""Predicting all frames of a project, image by image, in the worker that stays."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import qt
from batterycell.errors import BatteryCellError
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.wizard.frames import frame_nodes, frame_of
from batterycell.mrml.wizard.review import show_found
from batterycell.segment import SegmentClass
from batterycell.volume import Volume
from batterycell.worker.segment import read_segmented, read_summary
from BatteryCellAnalysisLib.Signal import Signal

from .ImageWork import ImageWork


class FramePredictions:
    """Predicts frames, and keeps how unsure the model was.

    Signals: ``done(notes)`` when all frames were predicted, ``failed(error)``.

    Args:
        job: Runs the worker.
    """

    def __init__(self, job: Any) -> None:
        self.done, self.failed = Signal(), Signal()
        self.uncertainty: dict[str, Volume] = {}
        self._work, self._queue = ImageWork(job), []
        self._model, self._notes = "", []
        self._work.failed.connect(self._onFailed)

    def start(self, scene: Any, model: str) -> None:
        """Predict all frames of a scene with the model in a folder."""
        self._model, self._notes = model, []
        self.uncertainty.clear()
        images = dict.fromkeys(volume_node_of(roi) for roi in frame_nodes(scene))
        self._queue = [(image, frame_nodes(scene, image)) for image in images]
        self._next()

    def forget(self) -> None:
        """Forget all images: the scene is closed."""
        self._queue, self._work.image = [], None
        self.uncertainty.clear()

    def _next(self) -> None:
        if not self._queue:
            self.done.emit(list(dict.fromkeys(self._notes)))
            return
        image, rois = self._queue.pop(0)
        settings = {"model": self._model, "frames": [asdict(frame_of(roi)) for roi in rois], "uncertainty": True}
        self._work.run("segment", image, settings, lambda folder: self._onDone(folder, rois))

    def _onDone(self, folder: Path, rois: list[Any]) -> None:
        classes = [SegmentClass(**one) for one in read_summary(folder)["classes"]]
        for roi, found in zip(rois, read_segmented(folder), strict=True):
            if roi.GetScene() is None:
                continue
            show_found(roi, found.labels, classes)
            self._notes += found.notes
            if found.uncertainty is not None:
                self.uncertainty[roi.GetID()] = _copy(found.uncertainty)
        # Once the job is over.
        qt.QTimer.singleShot(0, self._next)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._queue = []
        self.failed.emit(error)


def _copy(volume: Volume) -> Volume:
    """A volume of its own memory: that of a job goes with its folder."""
    return Volume(np.array(volume.array), volume.ijk_to_ras, volume.voxel_size_source, volume.name)
