"""What a microscope makes of an electrode: greys, edges, what shines through, stripes, charging, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .fields import Array, random_field
from .microscope import Microscope
from .structure import Phase

# Sizes in voxels: bright edges, reach of charging, its regions and those of shading.
EDGE, CHARGED_EDGE = 1.4, 4.0
# A pore is wide open, so that all of its ground is seen, where it fills this part of a neighbourhood (deviation in
# voxels); of the ground of a narrow one at least this part is seen.
NEIGHBOURHOOD, OPEN, NARROW = 3.0, 0.6, 0.15
CHARGED, SHADED = 0.12, 0.35
# Correlation lengths of the textures of pore, active material, binder, additive.
TEXTURES = (2.0, 5.0, 1.6, 1.0)
# How much stronger strong stripes are, and the strongest in standard deviations.
TAIL, STRONGEST = 0.3, 6.0
# Shading stays within so many standard deviations: nobody keeps an image of which a corner is black.
DARKEST = 2.0


def take_image(
    labels: NDArray[np.uint8], slices: int, voxel_um: float, microscope: Microscope, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Look at an electrode.

    Args:
        labels: `Phase`, shape (k, j, i); what comes after the slices that are looked at lies behind them.
        slices: How many are looked at.
        voxel_um: Edge of a voxel.
        microscope: How.
        rng: Everything random comes from it.

    Returns:
        Grey values, uint8, shape (slices, j, i).
    """
    grey = _see_through(labels, slices, voxel_um, microscope)
    seen = labels[:slices]
    _add_texture(grey, seen, microscope, rng)
    _add_edges(grey, seen, microscope, rng)
    blur = (microscope.blur if microscope.deep else 0.0, microscope.blur, microscope.blur)
    ndimage.gaussian_filter(grey, blur, output=grey, truncate=3.0)
    grey *= _uneven(grey.shape, microscope, rng)
    return _detect(grey, microscope, rng)


def _see_through(labels: NDArray[np.uint8], slices: int, voxel_um: float, microscope: Microscope) -> Array:
    """Greys of the phases; in pores, of what lies behind, fading with depth."""
    greys = np.array((0.0, *microscope.greys), np.float32)
    pore, fade = greys[Phase.PORE], np.float32(np.exp(-voxel_um / microscope.shine_depth_um))
    grey = np.empty((slices, *labels.shape[1:]), np.float32)
    behind = np.full(labels.shape[1:], pore)
    for k in range(len(labels) - 1, -1, -1):
        own, is_pore = greys[labels[k]], labels[k] == Phase.PORE
        through = pore + (behind - pore) * fade
        if k < slices:
            grey[k] = np.where(is_pore, pore + (through - pore) * _openness(is_pore), own)
        behind = np.where(is_pore, through, pore + (own - pore) * np.float32(microscope.shine))
    return grey


def _openness(pore: NDArray[np.bool_]) -> Array:
    """How much of what lies behind a pore escapes through it: little through narrow ones."""
    wide = ndimage.gaussian_filter(pore.astype(np.float32), NEIGHBOURHOOD, truncate=2.5) / np.float32(OPEN)
    return np.asarray(np.clip(wide * wide, NARROW, 1))


def _add_texture(grey: Array, labels: NDArray[np.uint8], microscope: Microscope, rng: np.random.Generator) -> None:
    for phase, scale, amount in zip(Phase, TEXTURES, microscope.textures, strict=True):
        if amount and (labels == phase).any():
            texture = random_field(grey.shape, scale, rng)
            grey += np.where(labels == phase, texture * np.float32(amount), 0)


def _add_edges(grey: Array, labels: NDArray[np.uint8], microscope: Microscope, rng: np.random.Generator) -> None:
    """More electrons leave a solid at its edge to a pore, and charge gathers there in some regions."""
    if not (microscope.edge or microscope.charging):
        return
    pore = (labels == Phase.PORE).astype(np.float32)
    solid = 1 - pore
    near = ndimage.gaussian_filter(pore, (0, EDGE, EDGE), truncate=3.0)
    grey += np.float32(2 * microscope.edge * rng.uniform(0.5, 1.0)) * near * near * solid
    wide = ndimage.gaussian_filter(pore, (0, CHARGED_EDGE, CHARGED_EDGE), truncate=2.5)
    regions = random_field(grey.shape, CHARGED * grey.shape[-1], rng)
    grey += np.float32(2 * microscope.charging) * np.maximum(regions - 0.8, 0) * wide * (0.4 + 0.6 * solid)


def _uneven(shape: tuple[int, ...], microscope: Microscope, rng: np.random.Generator) -> Array:
    """Factor of curtains, which run down the rows and fade in and out, and of slow shading."""
    slices, rows, columns = shape
    stripes = random_field(shape, (0.0, rows / 4, 0.8), rng) + random_field(shape, (0.0, rows, 4.0), rng)
    # Few stripes are strong and most are faint, and none hides what is under it.
    stripes *= np.exp(np.abs(stripes) * np.float32(TAIL))
    np.clip(stripes, -STRONGEST, STRONGEST, out=stripes)
    factor = 1 + np.float32(microscope.curtain / 2) * stripes
    shade = random_field(shape, (max(slices / 4, 1.0), SHADED * rows, SHADED * columns), rng)
    factor *= 1 + np.float32(microscope.shading) * np.clip(shade, -DARKEST, DARKEST)
    return np.asarray(factor, np.float32)


def _detect(grey: Array, microscope: Microscope, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Noise of counting and of the detector, its gain and offset, and rounding."""
    deviation = np.sqrt(np.maximum(grey, 0) * np.float32(microscope.shot) + np.float32(microscope.noise**2))
    grey += deviation * rng.standard_normal(grey.shape, np.float32)
    gain = np.float32(max(1 + microscope.gain_variation * rng.standard_normal(), 0.3))
    offset = np.float32(microscope.offset_variation * rng.standard_normal())
    return np.asarray(np.clip(np.rint(grey * gain + offset), 0, 255).astype(np.uint8))
