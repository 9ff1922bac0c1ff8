"""What must be told of the kinetics that were seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .curves import Curves
from .particle import ParticleRate
from .pixels import PixelMaps
from .settings import KineticsSettings

# Mean square of what local fits leave, in units of the noise, from which on it is told.
_ILL_FITTED, _SCATTERS = 1.5, 2.0
_LEAST_KNOWN = 0.9
# From this widening on it is told.
_ALIKE = 1.1
_FEW_PARTICLES = 3


def kinetics_notes(
    settings: KineticsSettings, particles: Sequence[ParticleRate], curves: Curves, maps: PixelMaps, compared: int
) -> list[str]:
    """Sentences on what was doubtful; ``compared`` particles were seen in both directions."""
    return [*_of_time(settings, particles), *_of_pixels(settings, maps), *_of_particles(particles, curves, compared)]


def _of_time(settings: KineticsSettings, particles: Sequence[ParticleRate]) -> list[str]:
    found = []
    lengths = [half.last + 1 - half.first for one in particles for half in one.moving]
    if not lengths:
        return ["Nothing moves: no particle's lithium changes by more than 0.03 and its noise."]
    if min(lengths) < settings.window:
        found.append(
            f"Half cycles of {min(lengths)} points are shorter than the window of {settings.window}: their rates rest "
            "on fewer points."
        )
    still = [str(one.number) for one in particles if not one.moving]
    if still:
        found.append(f"Particle {', '.join(still[:8])} does not move.")
    return found


def _of_pixels(settings: KineticsSettings, maps: PixelMaps) -> list[str]:
    found = []
    if maps.left > _ILL_FITTED:
        found.append(
            f"Local fits of the pixels leave {np.sqrt(maps.left):.2g} times the noise: lithium bends within "
            f"{settings.window} points, where rates are means over them, or σ is too small. A shorter window tells."
        )
    if np.isfinite(maps.left) and maps.left < 1 / _ILL_FITTED:
        found.append(f"Pixels scatter over time by only {np.sqrt(maps.left):.2g} of their σ: σ is too large.")
    if maps.widening > _ALIKE:
        found.append(
            "Noise of neighbouring pixels is alike (drift correction, focus): intervals of means, of uniformity and of "
            f"smoothed rates are widened by {maps.widening:.2f}."
        )
    return found


def _of_particles(particles: Sequence[ParticleRate], curves: Curves, compared: int) -> list[str]:
    found = []
    wide = [one for one in particles if one.scatter > _SCATTERS]
    if wide:
        most = max(one.scatter for one in wide)
        found.append(
            f"The mean of {len(wide)} of {len(particles)} particles scatters over time by up to {most:.2g} times the "
            "noise of its pixels (beam, focus, drift): intervals of means and C-rates are widened by that."
        )
    if any(not np.isfinite(one.scatter) for one in particles):
        found.append("Too few points to see what pixels share: intervals of C-rates hold the noise of pixels only.")
    if (curves.known < _LEAST_KNOWN).any():
        found.append("Of some points in time fewer than 90 % of a particle are known: its mean is that of the rest.")
    if not compared and any(one.moving for one in particles):
        found.append("No particle was seen in both directions at the same composition: no asymmetry.")
    elif 0 < compared < _FEW_PARTICLES:
        count = "1 particle" if compared == 1 else f"{compared} particles"
        found.append(f"Asymmetry of {count}: the interval says nothing on particles not seen.")
    return found
