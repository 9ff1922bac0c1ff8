"""Editing a cell of a table by choosing a word."""

from typing import Any

import qt


class WordChoice(qt.QStyledItemDelegate):
    """Edits a cell by choosing one of some words."""

    def __init__(self, parent: Any) -> None:
        qt.QStyledItemDelegate.__init__(self, parent)
        self.words: list[str] = []

    def createEditor(self, parent: Any, option: Any, index: Any) -> Any:
        editor = qt.QComboBox(parent)
        editor.addItems(self.words)
        return editor

    def setEditorData(self, editor: Any, index: Any) -> None:
        editor.setCurrentIndex(editor.findText(index.data()))

    def setModelData(self, editor: Any, model: Any, index: Any) -> None:
        model.setData(index, editor.currentText)
