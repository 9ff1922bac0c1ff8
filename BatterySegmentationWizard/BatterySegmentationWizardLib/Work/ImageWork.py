"""Work of a worker on one image, whose result is shown only while the image is there and where it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, explain
from batterycell.mrml.geometry import geometry_text
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder

from .ImageJob import makeImageJob


class ImageWork:
    """Runs one job at a time.

    ``failed`` tells the error: of the job, or of showing its result.

    Args:
        job: Runs the worker.
    """

    def __init__(self, job: Any) -> None:
        self.failed = Signal()
        self.job, self.image = job, None
        self._geometry, self._folder = "", Path()
        self._onDone: Callable[[Path], None] = lambda folder: None
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    def run(self, verb: str, image: Any, settings: dict[str, Any], onDone: Callable[[Path], None]) -> None:
        """Let a worker do something with an image.

        Args:
            verb: One of ``batterycell.worker.VERBS``.
            image: The volume node; None where the work needs none.
            settings: What the verb asks for.
            onDone: Called with the job's folder, which is gone afterwards.
        """
        self.image, self._onDone = image, onDone
        self._geometry = "" if image is None else geometry_text(image)
        make = makeImageJob if image is not None else makeJobFolder
        self._folder = make(verb, image, settings)
        self.job.start(self._folder)

    def forget(self) -> None:
        """Forget the image: its scene is closed."""
        self.image = None

    def _onFinished(self, folder: Path) -> None:
        # A runner may be shared.
        if folder != self._folder:
            return
        try:
            self._check()
            self._onDone(folder)
        except BatteryCellError as error:
            self.failed.emit(error)
        except Exception as error:  # noqa: BLE001 - else the page would say nothing
            self.failed.emit(explain(error))
        removeJobFolder(folder)

    def _check(self) -> None:
        if not self._geometry:
            return
        if self.image is None or self.image.GetScene() is None:
            raise BatteryCellError("volume-removed", _("The image was removed."), _("Choose another image."))
        if geometry_text(self.image) != self._geometry:
            raise BatteryCellError("volume-moved", _("The image was moved meanwhile."), _("Try again."))

    def _onFailed(self, error: BatteryCellError) -> None:
        if self.job.folder == self._folder:
            removeJobFolder(self._folder)
            self.failed.emit(error)
