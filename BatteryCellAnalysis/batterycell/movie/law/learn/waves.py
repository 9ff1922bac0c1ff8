"""The longest waves of fields on crops, and how they overlap over a particle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fields import Synthesis

Tensor = Any
MOST_WAVES = 900


@dataclass(frozen=True)
class Waves:
    """The longest waves of each field.

    Args:
        index: Their places among a field's coefficients, shape (fields, waves).
        products: Their products over the particle, without their means, shape (fields, waves, waves).
    """

    index: Tensor
    products: Tensor


def find_waves(synthesis: Synthesis, masks: Tensor, omega2: NDArray[np.float64]) -> Waves:
    """Of fields on particles with these masks and squared wave numbers, both of the shape (fields, H, W)."""
    import torch

    order = np.argsort(omega2.reshape(len(omega2), -1), axis=1, kind="stable")[:, :MOST_WAVES]
    products = [_products(synthesis, mask, row) for mask, row in zip(masks, order, strict=True)]
    return Waves(torch.as_tensor(order, device=masks.device), torch.stack(products))


def _products(synthesis: Synthesis, mask: Tensor, order: NDArray[np.int64]) -> Tensor:
    import torch

    down, across = (torch.as_tensor(part, device=mask.device) for part in np.unravel_index(order, tuple(mask.shape)))
    rows, columns = torch.nonzero(mask, as_tuple=True)
    inside = synthesis.down[down][:, rows] * synthesis.across[across][:, columns]
    inside = inside - inside.mean(1, keepdim=True)
    return inside @ inside.T
