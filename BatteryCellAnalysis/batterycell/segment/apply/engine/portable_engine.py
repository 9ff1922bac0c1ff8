"""Networks computed by onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.model.portable import PortableNetwork

_MIRRORED: tuple[tuple[int, ...], ...] = ((), (-1,), (-2,), (-2, -1))


class PortableEngine:
    """A network of onnxruntime, on the CPU in float32.

    Args:
        network: The network.
    """

    kind = "cpu"

    def __init__(self, network: PortableNetwork) -> None:
        self.xp: ModuleType = np
        self._network = network

    @contextmanager
    def running(self) -> Iterator[None]:
        """It always predicts."""
        yield

    def probabilities(self, batch: NDArray[np.float32], flips: bool) -> NDArray[np.float32]:
        """The softmax of its scores."""
        turns = _MIRRORED if flips else _MIRRORED[:1]
        each = (np.flip(_softmax(self._network(np.flip(batch, axes))), axes) for axes in turns)
        return np.asarray(sum(each) / np.float32(len(turns)), np.float32)

    def zeros(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """An array of zeros."""
        return np.zeros(shape, np.float32)

    def put(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The array itself."""
        return array

    def fetch(self, array: Any) -> NDArray[Any]:
        """The array itself."""
        return np.asarray(array)


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    powers /= powers.sum(1, keepdims=True)
    return np.asarray(powers)
