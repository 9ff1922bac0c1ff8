"""Asks for result folders."""

from pathlib import Path
from typing import Any

import qt
import slicer

from BatteryCellAnalysisLib.I18n import _


def chooseResults(parent: Any) -> list[Path]:
    """Two result folders or more: several at once, or one after another; none where the user thinks better of it."""
    chosen: list[Path] = []
    while len(chosen) < 2:
        title = _("A result to hold against {name}").format(name=chosen[0].name) if chosen else ""
        dialog = folderDialog(parent, title or _("Results to compare, the reference first"))
        if not dialog.exec_():
            return []
        chosen += [one for one in map(Path, dialog.selectedFiles()) if one not in chosen]
        dialog.deleteLater()
    return chosen


def folderDialog(parent: Any, title: str) -> Any:
    """A dialog for one folder or several, which dialogs of the system do not offer."""
    dialog = qt.QFileDialog(parent, title)
    dialog.setFileMode(qt.QFileDialog.Directory)
    dialog.setOption(qt.QFileDialog.DontUseNativeDialog, True)
    dialog.setOption(qt.QFileDialog.ShowDirsOnly, True)
    for name in ("listView", "treeView"):
        slicer.util.findChild(dialog, name).setSelectionMode(qt.QAbstractItemView.ExtendedSelection)
    return dialog
