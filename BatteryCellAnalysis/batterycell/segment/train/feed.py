"""Batches in the order of steps; for a graphics card, the next one is drawn while it still learns from the last."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Draw = Callable[[int], Any]


class Feed:
    """Draws the batch of each step.

    Args:
        draw: Draws the batch of a step; the same step gives the same batch.
        is_ahead: Whether to draw the next one meanwhile. A CPU that learns has no hands free.
    """

    def __init__(self, draw: Draw, is_ahead: bool) -> None:
        self._draw, self._next = draw, (-1, Future[Any]())
        self._thread = ThreadPoolExecutor(1, "batches") if is_ahead else None

    def batch(self, step: int) -> Any:
        """The batch of a step."""
        known, future = self._next
        batch = future.result() if known == step else self._draw(step)
        if self._thread is not None:
            self._next = step + 1, self._thread.submit(self._draw, step + 1)
        return batch

    def forget(self) -> None:
        """Draw anew what was drawn ahead: patches are of another size now."""
        self._next = -1, Future()

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
