"""What windows of an image say of it, put together where they are computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .protocol import Engine
from .windows import Grid, Place


class Blend:
    """The probabilities of an image's voxels, as the weighted mean over the windows that see them.

    Args:
        engine: Where they are computed.
        grid: The windows.
        classes: How many.
    """

    def __init__(self, engine: Engine, grid: Grid, classes: int) -> None:
        self._engine, self._grid = engine, grid
        self._total = engine.zeros((classes, *grid.shape))
        self._weight = engine.put(grid.weight) if grid.is_overlapping else None

    def add(self, predicted: Any, places: Sequence[Sequence[Place]]) -> None:
        """Add what a batch of windows says.

        Args:
            predicted: Probabilities (batch, classes, [slices,] rows, columns) of windows; beyond the image they may
                reach further.
            places: Where each window of the batch lies; several places where they look the same.
        """
        depth, rows, columns = self._grid.size
        for found, same in zip(predicted, places, strict=True):
            seen = found.reshape(len(self._total), -1, *found.shape[-2:])[:, :depth, :rows, :columns]
            for k, j, i in map(self._grid.slices, same):
                if self._weight is None:
                    self._total[:, k, j, i] = seen
                else:
                    self._total[:, k, j, i] += self._weight * seen

    def mean(self) -> Any:
        """Probabilities (classes, slices, rows, columns), an array of the engine's."""
        if self._weight is not None:
            for factor in self._grid.sums:
                self._total /= self._engine.put(factor)
        return self._total
