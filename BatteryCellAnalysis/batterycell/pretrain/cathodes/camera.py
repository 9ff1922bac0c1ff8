"""From greys to a scanned image: curtains, charging, shading, blur, noise, 8 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.phantom.microstructure.fields import Array, random_field

from .ranges import Ranges, evenly
from .structure import Structure

# Part of the images without stripes, and with charging.
CALM, CHARGED = 0.3, 0.3
# Part of these whose charging saturates the detector, and how much stronger it is.
GLARING, GLARE = 0.25, 5.0
# Stripes run down the rows, hardly tilted.
MOST_LEAN = 0.15
STRONGEST = 5.0


def scan(grey: Array, structure: Structure, ranges: Ranges, random: np.random.Generator) -> NDArray[np.uint8]:
    """Make a scanned image of greys.

    Args:
        grey: (rows, columns), active material in the section at about 1.
        structure: What is seen.
        ranges: Where from.
        random: Source.

    Returns:
        uint8, of the same shape.
    """
    if random.random() > CALM:
        # The beam that cuts leaves stripes on the section alone.
        grey = grey * (1 + _stripes(grey.shape, ranges, random) * np.exp(-structure.depth / 3))
    if random.random() < CHARGED:
        grey = grey + _charge(structure, ranges, random)
    grey = ndimage.gaussian_filter(grey, evenly(ranges.blur, random), truncate=3.0)
    shade = random_field(grey.shape, 0.35 * grey.shape[0], random)
    grey *= 1 + np.float32(evenly(ranges.shading, random)) * np.clip(shade, -2, 2)
    return _digitise(grey, ranges, random)


def _stripes(shape: tuple[int, ...], ranges: Ranges, random: np.random.Generator) -> Array:
    rows, _ = shape
    width, length = evenly((0.5, 1.5), random), rows * evenly((0.2, 1.0), random)
    stripes = random_field(shape, (length, width), random) + random_field(
        shape, (rows, evenly((3.0, 8.0), random)), random
    )
    stripes *= np.exp(np.abs(stripes) * np.float32(0.3))
    lean = np.rint(random.uniform(-MOST_LEAN, MOST_LEAN) * np.arange(rows)).astype(int)
    places = (np.arange(shape[1])[None, :] + lean[:, None]) % shape[1]
    stripes = np.take_along_axis(stripes, places, 1)
    return np.asarray(np.clip(stripes, -STRONGEST, STRONGEST) * np.float32(evenly(ranges.curtain, random) / 2))


def _charge(structure: Structure, ranges: Ranges, random: np.random.Generator) -> Array:
    """Bright regions of what does not conduct: anything but cut active material, with a halo."""
    glare = GLARE if random.random() < GLARING else 1.0
    regions = np.maximum(random_field(structure.depth.shape, evenly((15.0, 80.0), random), random) - 0.6, 0)
    shown = np.where(structure.cut, 0, np.exp(structure.depth * np.float32(-1 / 20)))
    halo = ndimage.gaussian_filter(shown, evenly((0.5, 4.0), random), truncate=3.0)
    return np.asarray(np.float32(2 * glare * evenly(ranges.charging, random)) * regions * halo)


def _digitise(grey: Array, ranges: Ranges, random: np.random.Generator) -> NDArray[np.uint8]:
    low, high = np.percentile(grey, (1, 99))
    unit = (grey - low) / max(high - low, 1e-6)
    noise = random_field(grey.shape, random.choice([0.0, 0.0, 0.5, 0.8]), random)
    counting = np.sqrt(np.clip(0.5 + random.uniform(0, 0.5) * (2 * unit - 1), 0.05, 2))
    unit = unit + np.float32(evenly(ranges.noise, random)) * noise * counting
    unit = np.sign(unit) * np.abs(unit) ** np.float32(np.exp(random.uniform(-0.35, 0.35)))
    dark, span = random.uniform(5, 70), random.uniform(90, 230)
    return np.asarray(np.clip(np.rint(dark + min(span, 250 - dark) * unit), 0, 255).astype(np.uint8))
