"""Ctrl+Z and redo for the panel, only while the module is shown: the Segment Editor has its own."""

from typing import Any

import qt
import slicer


class Shortcuts:
    """Presses the panel's buttons from anywhere in the main window; typing in a field keeps its own undo.

    Args:
        ui: The panel's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self._keys = ((qt.QKeySequence.Undo, ui.undoButton), (qt.QKeySequence.Redo, ui.redoButton))
        self._shortcuts: list[Any] = []

    def start(self) -> None:
        """Listen; once, however often it is asked to."""
        if self._shortcuts or slicer.util.mainWindow() is None:
            return
        for key, button in self._keys:
            shortcut = qt.QShortcut(qt.QKeySequence(key), slicer.util.mainWindow())
            shortcut.connect("activated()", button.click)
            self._shortcuts.append(shortcut)

    def stop(self) -> None:
        """Leave the keys to others."""
        for shortcut in self._shortcuts:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._shortcuts = []
