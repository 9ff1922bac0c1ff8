"""Grey values between voxels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import Volume


def interpolate(volume: Volume, ijk: NDArray[np.float64]) -> NDArray[np.float32]:
    """Linearly interpolated grey values at continuous indices (i, j, k), shape (..., 3); NaN outside."""
    from scipy import ndimage

    coordinates = np.moveaxis(ijk[..., ::-1], -1, 0)
    values = ndimage.map_coordinates(
        volume.array, coordinates, output=np.float32, order=1, mode="nearest", prefilter=False
    )
    last = np.array(volume.array.shape).reshape((3,) + (1,) * (coordinates.ndim - 1)) - 1
    inside = np.all((coordinates >= -0.5) & (coordinates <= last + 0.5), axis=0)
    return np.asarray(np.where(inside, values, np.float32(np.nan)))
