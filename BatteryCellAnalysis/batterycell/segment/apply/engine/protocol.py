"""What predicting asks of whatever computes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """A network, and the arrays that it computes with: they stay on its device until they are fetched.

    Attributes:
        xp: The module whose functions work on its arrays: numpy or torch.
        kind: "cpu" or "cuda".
    """

    xp: Any
    kind: str

    def running(self) -> AbstractContextManager[None]:
        """The state in which a network predicts; it is left as it was found."""

    def probabilities(self, batch: NDArray[np.float32], flips: bool) -> Any:
        """Of every class, (batch, classes, [slices,] rows, columns); with flips the mean over the mirrored images."""

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """An array of zeros, float32."""

    def put(self, array: NDArray[np.float32]) -> Any:
        """An array to where it computes."""

    def fetch(self, array: Any) -> NDArray[Any]:
        """An array from where it computes."""
