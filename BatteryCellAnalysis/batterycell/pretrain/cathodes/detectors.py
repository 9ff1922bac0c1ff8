"""Greys of an electrode as detectors of secondary and of backscattered electrons see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from batterycell.phantom.microstructure.fields import Array, random_field

from .ranges import Ranges, evenly
from .structure import Structure

# Part of the filled sections whose resin is brighter than binder.
INVERTED = 0.1
FILM = ((0.45, 0.75), (1.3, 1.8))


@dataclass(frozen=True)
class Shape:
    """What greys depend on beside the material, (rows, columns) each.

    Args:
        slope: 0 where a surface faces the beam, towards 1 where it is steep.
        lit: -1 to 1: away from the detector to towards it.
        ridge: 0 to 1 at edges that stand out.
        sunk: 0 and more where the surroundings stand higher: fewer electrons come out.
    """

    slope: Array
    lit: Array
    ridge: Array
    sunk: Array


def measure_shape(structure: Structure, random: np.random.Generator) -> Shape:
    """The shape of the surface that is seen; the detector stands in any direction."""
    depth = np.minimum(structure.depth, np.float32(structure.deep))
    smooth = ndimage.gaussian_filter(depth, 1.0, truncate=3.0)
    down, right = np.gradient(smooth)
    rise = np.sqrt(1 + down**2 + right**2)
    angle = random.uniform(0, 2 * np.pi)
    lit = (np.float32(np.sin(angle)) * down + np.float32(np.cos(angle)) * right) / rise
    near, wide, wider = (ndimage.gaussian_filter(depth, sigma, truncate=2.5) for sigma in (1.6, 5.0, 14.0))
    sunk = np.maximum(depth - wide, 0) / 5 + np.maximum(depth - wider, 0) / 14
    return Shape(1 - 1 / rise, lit, np.clip((near - depth) / 2, 0, 1), sunk)


def see_secondary(structure: Structure, ranges: Ranges, random: np.random.Generator) -> Array:
    """Greys of secondary electrons, active material in the section at about 1: relief, bright edges, dark depths."""
    shape = measure_shape(structure, random)
    # A film as bright as cut particles could not be told from them by anyone.
    binder = evenly(FILM[random.integers(2)] if structure.dense else (0.6, 2.0), random)
    grey = np.where(structure.is_binder, np.float32(binder), np.float32(evenly(ranges.shine, random)))
    grey *= 1 + np.float32(evenly((0.0, 1.2), random)) * shape.slope
    grey *= 1 + np.float32(evenly((0.0, 0.5), random)) * shape.lit
    grey *= np.exp(-np.float32(evenly((0.3, 1.2), random)) * shape.sunk)
    grey *= np.exp(structure.depth * np.float32(-1 / (structure.deep * evenly((0.3, 1.0), random))))
    grey *= _fading(structure, random)
    _dim_ground(grey, structure)
    grey = np.where(structure.cut, _section(structure, random), grey)
    grey += np.float32(evenly((0.0, 1.2), random)) * shape.ridge * np.where(structure.cut, 0.6, 1)
    return np.asarray(grey + np.float32(evenly((0.0, 0.25), random)))


def see_backscattered(structure: Structure, ranges: Ranges, random: np.random.Generator) -> Array:
    """Greys of backscattered electrons, active material in the section at about 1: matter counts, shape hardly."""
    shape = measure_shape(structure, random)
    contrast = evenly(ranges.contrast, random)
    pore, binder = 1 - contrast, 1 - contrast * evenly((0.4, 0.7), random)
    reach = structure.deep * evenly((0.25, 0.9), random)
    light = np.exp(-structure.behind / np.float32(reach) - np.float32(evenly((0.1, 0.5), random)) * shape.sunk)
    light *= np.where((structure.owner > 0) & (structure.behind < structure.deep), 1, np.float32(0.2))
    grey = np.float32(pore) + np.float32(contrast * evenly((0.7, 1.05), random)) * light
    # Carbon lets electrons through: its grains are a cloud.
    cloud = np.where(structure.is_binder, _fading(structure, random), 0)
    cloud = ndimage.gaussian_filter(cloud, evenly((0.5, 2.5), random), truncate=2.5)
    grey += np.float32(evenly((0.8, 1.0), random)) * cloud * (np.float32(binder) - grey)
    relief = np.where(structure.is_binder, np.float32(0.3), 1) * (shape.slope + shape.lit)
    grey += np.float32(contrast * evenly((0.0, 0.25), random)) * relief
    grey = np.where(structure.cut, _section(structure, random), grey)
    return np.asarray(grey + np.float32(contrast * evenly((0.0, 0.3), random)) * shape.ridge)


def see_filled(structure: Structure, ranges: Ranges, random: np.random.Generator) -> Array:
    """Greys of a polished section whose pores are filled with resin: nothing shines through."""
    contrast = evenly(ranges.contrast, random)
    levels = np.array([0, 1 - contrast, 1.0, 1 - contrast * evenly((0.35, 0.65), random)], np.float32)
    # Speckle alone tells which of the two is binder then: a film has none.
    if random.random() < INVERTED and not structure.dense:
        levels[[1, 3]] = levels[[3, 1]]
    grey = levels[structure.labels]
    speckle = random_field(grey.shape, evenly((1.0, 2.0), random), random)
    speckle *= np.float32(0.02 if structure.dense else evenly((0.06, 0.12), random))
    grey += np.where(structure.labels == 3, speckle, 0)
    return np.where(structure.cut, _section(structure, random), grey)


def _section(structure: Structure, random: np.random.Generator) -> Array:
    """Active material cut flat: grains differ a little by how their crystals lie (channelling)."""
    grains = (
        1 + np.clip(random.standard_normal(structure.owner.max(initial=0) + 1), -2, 2) * random.uniform(0, 0.2) ** 2
    )
    return np.asarray(grains.astype(np.float32)[structure.owner])


def _fading(structure: Structure, random: np.random.Generator) -> Array:
    """How the grey of binder fades with depth: its hollows are narrow, little comes out of them."""
    reach = np.float32(evenly((3.0, 9.0), random))
    return np.asarray(np.where(structure.is_binder, np.exp(-np.minimum(structure.depth, structure.deep) / reach), 1))


def _dim_ground(grey: Array, structure: Structure) -> None:
    """Nothing is met in the deepest pores: dark, in place."""
    grey[structure.depth >= structure.deep] *= np.float32(0.15)
