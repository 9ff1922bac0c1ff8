"""The network of a training: the one that models are rebuilt with, laid out in memory as the device likes it."""

from __future__ import annotations

from typing import Any

from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.model.network import make_network

__all__ = ["is_last_layer", "laid_out", "make_network"]

# MONAI's U-Net is Sequential(down, all that is deeper, up): the last is what maps features to classes.
_LAST_LAYER = "model.2."


def is_last_layer(name: str) -> bool:
    """Whether a tensor of a network's state belongs to the layer that ends in the classes."""
    return name.startswith(_LAST_LAYER)


def laid_out(module_or_tensor: Any, spec: NetworkSpec, device: str) -> Any:
    """A network or a batch on a device, channels last: convolutions are faster so."""
    import torch

    layout = torch.channels_last_3d if spec.dimension == "3d" else torch.channels_last
    return module_or_tensor.to(device, memory_format=layout)
