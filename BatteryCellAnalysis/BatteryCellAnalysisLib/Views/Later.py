"""A signal that comes a moment later, once for everything that happened meanwhile."""

import qt

from BatteryCellAnalysisLib.Signal import Signal

_DELAY_MS = 50


class Later(Signal):
    """Call ``start`` as often as something happens; it is emitted once, when nothing happened for a moment.

    Args:
        delayMs: The moment, in milliseconds.
    """

    def __init__(self, delayMs: int = _DELAY_MS) -> None:
        super().__init__()
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(delayMs)
        self._timer.connect("timeout()", self.emit)

    def start(self) -> None:
        """Something happened."""
        self._timer.start()

    def stop(self) -> None:
        """Forget what happened."""
        self._timer.stop()
