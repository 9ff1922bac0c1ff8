"""How grey values of training patches are varied: cheap enough for a CPU, from the step's own random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.settings import Augmentation

# Of grey values, in which the 1st and 99th percentile are 2 apart: contrast and gamma (logarithms), brightness, noise.
_CONTRAST, _BRIGHTNESS, _GAMMA, _NOISE = 0.25, 0.25, 0.35, 0.15
_PART_GAMMA, _PART_NOISE, _PART_BLUR = 0.3, 0.3, 0.2
_BLUR = (-0.5, 1.0)  # below 0 it sharpens


def vary_grey(images: Any, random: np.random.Generator, kind: Augmentation) -> Any:
    """Other contrast, brightness, gamma, noise and sharpness, so that another scanner's images are no surprise.

    Args:
        images: Tensor (batch, channels, slices, rows, columns), levels applied; each channel varies on its own.
        random: The step's.
        kind: How much.
    """
    if kind == "none":
        return images
    strength = 1.0 if kind == "strong" else 0.4
    images = _contrast(images, random, strength)
    images = _gamma(images, random, strength)
    images = _noise(images, random, strength)
    return _blur(images, random) if kind == "strong" else images


def _contrast(images: Any, random: np.random.Generator, strength: float) -> Any:
    factor = _factors(images, np.exp(_spread(images, random, _CONTRAST * strength)))
    offset = _factors(images, _spread(images, random, _BRIGHTNESS * strength))
    return images * factor + offset


def _gamma(images: Any, random: np.random.Generator, strength: float) -> Any:
    """Power of grey values scaled to 0..1; what lies below 0 keeps its sign."""
    power = _factors(images, np.exp(_spread(images, random, _GAMMA * strength)))
    for index in _some(images, random, _PART_GAMMA):
        unit = (images[index] + 1.0) * 0.5
        images[index] = unit.sign() * unit.abs().clamp_min(1e-6) ** power[index] * 2.0 - 1.0
    return images


def _noise(images: Any, random: np.random.Generator, strength: float) -> Any:
    import torch

    generator = torch.Generator(images.device).manual_seed(int(random.integers(2**62)))
    for index in _some(images, random, _PART_NOISE):
        sigma = random.uniform(0.0, _NOISE * strength)
        images[index] += sigma * torch.randn(images[index].shape, generator=generator, device=images.device)
    return images


def _blur(images: Any, random: np.random.Generator) -> Any:
    from torch.nn.functional import avg_pool2d

    for index in _some(images, random, _PART_BLUR):
        smooth = avg_pool2d(images[index], 3, 1, 1, count_include_pad=False)
        images[index] += random.uniform(*_BLUR) * (smooth - images[index])
    return images


def _some(images: Any, random: np.random.Generator, part: float) -> NDArray[np.int64]:
    return np.flatnonzero(random.random(len(images)) < part)


def _spread(images: Any, random: np.random.Generator, most: float) -> NDArray[np.float64]:
    return np.asarray(random.uniform(-most, most, images.shape[:2]))


def _factors(images: Any, values: NDArray[np.float64]) -> Any:
    """Numbers (batch, channels) as a tensor that multiplies images."""
    import torch

    return torch.from_numpy(values.astype(np.float32)).to(images.device)[:, :, None, None, None]
