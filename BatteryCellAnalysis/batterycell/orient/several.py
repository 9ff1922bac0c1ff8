"""More than one cell in a volume: beside each other, or one behind the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

Floats = NDArray[np.float64]

_SECTIONS, _COARSE, _PAD = 9, 96, 4
# A second cell is at least so large against the first, and each fills so much of its own circle.
_LIKE, _FILLED = 0.6, 0.95
_NEIGHBOURS = 0.5  # of a cell's circumference at most may touch others
_LEAST_RADIUS = 0.08  # of the section's shorter side: below, it is noise
# One cell behind another: each shows its usual radius over this many radii, with next to nothing in between.
_RUN, _THIN = 1.0, 0.7


def refuse_several_beside(volume: Volume, axis: int, air: float) -> None:
    """Refuse a volume whose sections show more than one disc.

    A disc is a peak of the distance to the background (Danielsson 1980) in the filled section, so cells that touch
    are told apart.

    Args:
        volume: What was scanned.
        axis: Array axis (0 = k) across which the sections lie.
        air: Grey value above which something is.

    Raises:
        InputError: if most of the sections that show discs show as many, and more than one.
    """
    sections = np.moveaxis(volume.array, axis, 0)
    chosen = np.unique(np.linspace(0, len(sections) - 1, _SECTIONS).astype(int))
    sizes = np.delete(volume.spacing_mm[::-1], axis)
    counts = np.bincount([len(_discs(*_coarse(sections[n], sizes), air)) for n in chosen])
    if len(counts) > 2 and counts[2:].max() > 0.5 * len(chosen):
        raise _several(f"{int(np.argmax(counts[2:])) + 2} round cells lie beside each other in the volume")


def refuse_several_behind(places: Floats) -> None:
    """Refuse cells that stand one behind the other.

    Args:
        places: Position along the axis and radius of every round section in mm, shape (n, 2), in rising order.

    Raises:
        InputError: if two long straight cans follow each other with next to nothing in between.
    """
    position, radius = places.T
    usual = float(np.median(radius))
    straight = position[np.abs(radius - usual) < 0.05 * usual]
    if len(straight) < 4:
        return
    step = float(np.min(np.diff(straight)))
    for cut in np.flatnonzero(np.diff(straight) > 2.5 * step):
        low, high = straight[cut], straight[cut + 1]
        between = radius[(position > low) & (position < high)]
        long = min(low - straight[0], straight[-1] - high) > _RUN * usual
        if long and (len(between) * step < 0.5 * (high - low) or between.min() < _THIN * usual):
            raise _several("Two round cells stand one behind the other in the volume")


def _several(message: str) -> InputError:
    return InputError("several-cells", message, "Crop the volume to one cell with a rim of air, cell by cell.")


def _coarse(section: NDArray[Any], sizes: Floats) -> tuple[NDArray[Any], Floats]:
    """The brightest value of every block of a section, so that no thin wall is missed, and the blocks' sizes."""
    steps = [max(1, round(n / _COARSE)) for n in section.shape]
    v, u = (n // step for n, step in zip(section.shape, steps, strict=True))
    blocks = section[: v * steps[0], : u * steps[1]].reshape(v, steps[0], u, steps[1])
    return blocks.max(axis=(1, 3)), sizes * steps


def _discs(section: NDArray[Any], sizes: Floats, air: float) -> list[float]:
    """Radii in mm of the discs in a section, the largest first, as far as the others are like it."""
    from scipy import ndimage

    closed = ndimage.binary_closing(np.pad(section > air, _PAD), iterations=2)
    filled = ndimage.binary_fill_holes(closed)
    least = _LEAST_RADIUS * float((np.array(section.shape) * sizes).min())
    distance = ndimage.distance_transform_edt(filled, sampling=sizes)
    v, u = np.ogrid[: filled.shape[0], : filled.shape[1]]
    found: list[float] = []
    while (radius := float(distance.max())) > max(_LIKE * max(found, default=0.0), least):
        middle = np.unravel_index(int(np.argmax(distance)), distance.shape)
        away = np.hypot((v - middle[0]) * sizes[0], (u - middle[1]) * sizes[1]) / radius
        around = filled[(away > 1.1) & (away < 1.3)]
        if filled[away < 0.9].mean() > _FILLED and around.mean() < _NEIGHBOURS:
            found.append(radius)
        distance[away < 1.2] = 0
    return found
