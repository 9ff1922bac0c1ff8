"""Where the volume of an OME-Zarr store lies in Slicer's world, and how large its voxels are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.options import LoadOptions
from batterycell.io.placing import place
from batterycell.io.sizes import StatedSize
from batterycell.io.units import unit_um
from batterycell.volume import UM_PER_MM, Volume

from .names import store_stem
from .store import Store

_NOTHING: NDArray[np.uint8] = np.zeros((1, 1, 1), np.uint8)
_SAME = 1e-6


def placed(store: Store, options: LoadOptions) -> Volume:
    """The grid of a store's finest level, without voxels.

    OME-Zarr knows voxel size and place, no directions: axes point as those of a bare stack of slices do. Directions
    that this project wrote beside them hold where both tell the same voxel size.

    Args:
        store: The store.
        options: What the user says.

    Raises:
        InputError: if nobody says the voxel size.
    """
    stated, matrix = _stated(store), _own_matrix(store)
    if matrix is None:
        matrix = _plain_matrix(store)
    return place(Volume(_NOTHING, matrix, "", store_stem(store.path)), stated, options, store.path)


def _stated(store: Store) -> StatedSize:
    scale, units = store.levels[0].scale, _units(store)
    if scale is None:
        return StatedSize(source="its OME-Zarr metadata state no scale")
    if units is None:
        numbers = " × ".join(f"{value:.6g}" for value in scale)
        return StatedSize(source=f"its OME-Zarr metadata give {numbers} (z, y, x) without a unit of length")
    z, y, x = (value * unit for value, unit in zip(scale, units, strict=True))
    return StatedSize((z, y, x), "OME-Zarr metadata")


def _units(store: Store) -> tuple[float, ...] | None:
    """Micrometres in the units of z, y and x."""
    found = [unit_um(name) if name else None for name in store.units]
    return None if None in found else tuple(unit for unit in found if unit is not None)


def _plain_matrix(store: Store) -> NDArray[np.float64]:
    level, units = store.levels[0], _units(store)
    if level.scale is None or units is None:
        return np.diag([-1.0, -1.0, 1.0, 1.0])
    z, y, x = (value * unit / UM_PER_MM for value, unit in zip(level.scale, units, strict=True))
    matrix = np.diag([-x, -y, z, 1.0])
    k, j, i = (value * unit / UM_PER_MM for value, unit in zip(level.offset, units, strict=True))
    matrix[:3, 3] = (-i, -j, k)
    return matrix


def _own_matrix(store: Store) -> NDArray[np.float64] | None:
    """The matrix that this project wrote; None where there is none that agrees with the voxel size."""
    found, size = _numbers(store.own.get("ijk_to_ras")), _stated(store).zyx_um
    if found is None or None in size:
        return None
    spacing = np.linalg.norm(found[:3, :3], axis=0)[::-1] * UM_PER_MM
    agrees = np.allclose(spacing, np.array(size, float), rtol=_SAME, atol=0.0)
    return found if agrees else None


def _numbers(values: Any) -> NDArray[np.float64] | None:
    try:
        matrix = np.array(values, float)
    except (TypeError, ValueError):
        return None
    is_place = matrix.shape == (4, 4) and np.isfinite(matrix).all() and np.array_equal(matrix[3], [0, 0, 0, 1])
    return matrix if is_place and abs(np.linalg.det(matrix)) > 0 else None
