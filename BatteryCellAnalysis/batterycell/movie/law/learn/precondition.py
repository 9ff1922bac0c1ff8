"""About the inverse of a problem's curvature, so that conjugate gradients need few steps.

In cosines over a crop, what the movies say of a field is not diagonal: the crop's corners are outside the particle.
With the information s of a wave at every pixel inside it is √(sΛ) G √(sΛ), G the cosines' products over the particle;
that block is inverted exactly for the longest waves; the short ones, of which little is known, are taken one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .waves import Waves

if TYPE_CHECKING:
    from .problem import Linearised

Tensor = Any
# Ranks of waves, from the longest, at which what is told of them is asked anew.
SHELLS = (0, 9, 36, 144, 576)


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
        self.fields = list(zip(_information(linearised), self.problem.scales, unknowns.waves, strict=True))

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

    def determined(self) -> float:
        """About how many numbers of the unknowns the movies determine rather than the prior."""
        means = float((self.means / (1 + self.means)).sum())
        return float(self.parts.theta.stop) + means + sum(_Field(*field, 1.0).determined() for field in self.fields)


class _Field:
    """One kind of field: a block of long waves, and short ones."""

    def __init__(self, told: Tensor, scales: Tensor, waves: Waves, ground: float) -> None:
        import torch

        self.index, self.shape = waves.index, scales.shape
        flat = scales.flatten(1)
        long = (flat * told.sqrt()).gather(1, waves.index)
        block = long[:, :, None] * waves.products * long[:, None, :]
        self.block = torch.linalg.cholesky(block + ground * torch.eye(block.shape[1]).to(block))
        self.diagonal = ground + told * flat**2

    def __call__(self, rows: Tensor) -> Tensor:
        import torch

        values = rows.unflatten(1, self.diagonal.shape)
        found = values / self.diagonal
        index = self.index.expand(len(rows), -1, -1)
        long = torch.cholesky_solve(values.gather(2, index).permute(1, 2, 0), self.block)
        return found.scatter(2, index, long.permute(2, 0, 1)).flatten(1)

    def determined(self) -> float:
        """Trace of what the movies add to the prior times the inverse of both."""
        import torch

        inverse = torch.cholesky_inverse(self.block).diagonal(dim1=1, dim2=2)
        short = (1 - 1 / self.diagonal).scatter(1, self.index, 0.0)
        return float((1 - inverse).sum() + short.sum())


def _information(linearised: Linearised) -> list[Tensor]:
    """What the movies say at a pixel of each wave of ln k and of the first fractions, shapes (fields, H · W)."""
    import torch

    problem, unknowns = linearised.problem, linearised.problem.unknowns
    generator, found = torch.Generator().manual_seed(0), []
    kinds = ((unknowns.parts.ln_k, unknowns.k_omega2), (unknowns.parts.first, unknowns.omega2))
    for number, (part, omega2) in enumerate(kinds):
        shell = torch.as_tensor(_shells(omega2), device=linearised.z.device)
        ways = torch.zeros(len(SHELLS), unknowns.parts.size, dtype=linearised.z.dtype)
        ways[:, part] = torch.randn(len(SHELLS), part.stop - part.start, generator=generator, dtype=ways.dtype)
        ways = ways.to(linearised.z.device)
        ways[:, part] *= shell.flatten() == torch.arange(len(SHELLS), device=shell.device)[:, None]
        asked, heard = unknowns.linear(ways, problem.scales)[number], linearised.forward(ways)
        told = (heard**2).sum((2, 3, 4)) / (asked**2).sum((2, 3)).clamp_min(1e-30)
        told = told @ unknowns.field_member.T if number == 0 else told
        found.append(told.T.gather(1, shell))
    return found


def _shells(omega2: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the shell of each wave of each field, shape (fields, H · W)."""
    flat = omega2.reshape(len(omega2), -1)
    rank = np.argsort(np.argsort(flat, axis=1, kind="stable"), axis=1)
    return np.searchsorted(SHELLS, rank, side="right") - 1
