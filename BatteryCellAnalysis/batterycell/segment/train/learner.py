"""A network that learns: its weights, their running mean, the optimiser; one step at a time."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from typing import Any

from batterycell.segment.device import Device
from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.settings import Loss

from .loss import masked_loss
from .network import laid_out, make_network

_WEIGHT_DECAY = 1e-2
_LARGEST_GRADIENT = 5.0
_AVERAGE = 0.99


class Learner:
    """A network, the running mean of its weights (which validates, and is kept), and AdamW.

    Args:
        spec: The network.
        device: Where it learns.
        mixed: Whether in 16 bits.
        loss: What is minimised.
        weights: Class weights (classes,) of cross entropy.
    """

    def __init__(self, spec: NetworkSpec, device: Device, mixed: bool, loss: Loss, weights: Any) -> None:
        import torch

        self.spec, self.device, self.mixed, self.loss = spec, device, mixed, loss
        self.network = laid_out(make_network(spec), spec, device.name)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.weights = torch.as_tensor(weights, dtype=torch.float32, device=device.name)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), weight_decay=_WEIGHT_DECAY, fused=True)
        self.scaler = torch.amp.GradScaler(device.kind, enabled=mixed and device.half == "float16")
        self.steps = 0

    def step(self, images: Any, labels: Any, rate: float) -> Any:
        """Learn from one batch; return its loss, a scalar tensor on the device."""
        import torch

        self.network.train()
        images = laid_out(images, self.spec, self.device.name)
        with self._precision():
            scores = self.network(images)
        loss = masked_loss(scores, labels.to(self.device.name), self.loss, self.weights)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self._follow()
        return loss.detach()

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        context: AbstractContextManager[Any] = torch.autocast(
            self.device.kind, getattr(torch, self.device.half), enabled=self.mixed
        )
        return context

    def _follow(self) -> None:
        """Move the running mean towards the weights; in the first steps it hardly lags."""
        part = 1.0 - min(_AVERAGE, (1 + self.steps) / (10 + self.steps))
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        for mean, now in pairs:
            if mean.is_floating_point():
                mean.lerp_(now, part)
            else:
                mean.copy_(now)
        self.steps += 1

    def take(self, weights: dict[str, Any]) -> None:
        """Take weights over, as those of the network and as their mean."""
        for module in (self.network, self.average):
            module.load_state_dict(weights)

    def check_finite(self) -> None:
        """Check that the weights are numbers.

        Raises:
            FloatingPointError: if not.
        """
        import torch

        if not all(bool(torch.isfinite(value).all()) for value in self.average.state_dict().values()):
            raise FloatingPointError("the weights are no numbers")

    def tensors(self) -> dict[str, Any]:
        """Everything that another step depends on."""
        found = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        found |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            found |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        return found

    def restore(self, tensors: dict[str, Any], steps: int) -> None:
        """Become what `tensors` told of, to the bit."""
        import torch

        for name, module in (("network.", self.network), ("average.", self.average)):
            module.load_state_dict(
                {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}
            )
        self.optimizer.state.clear()
        for index, parameter in enumerate(self.network.parameters()):
            prefix = f"optimizer.{index}."
            own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
            for key, value in own.items():
                own[key] = torch.empty_like(parameter).copy_(value) if value.ndim else value.clone()
            if own:
                self.optimizer.state[parameter] = own
        self.steps = steps
