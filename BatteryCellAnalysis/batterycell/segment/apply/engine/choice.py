"""Which engine computes a network, and on what device."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from batterycell.errors import InputError
from batterycell.segment.device import Device, choose_device
from batterycell.segment.model.bundle import LoadedModel
from batterycell.segment.model.portable import PortableNetwork

from .portable_engine import PortableEngine
from .protocol import Engine

_PORTABLE = Device("cpu", "cpu: by onnxruntime; 32-bit arithmetic", mixed_precision=False)


def make_engine(network: Any, device: str, mixed_precision: bool) -> Engine:
    """What computes a network.

    Args:
        network: A ``torch.nn.Module`` on the device, or a `PortableNetwork`.
        device: As torch names it.
        mixed_precision: Whether to compute in 16 bits; onnxruntime does not.
    """
    if isinstance(network, PortableNetwork):
        return PortableEngine(network)
    from .torch_engine import TorchEngine

    return TorchEngine(network, device, mixed_precision)


def prepared(model: LoadedModel, wish: str) -> tuple[LoadedModel, Device]:
    """A model made ready to predict fast, on the device of a wish.

    Args:
        model: The model; it stays as it is, but for the device and the layout in memory of its network.
        wish: As of `choose_device`.

    Returns:
        The model, and what computes it.

    Raises:
        UsageError: if the wish is no device.
        InputError: if there is no such device here, or onnxruntime computes, which does so on the CPU only.
    """
    if isinstance(model.network, PortableNetwork):
        if wish not in ("auto", "cpu"):
            hint = "Install torch (pip install batterycell[segment]), or take auto or cpu."
            raise InputError("device-absent", f"{wish} needs torch; onnxruntime computes on the CPU here.", hint)
        return model, _PORTABLE
    from .fused import fused

    device = choose_device(wish)
    return replace(model, network=fused(model.network.to(device.name))), device
