"""Qt's file dialogs beside the work: the window stays free while one looks for a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer


def pickFolder(title: str, onPicked: Callable[[Path], None]) -> Any:
    """Let people choose a folder; ``onPicked`` is called with it. Returns the dialog, which must be kept."""
    dialog = _dialog(title, onPicked)
    dialog.setFileMode(qt.QFileDialog.Directory)
    dialog.setOption(qt.QFileDialog.ShowDirsOnly, True)
    dialog.open()
    return dialog


def pickFile(title: str, kinds: str, onPicked: Callable[[Path], None]) -> Any:
    """Let people choose a file; kinds as of Qt, e.g. ``"Model (*.zip)"``."""
    dialog = _dialog(title, onPicked)
    dialog.setFileMode(qt.QFileDialog.ExistingFile)
    dialog.setNameFilter(kinds)
    dialog.open()
    return dialog


def pickNewFile(title: str, name: str, onPicked: Callable[[Path], None]) -> Any:
    """Let people name a file to be written; ``name`` is what it is called by default."""
    dialog = _dialog(title, onPicked)
    dialog.setAcceptMode(qt.QFileDialog.AcceptSave)
    dialog.setFileMode(qt.QFileDialog.AnyFile)
    suffix = Path(name).suffix
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.setNameFilter(f"*{suffix}")
    dialog.selectFile(name)
    dialog.open()
    return dialog


def _dialog(title: str, onPicked: Callable[[Path], None]) -> Any:
    dialog = qt.QFileDialog(slicer.util.mainWindow(), title)
    dialog.setAttribute(qt.Qt.WA_DeleteOnClose)
    dialog.connect("fileSelected(QString)", lambda path: onPicked(Path(path)))
    return dialog
