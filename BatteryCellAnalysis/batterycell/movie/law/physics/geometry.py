"""Pixels of the particles, their neighbours, and who shares a reservoir."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from batterycell.movie.law.batch import Batch

Tensor = Any


@dataclass(frozen=True)
class Geometry:
    """What does not change while a law is learned; fields may have any leading axes before (B, H, W).

    Args:
        mask: 1 within a particle, shape (B, H, W).
        down: 1 / h² between a pixel and the one below it, 0 where one of them is outside, shape (B, H − 1, W).
        right: The same to the right, shape (B, H, W − 1).
        member: 1 where a particle belongs to a reservoir, shape (G, B).
        pixels: Number of pixels of each reservoir, shape (G,).
    """

    mask: Tensor
    down: Tensor
    right: Tensor
    member: Tensor
    pixels: Tensor

    @property
    def most_laplacian(self) -> float:
        """The largest number by which the Laplacian can multiply differences, in 1/µm²."""
        return 4 * float(self.down.max() + self.right.max())

    @classmethod
    def of_batch(cls, batch: Batch, tensor: Any) -> Geometry:
        """Of a block of particles; ``tensor`` brings numbers to the device."""
        mask, pixel = batch.mask, batch.pixel_um
        down = mask[:, 1:] * mask[:, :-1] / pixel[:, 0, None, None] ** 2
        right = mask[:, :, 1:] * mask[:, :, :-1] / pixel[:, 1, None, None] ** 2
        member = (np.arange(batch.reservoir.max() + 1)[:, None] == batch.reservoir[None]).astype(float)
        pixels = member @ mask.sum(axis=(1, 2))
        return cls(*(tensor(values) for values in (mask, down, right, member, pixels)))

    def total(self, values: Tensor) -> Tensor:
        """Sum over the pixels of each reservoir of what is 0 outside, shape (..., G)."""
        return values.sum((-2, -1)) @ self.member.T

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the pixels of each reservoir of what is 0 outside, shape (..., G)."""
        return self.total(values) / self.pixels

    def spread(self, values: Tensor) -> Tensor:
        """Values of the reservoirs at their particles' places, shape (..., B, 1, 1)."""
        return (values @ self.member)[..., None, None]

    def laplacian(self, c: Tensor) -> Tensor:
        """Five points, no flux through the outline; 1/µm², same shape. It is its own transpose."""
        import torch

        down = (c[..., 1:, :] - c[..., :-1, :]) * self.down
        right = (c[..., 1:] - c[..., :-1]) * self.right
        found = torch.zeros_like(c)
        found[..., :-1, :] += down
        found[..., 1:, :] -= down
        found[..., :-1] += right
        found[..., 1:] -= right
        return found
