"""What is minimised: how wrong a prediction is in the labelled pixels; unknown ones never count."""

from __future__ import annotations

from typing import Any

from batterycell.segment.settings import Loss

_SMOOTH = 1.0
_FOCUS = 2.0


def masked_loss(scores: Any, labels: Any, kind: Loss, weights: Any = None) -> Any:
    """The loss of a batch, a scalar tensor in 32 bits.

    Soft Dice (Milletari et al. 2016, 3DV; without squares) is taken over the whole batch and averaged over the classes
    that were painted in it, so that absent ones do not spoil it. Focal: Lin et al. 2017, ICCV, gamma 2.

    Args:
        scores: (batch, classes, ...) before softmax.
        labels: (batch, ...), integers: 0 unknown, n + 1 for class n.
        kind: What to minimise.
        weights: (classes,) of cross entropy and focal loss; None for equal ones.
    """
    import torch

    logarithms = torch.log_softmax(scores.float(), 1)
    known = labels > 0
    truth = (labels.long() - 1).clamp_min(0)
    right = logarithms.gather(1, truth.unsqueeze(1)).squeeze(1)
    parts = []
    if "dice" in kind:
        parts.append(_dice(logarithms.exp(), right.exp(), labels))
    if "ce" in kind.split("+") or kind == "focal":
        parts.append(_cross_entropy(right, truth, known, weights, _FOCUS if kind == "focal" else 0.0))
    return sum(parts)


def _cross_entropy(right: Any, truth: Any, known: Any, weights: Any, focus: float) -> Any:
    counts = known.float() if weights is None else known * weights[truth]
    losses = -right if not focus else -right * (1.0 - right.exp()) ** focus
    return (losses * counts).sum() / counts.sum().clamp_min(1e-6)


def _dice(probabilities: Any, right: Any, labels: Any) -> Any:
    """1 - mean Dice; the labels' class is only summed up where it is, which spares a one-hot array."""
    import torch

    classes = probabilities.shape[1]
    known = (labels > 0).unsqueeze(1)
    axes = (0, *range(2, probabilities.ndim))
    predicted = (probabilities * known).sum(axes)
    masks = [labels == number + 1 for number in range(classes)]
    painted = torch.stack([mask.sum() for mask in masks]).float()
    shared = torch.stack([(right * mask).sum() for mask in masks])
    dice = (2.0 * shared + _SMOOTH) / (predicted + painted + _SMOOTH)
    present = (painted > 0).float()
    return 1.0 - (dice * present).sum() / present.sum().clamp_min(1.0)


def class_weights(counts: Any) -> Any:
    """Weights (classes,) with mean 1 over painted pixels from numbers of painted pixels: rare classes count more.

    The square root keeps a class of a few stray pixels from ruling all others.
    """
    import numpy as np

    counts = np.asarray(counts, float)
    rare = 1.0 / np.sqrt(np.maximum(counts, 1.0))
    return rare * counts.sum() / max((rare * counts).sum(), 1e-12) if counts.sum() else np.ones_like(counts)
