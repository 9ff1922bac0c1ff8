"""The training of a project that was interrupted, kept in the project: it goes on with what it was begun with."""

from pathlib import Path
from typing import Any

from batterycell.mrml.wizard.project_node import get_note, set_note
from batterycell.segment import TrainSettings

from .TrainRun import TrainRun, canGoOn, forget

_NOTE = "Training"


class Interrupted:
    """Notes the training under way, and finds it again.

    Args:
        run: Runs trainings.
        getScene: The scene of the project.
    """

    def __init__(self, run: TrainRun, getScene: Any) -> None:
        self._run, self._getScene = run, getScene

    @property
    def isThere(self) -> bool:
        """Whether there is a training that can go on."""
        return self._find() is not None

    def note(self, settings: TrainSettings, startFrom: str) -> None:
        """Note the training that runs."""
        set_note(
            self._getScene(), _NOTE, {"folder": str(self._run.folder), "settings": vars(settings), "start": startFrom}
        )

    def goOn(self) -> None:
        """Go on with it."""
        found = self._find()
        if found is not None:
            self._run.goOn(Path(found["folder"]), TrainSettings(**found["settings"]), found["start"])

    def giveUp(self) -> None:
        """Forget it, with what it learned."""
        found = self._find()
        if found is not None:
            forget(Path(found["folder"]))
        self.end()

    def end(self) -> None:
        """It came to its end."""
        set_note(self._getScene(), _NOTE, None)

    def _find(self) -> dict[str, Any] | None:
        note = get_note(self._getScene(), _NOTE)
        return note if note and not self._run.isRunning and canGoOn(Path(note["folder"])) else None
