"""How large an instance is: voxels, area or volume, equivalent diameter and its uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column

from .context import Context, Derived, Measure, MeasureSlab
from .moments import Voxels
from .runs import Floats

_NORMAL_95 = 1.959964
_SHELLS = 12  # of the lattice that is summed; what lies beyond is integrated


class RunCounts:
    """Number of runs of each instance: how often lines along i cross it, which tells its surface."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._sums = np.zeros(context.count + 1)
        self._row_um = context.voxel_um[1] * (context.voxel_um[0] if context.dimension == 3 else 1)
        self._factor = 4.0 if context.dimension == 3 else np.pi

    def add(self, slab: MeasureSlab) -> None:
        """Count the runs of some slices."""
        slab.runs.add_to(self._sums)

    @property
    def surface(self) -> Floats:
        """Surface in µm² (perimeter in µm) that so many crossings mean on average over directions, shape (count,)."""
        return np.asarray(self._factor * self._row_um * self._sums[1:])

    def result(self) -> dict[str, NDArray[Any]]:
        """No columns of its own."""
        return {}


class Sizes:
    """Areas or volumes, diameters and what the grid leaves open of them."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._context, self._voxels, self._runs = context, context.share(Voxels), context.share(RunCounts)

    def add(self, slab: MeasureSlab) -> None:
        """Nothing: the voxels and the runs are counted for all."""

    @property
    def size(self) -> Floats:
        """Area in µm² or volume in µm³, shape (count,)."""
        return np.asarray(self._voxels.counts * voxel_size(self._context), float)

    @property
    def diameter(self) -> Floats:
        """Diameter of the circle or sphere of that size in µm, shape (count,); NaN where there are no voxels."""
        size = np.where(self.size > 0, self.size, np.nan)
        return np.asarray(np.sqrt(4 * size / np.pi) if self._context.dimension == 2 else np.cbrt(6 * size / np.pi))

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns of the equivalent diameter."""
        d, dimension = self.diameter, self._context.dimension
        # Nothing of that size has less surface than the circle or sphere.
        surface = np.maximum(self._runs.surface, np.pi * d ** (dimension - 1))
        half = _NORMAL_95 * np.sqrt(surface * grid_variance(self._context.voxel_um[3 - dimension :]))
        size = np.where(self.size > 0, self.size, np.nan)
        return {"equivalent_diameter_um": d, "u_equivalent_diameter_um": half / size * d / dimension}


def voxel_size(context: Context) -> float:
    """Volume of a voxel in µm³, in 2D its area in the slice in µm²."""
    return float(np.prod(context.voxel_um[3 - context.dimension :]))


def grid_variance(steps: tuple[float, ...]) -> float:
    """Variance of an area or volume found by counting grid points, for each unit of perimeter or surface.

    The variance is the sum of the object's power spectrum over the reciprocal grid. Averaged over directions, the
    spectrum falls as perimeter/(4 π³ ξ³) in 2D, and as surface/(8 π³ ξ⁴) in 3D (Porod's law). For a square of step h
    it is 0.0728 h³ (Kendall 1948, Matérn 1989), for a cube 0.0667 h⁴.

    Args:
        steps: Step of the grid along each axis.
    """
    dimension, reach = len(steps), _SHELLS / min(steps)
    axes = [np.arange(-n, n + 1) / step for step in steps for n in [int(reach * step)]]
    squares = sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij", sparse=True))
    inside = np.asarray(squares)[(squares > 0) & (squares <= reach**2)]
    beyond = np.prod(steps) * (2 * np.pi if dimension == 2 else 4 * np.pi) / reach
    total = np.sum(inside ** (-(dimension + 1) / 2)) + beyond
    return float(total / ((4 if dimension == 2 else 8) * np.pi**3))


def size_column(context: Context) -> Column:
    """The column of the area or volume."""
    if context.dimension == 2:
        return Column("area_um2", "Area", "µm²", "Number of pixels times the area of one.")
    return Column("volume_um3", "Volume", "µm³", "Number of voxels times the volume of one.")


def _make_size(context: Context) -> Derived:
    sizes, name = context.share(Sizes), size_column(context).name
    return Derived(lambda: {name: sizes.size})


def _diameter_columns(context: Context) -> tuple[Column, ...]:
    what = "circle of the same area" if context.dimension == 2 else "sphere of the same volume"
    grid = "Half width of the diameter's 95 % interval from counting voxels; not from where the border was drawn."
    return (
        Column("equivalent_diameter_um", "Equivalent diameter", "µm", f"Diameter of the {what}."),
        Column("u_equivalent_diameter_um", "Uncertainty of the equivalent diameter (95 %)", "µm", grid),
    )


MEASURES = (
    Measure(
        "voxels",
        "Voxels",
        lambda _: (Column("voxels", "Voxels", "", "Number of voxels."),),
        "N, the number of voxels of the label.",
        "Definition.",
        lambda context: context.share(Voxels),
    ),
    Measure(
        "volume",
        "Volume, in 2D area",
        lambda context: (size_column(context),),
        "V = N·hx·hy·hz; in 2D A = N·hx·hy. Unbiased: counting points.",
        "Gundersen and Jensen 1987, J. Microsc. 147, 229.",
        _make_size,
    ),
    Measure(
        "equivalent_diameter",
        "Equivalent diameter",
        _diameter_columns,
        "d = (6V/π)^(1/3); in 2D d = (4A/π)^(1/2). u = 1.96·σ(V)/V·d/3 (2D: σ(A)/A·d/2) with σ² = c·S, S the surface "
        "(perimeter) from the number of runs, c = Σ|ξ|⁻⁴/8π³ (2D: Σ|ξ|⁻³/4π³) over the reciprocal grid.",
        "ISO 9276-6:2008; Kendall 1948, Q. J. Math. 19, 1; Matérn 1989, J. Microsc. 153, 269.",
        lambda context: context.share(Sizes),
    ),
)
