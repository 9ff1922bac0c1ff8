"""Shares and ratios over particles with their 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.microstructure.intervals import NOTHING, Estimate

Floats = NDArray[np.float64]
_DRAWN_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Sample:
    """Particles that stand for all.

    Args:
        weights: How many particles each one stands for, shape (n,).
        repeats: In how many slices the same particle is seen; 1 in volumes.
        bootstrap: Times that they are drawn again.
        seed: Of the draws.
    """

    weights: Floats
    repeats: float
    bootstrap: int
    seed: int

    @property
    def independent(self) -> float:
        """Independent particles of equal weight with as much variance (Kish 1965)."""
        total = float((self.weights**2).sum())
        return float(self.weights.sum() ** 2 / total / self.repeats) if total else 0.0

    def share(self, holds: NDArray[np.bool_]) -> Estimate:
        """Share of the particles for which something holds.

        The interval is Jeffreys' for as many independent particles (Brown, Cai and DasGupta, Statistical Science 16,
        2001); particles are taken as independent of their neighbours.
        """
        from scipy.special import betaincinv

        count = self.independent
        if not count:
            return NOTHING
        value = float((self.weights * holds).sum() / self.weights.sum())
        hits, misses = value * count, (1 - value) * count
        low = 0.0 if hits == 0 else float(betaincinv(hits + 0.5, misses + 0.5, 0.025))
        high = 1.0 if misses == 0 else float(betaincinv(hits + 0.5, misses + 0.5, 0.975))
        return Estimate(value, low, high)

    def ratio(self, part: Floats, whole: Floats, rare: float = float("nan")) -> Estimate:
        """Ratio of two totals over all particles; the interval by drawing particles again (Efron 1979).

        Args:
            part: Of each particle, shape (n,).
            whole: Of each particle.
            rare: By how much a particle's own ratio would be higher if it were one of a kind of which none was seen.
                Where all particles have the same, the interval reaches up to such ones in the share that Jeffreys'
                interval leaves them; without, it is unknown.
        """
        value, drawn = self._ratios(part, whole)
        if not np.isfinite(drawn).any():
            return Estimate(value, float("nan"), float("nan"))
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        if low == high:
            unseen = replace(self, weights=self.weights[whole > 0]).share(np.zeros(int((whole > 0).sum()), bool))
            return Estimate(value, value if np.isfinite(rare) else rare, value + rare * unseen.high)
        wider = np.sqrt(self.repeats)
        return Estimate(value, value - wider * (value - float(low)), value + wider * (float(high) - value))

    def _ratios(self, part: Floats, whole: Floats) -> tuple[float, Floats]:
        """The ratio, and those of the draws."""
        totals = np.stack([part, whole], axis=1) * self.weights[:, None]
        kept = totals[self.weights > 0]
        if len(kept) < 2 or not kept[:, 1].sum():
            return _divide(kept.sum(axis=0)), np.array([np.nan])
        rng, count = np.random.default_rng(self.seed), len(kept)
        step, sums = max(1, _DRAWN_AT_ONCE // count), []
        for start in range(0, self.bootstrap, step):
            draws = min(step, self.bootstrap - start)
            sums.append(rng.multinomial(count, np.full(count, 1 / count), draws) @ kept)
        found = np.concatenate(sums)
        with np.errstate(invalid="ignore", divide="ignore"):
            return _divide(kept.sum(axis=0)), found[:, 0] / found[:, 1]


def _divide(totals: Floats) -> float:
    return float(totals[0] / totals[1]) if totals[1] else float("nan")
