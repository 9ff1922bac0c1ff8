"""Networks rewritten to compute the same in fewer passes over memory."""

from __future__ import annotations

import copy
from typing import Any


def fused(network: Any) -> Any:
    """The network with each batch normalisation folded into the convolution before it, laid out channels last.

    Folding: Jacob et al. 2018, CVPR, section 3.2; the same within rounding, at half the passes over memory.

    Args:
        network: A ``torch.nn.Module`` in evaluation mode.

    Returns:
        A copy where there was something to fold; else the network itself.
    """
    import torch

    if any(_folds(module) for module in network.modules()):
        network = copy.deepcopy(network)
        for module in filter(_folds, network.modules()):
            _fold(module)
    is_solid = any(isinstance(module, torch.nn.Conv3d) for module in network.modules())
    return network.to(memory_format=torch.channels_last_3d if is_solid else torch.channels_last)


def _folds(module: Any) -> bool:
    """Whether it is a MONAI convolution whose output is normalised by what was learnt: conv, then adn with N first."""
    import torch

    # MONAI's names: "adn" are activation, dropout and normalisation, here in the order NDA.
    norm = getattr(getattr(module, "adn", None), "N", None)
    known = isinstance(norm, torch.nn.BatchNorm2d | torch.nn.BatchNorm3d) and not module.training
    return known and next(iter(module.adn.named_children()))[0] == "N"


def _fold(module: Any) -> None:
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    is_transposed = isinstance(module.conv, torch.nn.ConvTranspose2d | torch.nn.ConvTranspose3d)
    module.conv = fuse_conv_bn_eval(module.conv, module.adn.N, transpose=is_transposed)
    module.adn.N = torch.nn.Identity()
