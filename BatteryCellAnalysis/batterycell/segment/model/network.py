"""The network that a model's description stands for: a MONAI U-Net, in plain arguments."""

from __future__ import annotations

from typing import Any

from .info import NetworkSpec

TARGET = "monai.networks.nets.UNet"


def network_arguments(spec: NetworkSpec) -> dict[str, Any]:
    """What MONAI's U-Net is called with, in JSON's types."""
    return {
        "spatial_dims": 3 if spec.dimension == "3d" else 2,
        "in_channels": spec.inputs,
        "out_channels": spec.classes,
        "channels": list(spec.features),
        "strides": list(spec.strides),
        "num_res_units": spec.units,
        "norm": spec.norm,
        "act": spec.activation,
    }


def make_network(spec: NetworkSpec) -> Any:
    """The network, with random weights.

    Args:
        spec: What to build.

    Returns:
        A ``torch.nn.Module``: (batch, inputs, rows, columns) to (batch, classes, rows, columns), scores before softmax;
        in 3D (batch, channels, slices, rows, columns). A 2.5D network takes the slices of a channel one after the
        other, then the next channel: an array (channels, slices, rows, columns) with its first two axes flattened.
    """
    from monai.networks.nets import UNet

    return UNet(**network_arguments(spec))
