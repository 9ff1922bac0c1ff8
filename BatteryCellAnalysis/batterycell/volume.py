"""A scalar volume with its place in the world, independent of any application."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

UM_PER_MM = 1000.0
_MOST_SHEAR = 1e-3


@dataclass(frozen=True)
class Volume:
    """Grey values on a regular grid in Slicer's world (millimetres, RAS).

    Args:
        array: Shape (k, j, i): slices, rows, columns.
        ijk_to_ras: Shape (4, 4); maps continuous (i, j, k, 1), integers at voxel centres, to RAS in mm.
        voxel_size_source: Where the voxel size came from, for provenance ("--voxel-size", "NRRD header").
        name: Short name for pictures and reports.
    """

    array: NDArray[Any]
    ijk_to_ras: NDArray[np.float64]
    voxel_size_source: str
    name: str = "cell"

    @classmethod
    def from_stack(
        cls, array: NDArray[Any], voxel_size_um: tuple[float, float, float], source: str, name: str = "cell"
    ) -> Volume:
        """A volume from a bare stack of slices, which has a voxel size but no orientation.

        The axes i, j, k point to the left, to posterior and to superior, the first voxel's centre is the origin:
        what Slicer gives a stack of plain images (identity in ITK's LPS).

        Args:
            array: Shape (k, j, i).
            voxel_size_um: Voxel size (z, y, x) in µm.
            source: Where the voxel size came from.
            name: Short name.
        """
        z, y, x = (size / UM_PER_MM for size in voxel_size_um)
        return cls(array, np.diag([-x, -y, z, 1.0]), source, name)

    def without_voxels(self) -> Volume:
        """What is known of the volume but its grey values: an array of the same type without any."""
        return replace(self, array=self.array[:0, :0, :0].copy())

    @property
    def spacing_mm(self) -> NDArray[np.float64]:
        """Voxel size along (i, j, k) in mm."""
        return np.asarray(np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0))

    @property
    def voxel_size_um(self) -> tuple[float, float, float]:
        """Voxel size (z, y, x) in µm, the order people type it in."""
        x, y, z = (self.spacing_mm * UM_PER_MM).tolist()
        return z, y, x

    @property
    def is_sheared(self) -> bool:
        """Whether its axes are not at right angles (to a thousandth, as headers are written with few digits)."""
        directions = self.ijk_to_ras[:3, :3] / self.spacing_mm
        return not np.allclose(directions.T @ directions, np.eye(3), atol=_MOST_SHEAR)

    def to_ras(self, ijk: ArrayLike) -> NDArray[np.float64]:
        """RAS in mm, shape (..., 3), of continuous voxel indices (i, j, k), shape (..., 3)."""
        return np.asarray(np.asarray(ijk, float) @ self.ijk_to_ras[:3, :3].T + self.ijk_to_ras[:3, 3])

    def to_ijk(self, ras: ArrayLike) -> NDArray[np.float64]:
        """Continuous voxel indices (i, j, k), shape (..., 3), of points in RAS mm, shape (..., 3)."""
        inverse = np.linalg.inv(self.ijk_to_ras[:3, :3])
        return np.asarray((np.asarray(ras, float) - self.ijk_to_ras[:3, 3]) @ inverse.T)
