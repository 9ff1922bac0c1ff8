"""One collapsible section of the panel: its message, and its result in its title while it is closed."""

from collections.abc import Mapping
from typing import Any

from .Message import Message


class Section(Message):
    """Shows messages where they arise.

    Args:
        button: The ``ctkCollapsibleButton``.
        message: The ``QLabel`` for messages.
        words: What is called here what the command line calls by its options.
    """

    def __init__(self, button: Any, message: Any, words: Mapping[str, str] | None = None) -> None:
        super().__init__(message, words)
        self._button = button
        self._title = button.text
        self._result = ""
        button.connect("contentsCollapsed(bool)", lambda collapsed: self._showTitle())

    def setResult(self, result: str) -> None:
        """The section's result in one line; empty while there is none."""
        self._result = result
        self._showTitle()

    def _showTitle(self) -> None:
        isClosed = self._button.collapsed and self._result
        self._button.text = f"{self._title}: {self._result}" if isClosed else self._title
