"""What a generated X-ray movie is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MovieSpec:
    """A movie of particles that take up lithium.

    Args:
        shape: Rows and columns.
        pixel_um: Edge of a pixel in µm.
        energies_ev: Photon energies of one point in time, in eV.
        times: Points in time.
        interval_s: Time between two of them, in s.
        particles: How many; they lie in rows and never touch.
        density: Optical density of a particle of usual thickness where a pure end member absorbs 1.
        photons: Photons a pixel where nothing absorbs; 0 for a movie without noise.
        drift_px: The longest way the image drifts along an axis, in pixels.
        separating: Whether a sharp front runs through each particle; else lithium changes everywhere at once.
    """

    shape: tuple[int, int] = (64, 64)
    pixel_um: float = 0.05
    energies_ev: tuple[float, ...] = (704.0, 707.9, 709.7)
    times: int = 12
    interval_s: float = 60.0
    particles: int = 2
    density: float = 0.8
    photons: float = 2000.0
    drift_px: float = 0.0
    separating: bool = True
