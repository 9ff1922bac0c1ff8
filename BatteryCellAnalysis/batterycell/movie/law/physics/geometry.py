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
        mask: 1 within a particle, 0 in the last row and column, shape (B, H, W).
        weight: 1 / h² of a step down, 0 outside, shape (B, H, W).
        sideways: 1 / w² of a step to the right over that, shape (B, 1, 1).
        degree: Sum of 1 / distance² over a pixel's neighbours within the particle, shape (B, H, W).
        member: 1 where a particle belongs to a reservoir, shape (G, B).
        pixels: Number of pixels of each reservoir, shape (G,).
    """

    mask: Tensor
    weight: Tensor
    sideways: Tensor
    degree: Tensor
    member: Tensor
    pixels: Tensor

    @classmethod
    def of_batch(cls, batch: Batch, tensor: Any) -> Geometry:
        """Of a block of particles; ``tensor`` brings numbers to the device."""
        mask, pixel = batch.mask, batch.pixel_um[:, :, None, None]
        weight, sideways = mask / pixel[:, 0] ** 2, (pixel[:, 0] / pixel[:, 1]) ** 2
        beside = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
        degree = beside[:, :-2, 1:-1] + beside[:, 2:, 1:-1]
        degree = weight * (degree + sideways * (beside[:, 1:-1, :-2] + beside[:, 1:-1, 2:]))
        member = (np.arange(batch.reservoir.max() + 1)[:, None] == batch.reservoir[None]).astype(float)
        pixels = member @ mask.sum(axis=(1, 2))
        return cls(*(tensor(values) for values in (mask, weight, sideways, degree, member, pixels)))

    def total(self, values: Tensor) -> Tensor:
        """Sum over the pixels of each reservoir of what is 0 outside, shape (..., G)."""
        return values.sum((-2, -1)) @ self.member.T

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the pixels of each reservoir of what is 0 outside, shape (..., G)."""
        return self.total(values) / self.pixels

    def spread(self, values: Tensor) -> Tensor:
        """Values of the reservoirs at their particles' places, shape (..., B, 1, 1)."""
        return (values @ self.member)[..., None, None]

    def beside(self, c: Tensor) -> Tensor:
        """Sum of a pixel's neighbours, those at its sides times ``sideways``, of what is 0 outside; same shape.

        Rows and particles lie one after the other, and each ends with zeros: so shifts of all at once are enough.
        """
        from torch.nn.functional import pad

        wide = c.shape[-1]
        row = pad(c.flatten(-3), (wide, wide))
        sides = row[..., wide - 1 : -wide - 1] + row[..., wide + 1 : 1 - wide]
        above = row[..., : -2 * wide] + row[..., 2 * wide :]
        return above.view_as(c).addcmul_(sides.view_as(c), self.sideways)

    def laplacian(self, c: Tensor) -> Tensor:
        """Five points of what is 0 outside, no flux through the outline; 1/µm², same shape. Its own transpose."""
        return (self.beside(c) * self.weight).addcmul_(c, self.degree, value=-1)
