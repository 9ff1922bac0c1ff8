"""Label volumes of balls whose places and sizes are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.mrml.files import write_volume
from batterycell.volume import Volume
from numpy.typing import NDArray

SIZE_UM = (0.5, 0.5, 0.5)
# Middle (k, j, i) and radius in voxels; the last is cut by the border.
BALLS: tuple[tuple[tuple[float, float, float], float], ...] = (
    ((12, 12, 12), 6.0),
    ((12, 32, 14), 5.0),
    ((26, 14, 34), 7.0),
    ((28, 34, 30), 4.0),
    ((12, 40, 47), 5.0),
)


def balls(
    shape: tuple[int, int, int] = (40, 48, 50), placed: Sequence[tuple[tuple[float, float, float], float]] = BALLS
) -> NDArray[Any]:
    """Particles (2) in a matrix of binder (3), with pores (1) at the bottom of the stack, uint8."""
    labels = np.full(shape, 3, np.uint8)
    labels[-4:] = 1
    places = np.indices(shape).astype(float)
    for middle, radius in placed:
        away = sum((axis - at) ** 2 for axis, at in zip(places, middle, strict=True))
        labels[away <= radius**2] = 2
    return labels


def save_labels(labels: NDArray[Any], path: Path, size_um: tuple[float, float, float] = SIZE_UM) -> Path:
    """Write labels as an unpacked NRRD file."""
    write_volume(Volume.from_stack(labels, size_um, "made", path.stem), path, compress=False)
    return path
