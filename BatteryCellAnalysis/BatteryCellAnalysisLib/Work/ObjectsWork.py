"""One measurement of objects at a time, in a worker; what it found comes into the scene."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.io.labels import LabelVolume
from batterycell.mrml.objects import add_objects
from batterycell.recipe import ObjectsRecipe
from batterycell.worker.instances import read_objects

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_FIND_OBJECTS, ensure
from BatteryCellAnalysisLib.Signal import Signal

from .JobFolder import makeJobFolder, makeLabelsFolder, removeJobFolder


class ObjectsWork:
    """Runs workers on labels.

    ``kept(node, stages)`` tells that what was found is in the scene.

    Args:
        panel: Gives the job.
        section: Shows what goes wrong.
    """

    def __init__(self, panel: Any, section: Any) -> None:
        self.kept = Signal()
        self._panel, self._section = panel, section
        self.job = panel.makeJob()
        self._source: Any = None
        self._onDone: Callable[[Path], Any] = lambda folder: False
        self.job.finished.connect(self._onFinished)
        self.job.failed.connect(self._onFailed)

    def measure(
        self,
        source: Any,
        labels: LabelVolume,
        recipe: ObjectsRecipe,
        writeMore: Callable[[Path], dict[str, Any]],
        edits: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Measure objects, and keep them in the scene.

        Args:
            source: The segmentation or label volume.
            labels: Where it lies, and what its values mean.
            recipe: The settings.
            writeMore: Writes what else the worker needs into the job's folder, and returns the settings that name it.
            edits: Merges, splits and removals, in JSON's types.

        Raises:
            BatteryCellError: if it cannot begin.
        """
        ensure(TO_FIND_OBJECTS)
        settings = {"recipe": asdict(recipe), "edits": list(edits)}
        self.run(recipe.verb, source, settings, writeMore, lambda folder: self._keep(folder, source, labels, edits))

    def run(
        self,
        verb: str,
        source: Any,
        settings: dict[str, Any],
        writeMore: Callable[[Path], dict[str, Any]],
        onDone: Callable[[Path], Any],
    ) -> None:
        """Let a worker do something with labels.

        Args:
            verb: What, one of ``batterycell.worker.VERBS``.
            source: The segmentation or label volume; None where it needs none.
            settings: What the verb asks for.
            writeMore: As of `measure`.
            onDone: Called with the job's folder; what it returns says whether the folder belongs to somebody now.
        """
        self._source, self._onDone = source, onDone
        make = makeJobFolder if source is None else makeLabelsFolder
        self.job.start(make(verb, source, settings, writeMore))

    def _keep(self, folder: Path, source: Any, labels: LabelVolume, edits: Sequence[dict[str, Any]]) -> bool:
        result = read_objects(folder, labels)
        isKept = result.instances is not None
        node = add_objects(source, result, edits, folder if isKept else None)
        # A table of a hundred thousand rows takes a moment to keep, and another one to show.
        qt.QTimer.singleShot(0, lambda: self.kept.emit(node, result.stages))
        return isKept

    def _onFinished(self, folder: Path) -> None:
        isKept: Any = False
        with self._section.reporting(_("The result cannot be shown."), keepMessage=True):
            if self._source is not None and self._source.GetScene() is None:
                raise BatteryCellError("labels-removed", _("The labels were removed."), _("Measure again."))
            isKept = self._onDone(folder)
        if not isKept:
            removeJobFolder(folder)
        qt.QTimer.singleShot(0, self._panel.refresh)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        removeJobFolder(self.job.folder)
        self._panel.refresh()
