"""How much one pixel's optical density scatters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Of a normal distribution: standard deviation over median absolute deviation.
_MAD = 1.4826
_FEWEST_FRAMES = 4


@dataclass(frozen=True)
class NoiseModel:
    """Noise of optical density.

    Args:
        kind: "poisson" for counted photons, "constant" for the same standard deviation everywhere.
        value: Photons of an intensity of 1, or the standard deviation.
        source: Where it came from, for provenance.
    """

    kind: Literal["poisson", "constant"]
    value: float
    source: str

    def variance(self, density: Floats, beam: float | Floats) -> Floats:
        """Variance of optical densities.

        Of counted photons N the density −ln(N / N0) has the variance 1 / N to first order, N0 exp(−density) of them
        (JCGM 100:2008, 5.1.2).

        Args:
            density: Shape (...).
            beam: Intensity without sample, one number or shape (...).
        """
        if self.kind == "constant":
            return np.full_like(density, self.value**2)
        return np.asarray(np.exp(density) / (self.value * beam))

    def bias(self, intensity: Floats) -> Floats:
        """What −ln of counted photons lies too high on average: 1 / 2N, the second term of its series."""
        if self.kind == "constant":
            return np.zeros_like(intensity)
        return np.asarray(1.0 / (2.0 * self.value * intensity))


def scatter_of(densities: Floats) -> Floats:
    """Variance of each frame in an area that does not change, by what frames differ from their common picture.

    Args:
        densities: Optical density of the area's pixels, shape (frames, pixels), of every frame some; NaN is left out.
            Of few frames neighbours among the pixels are compared instead.

    Returns:
        Shape (frames,).
    """
    known = densities[:, np.isfinite(densities).any(axis=0)]
    values = known - np.nanmedian(known, axis=1, keepdims=True)
    frames = len(values)
    if frames < _FEWEST_FRAMES:
        rest, share = np.diff(values, axis=1), 2.0
    else:
        rest, share = values - np.nanmean(values, axis=0), 1.0 - 1.0 / frames
    return np.asarray((_MAD * np.nanmedian(np.abs(rest), axis=1)) ** 2 / share)
