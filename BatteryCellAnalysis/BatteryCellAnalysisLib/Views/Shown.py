"""What a section shows of a cell: anew where there is something else, a moment later where it only moved."""

from collections.abc import Callable
from typing import Any

from .Later import Later

_NOTHING_YET = object()


class Shown:
    """Shows a section's result when it changed.

    Args:
        readState: What there is to show (empty for nothing), and where it stands.
        show: Shows it; called with what there is.
    """

    def __init__(self, readState: Callable[[], tuple[Any, Any]], show: Callable[[Any], None]) -> None:
        self._readState, self._show = readState, show
        self._what: Any = _NOTHING_YET
        self._where: Any = None
        # Places follow a turn of the cell; long tables of them would hold the window while it turns.
        self._later = Later(delayMs=0)
        self._later.connect(lambda: self._show(self._what))

    def refresh(self) -> Any:
        """Show what changed; what there is."""
        what, where = self._readState()
        isOther, isMoved = what != self._what, where != self._where
        self._what, self._where = what, where
        if isOther:
            self._later.stop()
            self._show(what)
        elif isMoved:
            self._later.start()
        return what
