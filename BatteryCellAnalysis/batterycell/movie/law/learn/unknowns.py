"""All unknowns as one vector of independent standard normal numbers, and what they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.legendre import leg2poly
from numpy.typing import NDArray

from batterycell.movie.law.batch import Batch
from batterycell.movie.law.physics.geometry import Geometry
from batterycell.movie.law.physics.reaction import Pieces
from batterycell.movie.law.settings import LawSettings

from .fields import FieldPrior, Synthesis, cosines, squared_wave_numbers
from .parts import Hyper, Meaning, Parts
from .waves import find_waves

Tensor = Any
Floats = NDArray[np.float64]
# Standard deviations of the priors of the Legendre coefficients n ≥ 1, divided by n: kT of μ, and of ln j0.
POTENTIAL_SCATTER, EXCHANGE_SCATTER = 4.0, 1.5
# Of the level of ln j0 about ln of the particles' own rate, and of ln κ about that of a pixel's area in kT.
LEVEL_SCATTER, KAPPA_SCATTER, KAPPA_PIXELS = 2.0, 2.0, 1.0
MOST_DEVIATIONS = 4.0


class Unknowns:
    """Whitening of a batch's unknowns on a device.

    Args:
        batch: Particles.
        settings: How the law is learned.
        device: Torch's name of it.
    """

    def __init__(self, batch: Batch, settings: LawSettings, device: str = "cpu") -> None:
        import torch

        self.batch, self.settings, self.device = batch, settings, device
        self.degree = settings.degree
        self.noise = float(1 / np.median(batch.weight[batch.weight > 0]))
        shape = batch.mask.shape[1:]
        self.omega2 = squared_wave_numbers((shape[0], shape[1]), batch.pixel_um)
        self.k_omega2 = self.omega2[np.unique(batch.field, return_index=True)[1]]
        self.synthesis = Synthesis(*(self.tensor(cosines(size)) for size in shape))
        self.geometry = Geometry.of_batch(batch, self.tensor)
        self.field = torch.as_tensor(batch.field, device=device)
        self.mean, self.free, self.hours = (self.tensor(v) for v in (batch.mean, batch.free, batch.hours))
        self.parts = self._lay_out()
        first_of_field = np.unique(batch.field, return_index=True)[1]
        self.field_member = self.tensor(np.arange(len(first_of_field))[:, None] == batch.field)
        masks = (self.geometry.mask[first_of_field], self.geometry.mask)
        omega2 = (self.k_omega2, self.omega2)
        self.waves = tuple(find_waves(self.synthesis, m, o) for m, o in zip(masks, omega2, strict=True))
        self.powers = self.tensor(np.stack([_powers(n, self.degree) for n in range(self.degree + 1)]))
        self.theta_mean, self.theta_scatter = self._theta_prior()

    def tensor(self, values: Any) -> Tensor:
        """Numbers on the device."""
        import torch

        return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float64, device=self.device)

    def nothing(self) -> Tensor:
        """Unknowns of which nothing is known yet."""
        return self.tensor(np.zeros(self.parts.size))

    def _lay_out(self) -> Parts:
        theta = 2 * self.degree + 2
        sizes = np.cumsum([theta, self.batch.mean.size, self.k_omega2.size, self.omega2.size])
        starts = [0, *sizes[:-1]]
        return Parts(*(slice(int(a), int(b)) for a, b in zip(starts, sizes, strict=True)))

    def _theta_prior(self) -> tuple[Tensor, Tensor]:
        """Of b_0 … b_d of ln j0, a_1 … a_d of μ, ln κ."""
        batch, order = self.batch, np.arange(1, self.degree + 1)
        moving = batch.hours > 0
        rate = np.abs(np.diff(batch.mean, axis=1))[moving] / batch.hours[moving]
        mean = np.zeros(2 * self.degree + 2)
        mean[0] = np.log(2 * max(np.percentile(rate, 75), 1e-6))
        mean[-1] = np.log(self.settings.gradient_kt_um2 or KAPPA_PIXELS * np.prod(batch.pixel_um, axis=1).mean())
        stated = self.settings.gradient_kt_um2 is not None
        scatter = [
            LEVEL_SCATTER,
            *(EXCHANGE_SCATTER / order),
            *(POTENTIAL_SCATTER / order),
            0 if stated else KAPPA_SCATTER,
        ]
        return self.tensor(mean), self.tensor(scatter)

    def scales(self, hyper: Hyper) -> tuple[Tensor, Tensor]:
        """Standard deviations of the coefficients of ln k and of the first composition."""
        return (
            self.tensor(np.sqrt(hyper.ln_k.variances(self.k_omega2))),
            self.tensor(np.sqrt(hyper.first.variances(self.omega2))),
        )

    def rescaled(self, rows: Tensor, old: Hyper, new: Hyper, most: float = MOST_DEVIATIONS) -> Tensor:
        """The same fields as whitened by other priors; what those hold for hardly possible is cut off."""
        found, parts = rows.clone(), self.parts
        for part, before, after in zip((parts.ln_k, parts.first), self.scales(old), self.scales(new), strict=True):
            found[..., part] = (found[..., part] * (before / after).flatten()).clamp(-most, most)
        return found

    def meaning(self, z: Tensor, scales: tuple[Tensor, Tensor]) -> Meaning:
        """What a vector of unknowns means."""
        theta = self.theta_mean + self.theta_scatter * z[self.parts.theta]
        ln_k, first, rates = (values[0] for values in self.linear(z[None], scales))
        start, rate = self.geometry.spread(self.mean[:, 0]) * self.geometry.mask, self._rates(self.mean)
        return Meaning(self._pieces(theta, ln_k), ln_k, start + first, rate + rates)

    def linear(self, ways: Tensor, scales: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Change of ln k at the particles' pixels, of the first fractions, of the mean rates.

        Args:
            ways: Changes of the unknowns, shape (ways, unknowns).
            scales: As of `scales`.

        Returns:
            Shapes (ways, B, H, W), (ways, B, H, W), (ways, G, T − 1).
        """
        parts, geometry = self.parts, self.geometry
        means = self.free * ways[:, parts.means].unflatten(1, self.free.shape)
        ln_k = self.synthesis(ways[:, parts.ln_k].unflatten(1, scales[0].shape) * scales[0])[:, self.field]
        ln_k = (
            ln_k - ((ln_k * geometry.mask).sum((1, 2, 3)) / geometry.mask.sum())[:, None, None, None]
        ) * geometry.mask
        first = self.synthesis(ways[:, parts.first].unflatten(1, scales[1].shape) * scales[1]) * geometry.mask
        first = first + geometry.spread(means[..., 0] - geometry.mean(first)) * geometry.mask
        return ln_k, first, self._rates(means)

    def _rates(self, means: Tensor) -> Tensor:
        import torch

        return (means[..., 1:] - means[..., :-1]) / torch.where(self.hours > 0, self.hours, torch.inf)

    def _pieces(self, theta: Tensor, ln_k: Tensor) -> Pieces:
        import torch

        exchange = theta[: self.degree + 1] @ self.powers
        potential = theta[self.degree + 1 : -1] @ self.powers[1:]
        kappa = torch.exp(theta[-1]) if self.settings.gradient_kt_um2 != 0 else theta[-1] * 0
        return Pieces(exchange, potential, kappa, torch.exp(ln_k) * self.geometry.mask)


def first_hyper(batch: Batch) -> Hyper:
    """Where the search for the priors begins."""
    pixel = float(np.sqrt(np.prod(batch.pixel_um, axis=1)).mean())
    return Hyper(FieldPrior(0.5, 3 * pixel, 3.0), FieldPrior(0.03, 4 * pixel, 3.0))


def _powers(order: int, degree: int) -> Floats:
    coefficients = leg2poly(np.eye(degree + 1)[order])
    return np.pad(coefficients, (0, degree + 1 - len(coefficients)))
