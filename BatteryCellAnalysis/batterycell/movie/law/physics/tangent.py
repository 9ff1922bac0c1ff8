"""The derivative of a simulated movie, and its transpose, for many ways at once.

Every evaluation of the rate is linear in what is changed by little: δR = a δc + e (κ∇²δc + δμ_res) + R δln k, with
a = ∂R/∂c and e = ∂R/∂μ_res of each pixel alone, which torch differentiates; δμ_res follows from the mean rate's change.
So a run is kept as three fields an evaluation: no graph of all operations, and memory as the movie's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .chebyshev import stages
from .reaction import MOST_X, Pieces, Reaction
from .simulate import Steps, march, simulate

Tensor = Any
# Evaluations that are differentiated together: operations on few pixels cost their call.
AT_ONCE = 16


@dataclass(frozen=True)
class Evaluation:
    """An evaluation of the rate, linearised.

    Args:
        own: ∂R/∂c at fixed neighbours and reservoir, shape (B, H, W).
        beside: ∂R by the sum of the neighbours, same shape.
        drive: ∂R/∂μ_res, same shape.
        rate: R = ∂R/∂ln k, same shape.
        mean_drive: Mean of ``drive`` over each reservoir, shape (G,).
    """

    own: Tensor
    beside: Tensor
    drive: Tensor
    rate: Tensor
    mean_drive: Tensor


class Tangent:
    """A run and its derivative.

    Args:
        reaction: The rate law.
        pieces: Its functions and fields.
        state: First fractions and mean rates, as of `simulate`.
        steps: Time steps.
        powers: Legendre polynomials in powers, shape (degree + 1, degree + 1), for `theta`.
    """

    def __init__(
        self, reaction: Reaction, pieces: Pieces, state: tuple[Tensor, Tensor], steps: Steps, powers: Tensor
    ) -> None:
        self.geometry, self.steps, self.kappa = reaction.geometry, steps, float(pieces.kappa)
        self._reaction, self._pieces, self._powers = reaction, pieces, powers
        self._lengths = steps.lengths(self.geometry)
        self._points: list[tuple[Tensor, Tensor, Tensor]] = []
        self.found = simulate(reaction, pieces, state, steps, lambda *point: self._points.append(point))
        self.evaluations = [one for n in range(0, len(self._points), AT_ONCE) for one in self._evaluated(n)]

    def _evaluated(self, start: int) -> list[Evaluation]:
        import torch

        parts = zip(*self._points[start : start + AT_ONCE], strict=True)
        c, laplacian, potential = (torch.stack(part) for part in parts)
        c, potential = c.requires_grad_(True), potential.expand_as(c).clone().requires_grad_(True)
        with torch.enable_grad():
            rate = self._reaction.rate(self._pieces, c, laplacian, potential)
            own, drive = torch.autograd.grad(rate.sum(), (c, potential))
        pull = self.kappa * drive
        own, beside = own - pull * self.geometry.degree, pull * self.geometry.weight
        fields = (own, beside, drive, rate.detach(), self.geometry.mean(drive))
        return [Evaluation(*one) for one in zip(*fields, strict=True)]

    def stiffness(self) -> list[float]:
        """Largest rate in 1/h times the length in h of each interval at which differences die, at most (Gershgorin)."""
        import torch

        found, at = [0.0] * len(self.steps.counts), 0
        hours, beside = self.geometry.spread(self.steps.hours.T).unbind(0), 2 * (1 + self.geometry.sideways)
        for number, count in self.steps:
            for one in self.evaluations[at : at + count]:
                local = (one.own.abs() + beside * one.beside.abs()) * hours[number]
                found[number] = max(found[number], float(torch.nan_to_num(local, nan=0.0).max()))
            at += count
        return found

    def forward(self, ln_k: Tensor, first: Tensor, rates: Tensor) -> Tensor:
        """Change of the movie.

        Args:
            ln_k: Change of ln k, shape (ways, B, H, W).
            first: Of the first fractions, same shape.
            rates: Of the mean rates, shape (ways, G, T − 1).

        Returns:
            Shape (ways, B, T, H, W).
        """
        return self._run(first, rates, lambda number: self.evaluations[number].rate * ln_k)

    def theta(self) -> Tensor:
        """Change by each coefficient: ln j0's 0 … degree, μ's 1 … degree, ln κ; shape (2 degree + 2, B, T, H, W)."""
        import torch

        count = 2 * len(self._powers)
        first = torch.zeros(count, *self.geometry.mask.shape).to(self.found)
        rates = torch.zeros(count, *self.steps.hours.shape).to(self.found)
        found = self._run(first, rates, self._theta_source)
        self._points.clear()
        return found

    def _theta_source(self, number: int) -> Tensor:
        import torch

        one, (c, laplacian, _) = self.evaluations[number], self._points[number]
        x = (2 * c - 1).clamp(-MOST_X, MOST_X)
        powers = torch.stack([torch.ones_like(x), *x.expand(len(self._powers) - 1, *x.shape).cumprod(0)])
        legendre = torch.tensordot(self._powers, powers, 1)
        gradient = self.kappa * laplacian * one.drive
        return torch.cat([legendre * one.rate, -legendre[1:] * one.drive, gradient[None]])

    def _run(self, first: Tensor, rates: Tensor, source: Callable[[int], Tensor]) -> Tensor:
        order: Iterator[int] = iter(range(len(self.evaluations)))

        def rate(c: Tensor, number: int) -> Tensor:
            one = next(order)
            return self._change(self.evaluations[one], c, source(one), rates[..., number])

        return march(first, rate, self.steps, self._lengths)

    def _change(self, one: Evaluation, c: Tensor, source: Tensor, rate: Tensor) -> Tensor:
        import torch

        free = torch.addcmul(source, one.own, c)
        if self.kappa:
            free.addcmul_(one.beside, self.geometry.beside(c))
        potential = (rate - self.geometry.mean(free)) / one.mean_drive
        return free.addcmul_(one.drive, self.geometry.spread(potential))

    def backward(self, changes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The transpose of `forward`.

        Args:
            changes: Shape (ways, B, T, H, W).

        Returns:
            Of ln k, of the first fractions, both of the shape (ways, B, H, W), of the rates (ways, G, T − 1).
        """
        import torch

        c = changes[:, :, -1].clone()
        pulled = torch.zeros_like(c), torch.zeros(len(changes), *self.steps.hours.shape).to(c)
        end, at = len(self.evaluations), len(self.steps.counts) - 1
        for number, count in reversed(list(self.steps)):
            if number != at:
                c = c + changes[:, :, number + 1]
                at = number
            c = self._step_back(c, self.evaluations[end - count : end], number, (pulled[0], pulled[1][..., number]))
            end -= count
        return pulled[0], c + changes[:, :, 0], pulled[1]

    def _step_back(self, end: Tensor, run: list[Evaluation], number: int, pulled: tuple[Tensor, Tensor]) -> Tensor:
        import torch

        length = self._lengths[number]
        head, *rest = stages(len(run))
        start, first_rate = torch.zeros_like(end), torch.zeros_like(end)
        last, before = end, torch.zeros_like(end)
        for stage, one in zip(reversed(rest), reversed(run[1:]), strict=True):
            start.add_(last, alpha=stage.start)
            first_rate.add_(last, alpha=stage.first_rate)
            back = self._change_back(one, last * (length * stage.rate), pulled)
            back.add_(before).add_(last, alpha=stage.last)
            before, last = stage.before * last, back
        # Y_1 = Y_0 + h b F_0; what Y_2 takes "before" is Y_0.
        first_rate.add_(last, alpha=head.rate)
        return start.add_(last).add_(before).add_(self._change_back(run[0], first_rate * length, pulled))

    def _change_back(self, one: Evaluation, change: Tensor, pulled: tuple[Tensor, Tensor]) -> Tensor:
        import torch

        geometry, (ln_k, rate) = self.geometry, pulled
        pull = geometry.total(change * one.drive) / one.mean_drive
        rate += pull
        free = torch.addcmul(change, geometry.mask, geometry.spread(pull / geometry.pixels), value=-1)
        ln_k.addcmul_(one.rate, free)
        found = one.own * free
        if self.kappa:
            found.add_(geometry.beside(one.beside * free))
        return found
