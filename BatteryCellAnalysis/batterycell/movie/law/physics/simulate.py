"""From a law to movies: time steps through all half cycles at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .chebyshev import stages
from .geometry import Geometry
from .reaction import Pieces, Reaction

Tensor = Any
# Rate of fractions, in the interval with this number.
Rate = Callable[[Tensor, int], Tensor]
# Told of each evaluation of the rate: fractions, their Laplacian, μ_res at the pixels.
Listener = Callable[[Tensor, Tensor, Tensor], None]


@dataclass(frozen=True)
class Steps:
    """Time steps.

    Args:
        hours: Length of the intervals between points in time, shape (G, T − 1).
        counts: Number of steps of each interval.
        stages: Evaluations of the rate in a step of each interval.
    """

    hours: Tensor
    counts: tuple[int, ...]
    stages: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Number of the interval and evaluations of each step."""
        for number, (count, evaluations) in enumerate(zip(self.counts, self.stages, strict=True)):
            for _ in range(count):
                yield number, evaluations

    def lengths(self, geometry: Geometry) -> list[Tensor]:
        """Length of a step of each interval in h at the particles' places, shape (B, 1, 1)."""
        return [geometry.spread(self.hours[:, n] / count) for n, count in enumerate(self.counts)]


def simulate(
    reaction: Reaction, pieces: Pieces, state: tuple[Tensor, Tensor], steps: Steps, listen: Listener | None = None
) -> Tensor:
    """Fractions at all points in time.

    Args:
        reaction: The rate law.
        pieces: Its functions and fields.
        state: Fractions at the first point, shape (B, H, W), and mean rates of the reservoirs in 1/h, constant
            between two points, shape (G, T − 1).
        steps: Time steps.
        listen: Told of each evaluation of the rate.

    Returns:
        Shape (B, T, H, W).
    """
    first, rates = state

    def rate(c: Tensor, number: int) -> Tensor:
        return evaluate(reaction, pieces, c, rates[:, number], listen)

    return march(first, rate, steps, steps.lengths(reaction.geometry))


def march(first: Tensor, rate: Rate, steps: Steps, lengths: list[Tensor]) -> Tensor:
    """Run through all intervals, shape (..., B, H, W) to (..., B, T, H, W)."""
    import torch

    c, found, at = first, [first], 0
    for number, evaluations in steps:
        if number != at:
            found.append(c)
            at = number
        c = _step(c, rate, (number, evaluations), lengths[number])
    return torch.stack([*found, c], dim=-3)


def _step(start: Tensor, rate: Rate, step: tuple[int, int], length: Tensor) -> Tensor:
    number, evaluations = step
    head, *rest = stages(evaluations)
    first_rate = rate(start, number) * length
    before, last = start, start + head.rate * first_rate
    for stage in rest:
        fresh = (rate(last, number) * length).mul_(stage.rate)
        fresh.add_(first_rate, alpha=stage.first_rate).add_(last, alpha=stage.last)
        fresh.add_(before, alpha=stage.before).add_(start, alpha=stage.start)
        before, last = last, fresh
    return last


def evaluate(reaction: Reaction, pieces: Pieces, c: Tensor, rate: Tensor, listen: Listener | None = None) -> Tensor:
    """∂c/∂t in 1/h of all pixels at mean rates (G,), shape (B, H, W)."""
    laplacian = reaction.geometry.laplacian(c)
    potential = reaction.geometry.spread(reaction.reservoir(pieces, c, laplacian, rate))
    if listen is not None:
        listen(c, laplacian, potential)
    return reaction.rate(pieces, c, laplacian, potential)
