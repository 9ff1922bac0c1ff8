"""A signal without Qt, so that what only reports can be tested without an application."""

from collections.abc import Callable
from typing import Any


class Signal:
    """Calls its listeners in the order in which they were connected."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def connect(self, listener: Callable[..., Any]) -> None:
        """Call ``listener`` whenever the signal is emitted."""
        self._listeners.append(listener)

    def emit(self, *arguments: Any) -> None:
        """Call every listener with these arguments."""
        for listener in list(self._listeners):
            listener(*arguments)
