"""What generated pictures are drawn with: coloured noise, light, shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Random = np.random.Generator


def coloured(rng: Random, edge: int, fall: float) -> Floats:
    """Noise whose amplitude falls with a power of frequency; mean 0, standard deviation 1."""
    rows, columns = np.meshgrid(np.fft.fftfreq(edge), np.fft.rfftfreq(edge), indexing="ij")
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(rng.normal(size=(edge, edge))) * frequency**-fall
    spectrum[0, 0] = 0.0
    noise = np.fft.irfft2(spectrum, (edge, edge))
    return np.asarray(noise / noise.std())


def light(rng: Random, edge: int) -> Floats:
    """Brightness that varies over a picture, as a parabola."""
    i, j = np.mgrid[:edge, :edge] / edge - 0.5
    a, b, c = rng.normal(size=3)
    return np.asarray(a * i + b * j + c * (i * i + j * j))


def shape(rng: Random, edge: int, radius: float) -> NDArray[np.bool_]:
    """An ellipse or a rectangle at a random place."""
    place, turn = rng.uniform(0, edge, 2), rng.uniform(0, np.pi)
    axes = (radius, radius * rng.uniform(0.2, 1.0))
    if rng.random() < 0.5:
        return ellipse(edge, (place[0], place[1]), axes, turn)
    along, across = _turned(edge, (place[0], place[1]), turn)
    return np.asarray((np.abs(along) < axes[0]) & (np.abs(across) < axes[1]))


def ellipse(edge: int, place: tuple[float, float], axes: tuple[float, float], turn: float) -> NDArray[np.bool_]:
    """The pixels of an ellipse: middle, half axes, and turn in radians."""
    along, across = _turned(edge, place, turn)
    return np.asarray((along / max(axes[0], 0.5)) ** 2 + (across / max(axes[1], 0.5)) ** 2 < 1)


def _turned(edge: int, place: tuple[float, float], turn: float) -> tuple[Floats, Floats]:
    i, j = np.ogrid[:edge, :edge]
    down, right = i - place[0], j - place[1]
    return down * np.cos(turn) + right * np.sin(turn), right * np.cos(turn) - down * np.sin(turn)


def blur(picture: Floats, sigma: float) -> Floats:
    """Gaussian, by its spectrum; what leaves on one side comes back on the other."""
    rows, columns = np.meshgrid(np.fft.fftfreq(len(picture)), np.fft.rfftfreq(picture.shape[1]), indexing="ij")
    fall = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))
    return np.asarray(np.fft.irfft2(np.fft.rfft2(picture) * fall, picture.shape))
