"""Networks computed by torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MIRRORED: tuple[tuple[int, ...], ...] = ((), (-1,), (-2,), (-2, -1))


class TorchEngine:
    """A network of torch.

    Args:
        network: A ``torch.nn.Module`` on the device.
        device: As torch names it.
        mixed_precision: Whether to compute in 16 bits.
    """

    def __init__(self, network: Any, device: str, mixed_precision: bool) -> None:
        import torch

        self.xp, self.kind = torch, torch.device(device).type
        self._network, self._device, self._mixed = network, device, mixed_precision

    @contextmanager
    def running(self) -> Iterator[None]:
        """Without gradients and in 16 bits where that is wanted; the network's mode is set back afterwards."""
        torch, was_training = self.xp, self._network.training
        brain = self.kind == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False)
        half = torch.bfloat16 if brain else torch.float16
        self._network.eval()
        try:
            with torch.inference_mode(), torch.autocast(self.kind, half, enabled=self._mixed):
                yield
        finally:
            self._network.train(was_training)

    def probabilities(self, batch: NDArray[np.float32], flips: bool) -> Any:
        """The softmax of its scores, channels last in memory: convolutions are faster so."""
        torch = self.xp
        layout = torch.channels_last if batch.ndim == 4 else torch.channels_last_3d
        x = torch.from_numpy(np.ascontiguousarray(batch)).to(self._device).contiguous(memory_format=layout)
        turns = _MIRRORED if flips else _MIRRORED[:1]
        total = sum(torch.softmax(self._network(x.flip(axes)).float(), 1).flip(axes) for axes in turns)
        return total / len(turns) if flips else total

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """A tensor of zeros."""
        return self.xp.zeros(shape, dtype=self.xp.float32, device=self._device)

    def put(self, array: NDArray[np.float32]) -> Any:
        """A tensor on the device."""
        return self.xp.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def fetch(self, array: Any) -> NDArray[Any]:
        """An array, of a tensor on the CPU without a copy."""
        return np.asarray(array.cpu().numpy())
