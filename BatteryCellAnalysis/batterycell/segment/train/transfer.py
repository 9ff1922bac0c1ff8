"""The weights of a network as those of one with other classes or channels: all that it knows stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.model.info import NetworkSpec

from .kinship import Kinship
from .network import is_last_layer

Floats = NDArray[np.float64]
_FIRST_LAYER = ("model.0.conv.unit0.conv.weight", "model.0.residual.weight", "model.0.conv.weight")
# Two classes that begin as one must differ to part, by so much of a tensor's spread.
_APART = 0.05


def transfer_weights(weights: dict[str, Any], spec: NetworkSpec, kinship: Kinship, seed: int) -> dict[str, Any]:
    """The weights for other classes and channels.

    MONAI's U-Net begins with convolutions over the channels, and ends with a transposed convolution to as many features
    as there are classes, a normalisation of these, and a convolution among them: rows and columns of all of these
    follow their class. A class that is the mean of several gets the mean of their rows, which is near what the network
    would say of their union; classes and channels in another order are only put in order.

    Args:
        weights: The model's, tensors by name.
        spec: The model's network.
        kinship: How its classes and channels become the new ones.
        seed: Tells classes apart that begin as one.
    """
    rng = np.random.default_rng((seed, 17))
    taken = (kinship.classes > 0) * 1.0
    columns: Floats = np.asarray(taken / np.maximum(taken.sum(0), 1.0)).T
    inputs = np.asarray(np.kron(kinship.channels, np.eye(2 * spec.margin + 1)), np.float64)
    twins = _twins(kinship.classes)
    found = {}
    for name, value in weights.items():
        if name in _FIRST_LAYER:
            found[name] = _along(value, inputs, 1)
        elif is_last_layer(name) and value.is_floating_point() and value.numel() > 1:
            found[name] = _last(name, value, (kinship.classes, columns), twins, rng)
        else:
            found[name] = value
    return found


def _last(name: str, value: Any, shares: tuple[Floats, Floats], twins: Floats, rng: np.random.Generator) -> Any:
    rows, columns = shares
    if value.ndim == 1:
        # The variance of a mean of independent numbers.
        return _along(value, rows**2 if name.endswith("running_var") else rows, 0)
    if name.startswith("model.2.1."):
        return _along(_along(value, rows, 0), columns.T, 1)
    # Of a transposed convolution, the second axis is what it gives.
    made = _along(value, rows, 1)
    shape = [1, len(rows), *[1] * (value.ndim - 2)]
    noise = rng.normal(size=tuple(made.shape)) * twins.reshape(shape) * _APART * float(value.std())
    return made + made.new_tensor(noise)


def _twins(classes: Floats) -> Floats:
    """Of each class, 1 if another begins as the same, else 0."""
    alike = (classes[:, None] == classes[None]).all(2).sum(1) > 1
    return np.asarray(alike, np.float64)


def _along(value: Any, shares: Floats, axis: int) -> Any:
    """Sums along an axis, weighted: ``shares`` has a row for each new place."""
    import torch

    matrix = torch.as_tensor(shares, dtype=torch.float64)
    moved = torch.tensordot(matrix, value.double(), dims=([1], [axis]))
    return moved.movedim(0, axis).to(value.dtype).contiguous()
