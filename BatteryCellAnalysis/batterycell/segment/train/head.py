"""The layer that ends in the classes, fitted to features that stay as they are: before a network is trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .learner import Learner
from .loss import masked_loss
from .network import laid_out

_BATCHES, _STEPS, _RATE = 8, 64, 1e-2


def fit_head(learner: Learner, draw: Callable[[int], tuple[Any, Any]]) -> None:
    """Fit the last layer of a network that begins with other classes than its parent's.

    A layer that begins anew pulls at all that lies before it, until it has learnt itself; what was known is lost on the
    way (Kumar et al. 2022, ICLR: linear probing, then fine-tuning). As only this layer learns, the features of a few
    batches are computed once.

    Args:
        learner: Its network is changed, and the running mean with it.
        draw: The batch of a step: tensors of images and labels.
    """
    import torch

    body, head = learner.network.model[:2], learner.network.model[2]
    batches = [_features(body, *draw(number), learner) for number in range(_BATCHES)]
    optimizer = torch.optim.Adam(head.parameters(), lr=_RATE)
    head.train()
    for step in range(_STEPS):
        features, labels = batches[step % _BATCHES]
        loss = masked_loss(head(features), labels, learner.loss, learner.weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    learner.take(learner.network.state_dict())


def _features(body: Any, images: Any, labels: Any, learner: Learner) -> tuple[Any, Any]:
    import torch

    body.eval()
    with torch.no_grad():
        found = body(laid_out(images, learner.spec, learner.device.name))
    return found, labels.to(learner.device.name)
