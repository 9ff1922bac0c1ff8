"""Workers on the chosen cell, one at a time."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml import cell_of, set_cell, volume_of
from batterycell.mrml.geometry import geometry_text
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult
from batterycell.worker.find import read_cell

from BatteryCellAnalysisLib.I18n import _

from .JobFolder import makeJobFolder, removeJobFolder


class CellWork:
    """Runs workers on the panel's volume, and finds the cell first where it is not known.

    Args:
        panel: Gives the volume and the job.
        section: Shows what goes wrong.
    """

    def __init__(self, panel: Any, section: Any) -> None:
        self._panel, self._section = panel, section
        self.job = panel.makeJob()
        self._volume: Any = None
        self._geometry = ""
        self._onDone: Callable[[Path], None] = lambda folder: None
        self.job.finished.connect(self._onFinished)
        self.job.failed.connect(self._onFailed)

    def withCell(self, action: Callable[[], None]) -> None:
        """Act once it is known where the cell stands; while that is being found, do nothing."""
        if cell_of(self._panel.parameters.volume) is not None:
            action()
        elif not self.job.isRunning:
            self.run("find", {}, lambda folder: self._onFound(folder, action))

    def measure(
        self,
        recipe: AnalyzeRecipe,
        keep: Callable[[Any, AnyResult], None],
        writeMore: Callable[[Path], dict[str, Any]] | None = None,
    ) -> None:
        """Let a worker measure the volume.

        Args:
            recipe: What to measure.
            keep: Called with the volume and its result, unless the volume is gone.
            writeMore: As in `makeJobFolder`.
        """
        self.run("analyze", asdict(recipe), lambda folder: self._onMeasured(folder, keep), writeMore)

    def run(
        self,
        verb: str,
        settings: dict[str, Any],
        onDone: Callable[[Path], None],
        writeMore: Callable[[Path], dict[str, Any]] | None = None,
    ) -> None:
        """Let a worker do something with the volume.

        Args:
            verb: What to do, one of ``batterycell.worker.VERBS``.
            settings: What the verb asks for.
            onDone: Called with the job's folder, unless the volume is gone.
            writeMore: As in `makeJobFolder`.
        """
        self._volume, self._onDone = self._panel.parameters.volume, onDone
        self._geometry = geometry_text(self._volume)
        self.job.start(makeJobFolder(verb, self._volume, settings, writeMore))

    def _onFound(self, folder: Path, action: Callable[[], None]) -> None:
        set_cell(self._volume, read_cell(folder))
        if self._panel.parameters.volume is self._volume:
            action()

    def _onMeasured(self, folder: Path, keep: Callable[[Any, AnyResult], None]) -> None:
        from batterycell.worker.analyze import read_result

        keep(self._volume, read_result(folder, volume_of(self._volume)))

    def _onFinished(self, folder: Path) -> None:
        with self._section.reporting(_("The result cannot be shown.")):
            if self._volume.GetScene() is None:
                raise BatteryCellError("volume-removed", _("The volume was removed."), _("Choose another volume."))
            if geometry_text(self._volume) != self._geometry:
                raise BatteryCellError("volume-moved", _("The volume was moved meanwhile."), _("Try again."))
            self._onDone(folder)
        self._end(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._end(self.job.folder)

    def _end(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._panel.refresh()
