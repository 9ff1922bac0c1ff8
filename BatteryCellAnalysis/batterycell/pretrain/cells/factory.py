"""Slices of whole cells of the cell factory: scans in three dimensions, with every kind of trouble."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.phantom import Phantom, make_cell, random_hard_cell
from batterycell.segment.data.levels import measure_levels, measure_quantiles
from batterycell.segment.samples import Sample
from batterycell.volume import Volume

from .ranges import TRAINING

Array = NDArray[Any]
# Far from the seeds with which anything is measured.
_SEEDS = (10**8, 2 * 10**8)
_SLICES = 4  # along each of the two axes across the cell
_MIDDLE = (0.2, 0.8)  # of the cell's width: further out a slice shows but the can


def random_whole_cell(rng: np.random.Generator) -> Phantom:
    """A random hard cell in a scan, half of them with places at which the anode ends first."""
    seed = int(rng.integers(*_SEEDS))
    hard = random_hard_cell(seed, negatives=int(rng.integers(0, 3)))
    return make_cell(hard.spec, hard.scan, seed, angles=1)


def longitudinal_slices(rng: np.random.Generator, phantom: Phantom, classes: Array, source: str) -> list[Sample]:
    """Slices along the cell.

    Args:
        rng: Chooses them.
        phantom: The cell, upright or upside down along the first axis.
        classes: The class of each `CellLabel`.
        source: The specimen's name.
    """
    levels = measure_levels(phantom.volume)
    quantiles = (measure_quantiles(phantom.volume, levels),)
    samples: list[Sample] = []
    for axis in (1, 2):
        length = phantom.volume.array.shape[axis]
        low, high = (int(share * length) for share in _MIDDLE)
        for place in rng.integers(low, high, _SLICES).tolist():
            grey, label = (_slice(part, axis, place) for part in (phantom.volume, phantom.labels))
            size = _size(phantom.volume, axis)
            name = f"slice {len(samples)}"
            labels = classes[label]
            samples.append(Sample(name, source, grey[None, None], labels[None], (levels,), size, quantiles=quantiles))
    return samples


def _slice(volume: Volume, axis: int, place: int) -> Array:
    """A slice, its rows as fine as the coarsest pixels that a network is shown."""
    flat = np.take(volume.array, place, axis)
    rows = volume.voxel_size_um[0] / TRAINING.pixel_um[1]
    return flat if rows <= 1 else np.asarray(ndimage.zoom(flat, (rows, 1), order=1 if volume.name == "grey" else 0))


def _size(volume: Volume, axis: int) -> tuple[float, float, float]:
    z, y, x = volume.voxel_size_um
    across, along = (y, x) if axis == 1 else (x, y)
    return across, min(z, TRAINING.pixel_um[1]), along
