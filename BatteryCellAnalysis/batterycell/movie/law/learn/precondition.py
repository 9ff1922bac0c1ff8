"""About the inverse of a problem's curvature, so that conjugate gradients need few steps.

In cosines over a crop, what the movies say of a field is not diagonal: the crop's corners are outside the particle.
With the same information s at every pixel inside it is s √Λ G √Λ, G the cosines' products over the particle; that
block is inverted exactly for the longest waves; the short ones, of which little is known, are taken one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .waves import Waves

if TYPE_CHECKING:
    from .problem import Linearised

Tensor = Any
PROBES = 2


class Preconditioner:
    """Of a problem about its present unknowns.

    Args:
        linearised: It.
    """

    def __init__(self, linearised: Linearised) -> None:
        self.problem, unknowns = linearised.problem, linearised.problem.unknowns
        self.parts, self.columns = unknowns.parts, linearised.columns
        pixels = unknowns.geometry.member @ (self.problem.weight**2).sum((2, 3))
        self.means = (pixels * unknowns.free**2).flatten()
        told = [_information(linearised, number) for number in range(2)]
        per_field = unknowns.field_member @ told[0]
        self.fields = list(zip((per_field, told[1]), self.problem.scales, unknowns.waves, strict=True))

    def at(self, damping: float) -> Any:
        """The inverse with ``damping`` on the curvature's diagonal, as a function of rows."""
        import torch

        ground, theta = 1 + damping, self.parts.theta
        one = torch.eye(theta.stop, dtype=self.columns.dtype, device=self.columns.device)
        block = torch.linalg.cholesky(ground * one + self.columns @ self.columns.T)
        fields = [_Field(*field, ground) for field in self.fields]

        def apply(rows: Tensor) -> Tensor:
            head = torch.cholesky_solve(rows[:, theta].T, block).T
            means = rows[:, self.parts.means] / (ground + self.means)
            parts = (self.parts.ln_k, self.parts.first)
            return torch.cat([head, means, *(f(rows[:, p]) for f, p in zip(fields, parts, strict=True))], 1)

        return apply


class _Field:
    """One kind of field: a block of long waves, and short ones."""

    def __init__(self, told: Tensor, scales: Tensor, waves: Waves, ground: float) -> None:
        import torch

        self.index, self.shape = waves.index, scales.shape
        flat = scales.flatten(1)
        long = flat.gather(1, waves.index)
        block = told[:, None, None] * long[:, :, None] * waves.products * long[:, None, :]
        self.block = torch.linalg.cholesky(block + ground * torch.eye(block.shape[1]).to(block))
        self.diagonal = ground + told[:, None] * flat**2

    def __call__(self, rows: Tensor) -> Tensor:
        import torch

        values = rows.unflatten(1, self.diagonal.shape)
        found = values / self.diagonal
        index = self.index.expand(len(rows), -1, -1)
        long = torch.cholesky_solve(values.gather(2, index).permute(1, 2, 0), self.block)
        return found.scatter(2, index, long.permute(2, 0, 1)).flatten(1)


def _information(linearised: Linearised, number: int) -> Tensor:
    """What the movies say of ln k (0) or the first fraction (1) at a pixel, mean of each particle, shape (B,)."""
    import torch

    problem, unknowns = linearised.problem, linearised.problem.unknowns
    part = (unknowns.parts.ln_k, unknowns.parts.first)[number]
    ways = torch.zeros(PROBES, unknowns.parts.size, dtype=linearised.z.dtype)
    ways[:, part] = torch.randn(
        PROBES, part.stop - part.start, generator=torch.Generator().manual_seed(0), dtype=ways.dtype
    )
    ways = ways.to(linearised.z.device)
    asked = unknowns.linear(ways, problem.scales)[number]
    heard = linearised.forward(ways)
    return (heard**2).sum((0, 2, 3, 4)) / (asked**2).sum((0, 2, 3)).clamp_min(1e-30)
