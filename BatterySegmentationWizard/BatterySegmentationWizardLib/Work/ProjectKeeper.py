"""Keeps an autosave of the project: copied out of the scene in a moment, written in a thread."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError, explain
from batterycell.mrml.wizard.autosave import Autosave
from batterycell.mrml.wizard.snapshot import Snapshot
from BatteryCellAnalysisLib.Signal import Signal

INTERVAL_MS = 30_000
_PATIENCE_S = 20.0


class ProjectKeeper:
    """Saves when something has changed, at least each minute.

    Signals: ``failed(error)`` where it could not be written.

    Args:
        getScene: The scene.
        root: The folder of all autosaves.
    """

    def __init__(self, getScene: Callable[[], Any], root: Path) -> None:
        self.failed = Signal()
        self.autosave = Autosave(root)
        # Seconds for which the window waited at most.
        self.longest = 0.0
        self._getScene = getScene
        self._thread: threading.Thread | None = None
        self._error: BatteryCellError | None = None
        self._timer = qt.QTimer()
        self._timer.setInterval(INTERVAL_MS)
        self._timer.connect("timeout()", self.save)

    def start(self) -> None:
        """Begin to save now and then."""
        self._timer.start()

    def save(self) -> None:
        """Save, if something has changed and the last one is written."""
        scene = self._getScene()
        if self.isWriting or scene is None or scene.IsBatchProcessing():
            return
        self._tellError()
        begin = time.perf_counter()
        taken = self.autosave.snapshot(scene)
        self.longest = max(self.longest, time.perf_counter() - begin)
        if taken is not None:
            self._thread = threading.Thread(target=self._write, args=(taken,), daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until what was begun is written."""
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def end(self) -> None:
        """Remove the autosave: the scene or the application was closed on purpose."""
        self._timer.stop()
        self.wait()
        self.autosave.end()

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        return self._timer.interval / 1000

    @property
    def isWriting(self) -> bool:
        """Whether a snapshot is being written."""
        return self._thread is not None and self._thread.is_alive()

    def _write(self, taken: Snapshot) -> None:
        try:
            self.autosave.write(taken)
        except Exception as error:  # noqa: BLE001 - nobody else would learn of it
            self._error = explain(error)

    def _tellError(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            self.failed.emit(error)
