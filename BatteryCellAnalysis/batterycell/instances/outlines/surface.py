"""Perimeter and surface area of instances by Crofton's formula."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Derived, Measure
from batterycell.instances.measures.moments import Voxels
from batterycell.instances.measures.size import voxel_size
from batterycell.tables import Column

from .weights import PAIRS, crossing_weights, plane_errors
from .windows import WindowPass, Windows

Floats = NDArray[np.float64]

# Half widths of 95 % intervals, relative to the value: a·e + b·h / r, e being the standard deviation of the errors of
# planes (2D: lines) in all directions, h the edge of a cube (square) as large as a voxel, and r = 3V / S (2D: 2A / P),
# for a ball (circle) its radius. Fitted to ellipsoids, rods, plates and boxes (2D: ellipses, rectangles) of the size of
# balls of 3 to 14 voxels in all directions, in voxels of up to 1:3; Testing/Benchmarks/instances_shapes.py checks them.
_UNCERTAINTY = {2: (0.7, 0.24), 3: (0.7, 0.34)}


class Crossings:
    """Perimeter or surface area: the weighted count of neighbours that differ from an instance, in all directions."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._sums = np.zeros(context.count + 1)
        self._tables = list(_tables(crossing_weights(context.voxel_um, context.dimension)))
        context.share(WindowPass).feed(self)

    @property
    def areas(self) -> Floats:
        """µm², in 2D µm, of instances 1..count."""
        return self._sums[1:]

    def take(self, windows: Windows) -> None:
        """Count the crossings of some windows."""
        labels = windows.labels
        for first, seconds, table in self._tables:
            code = np.zeros(labels.shape[1], np.uint8)
            for bit, second in enumerate(seconds):
                code |= (labels[first] != labels[second]).view(np.uint8) << np.uint8(bit)
            self._sums += np.bincount(labels[first].astype(np.intp), table[code], len(self._sums))

    def add(self, slab: object) -> None:
        """Nothing to do: the windows are passed on by their finder."""

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: measures name it."""
        return {}


def _tables(weights: Floats) -> Any:
    """For each first corner of pairs: the second corners, and the weight of each set of them that differ.

    As many chords leave an object in a direction as enter it, so that those that leave are counted twice.
    """
    for first, pairs in groupby(sorted(zip(PAIRS[: len(weights)], weights, strict=True)), lambda pair: pair[0][0]):
        members = list(pairs)
        bits = np.arange(1 << len(members))[:, None] >> np.arange(len(members)) & 1
        yield first, [pair[1] for pair, _ in members], bits @ np.array([2 * weight for _, weight in members])


def surface_column(context: Context) -> Column:
    """The column of the perimeter or surface area."""
    if context.dimension == 2:
        return Column("perimeter_um", "Perimeter", "µm", "Length of the outline, holes included, by Crofton's formula.")
    return Column("surface_um2", "Surface", "µm²", "Area of the surface, hollows included, by Crofton's formula.")


def _columns(context: Context) -> tuple[Column, ...]:
    column = surface_column(context)
    text = f"Half width of the 95 % interval of {column.name} from the size of the voxels, in any direction."
    return column, Column(f"u_{column.name}", f"Uncertainty of the {column.title} (95 %)", column.units, text)


def measured_surface(context: Context) -> tuple[Crossings, Voxels]:
    """What a perimeter or surface area and its uncertainty are worked out of."""
    return context.share(Crossings), context.share(Voxels)


def relative_uncertainty(context: Context, surfaces: Floats, sizes: Floats) -> Floats:
    """Half width of the 95 % interval of perimeters or surface areas, relative to them.

    Args:
        context: Of the measurement.
        surfaces: In µm², in 2D perimeters in µm.
        sizes: Volumes in µm³, in 2D areas in µm².
    """
    part, per_radius = _UNCERTAINTY[context.dimension]
    spread = float(plane_errors(context.voxel_um, context.dimension).std())
    edge = voxel_size(context) ** (1 / context.dimension)
    with np.errstate(invalid="ignore"):
        return np.asarray(part * spread + per_radius * edge * surfaces / (context.dimension * sizes))


def _make(context: Context) -> Derived:
    crossings, voxels = measured_surface(context)
    name = surface_column(context).name

    def compute() -> dict[str, NDArray[Any]]:
        values = np.asarray(np.where(voxels.counts > 0, crossings.areas, np.nan), float)
        sizes = np.asarray(voxels.counts * voxel_size(context), float)
        return {name: values, f"u_{name}": values * relative_uncertainty(context, values, sizes)}

    return Derived(compute)


def equivalent_surface(context: Context, counts: NDArray[np.int64]) -> Floats:
    """Surface in µm² (2D: perimeter in µm) of the ball (circle) of an instance's size."""
    size = counts * voxel_size(context)
    return np.asarray(2 * np.sqrt(np.pi * size) if context.dimension == 2 else np.cbrt(np.pi) * (6 * size) ** (2 / 3))


MEASURES = (
    Measure(
        "surface",
        "Surface area or perimeter",
        _columns,
        "S = Σ w(h)·n(h): n(h) pairs of neighbours at step h, one inside and one not, over 13 directions (2D: 4); "
        "w(h) = 2·v·c(h)/|h| (2D: π/2·a·c(h)/|h|), c(h) the share of the sphere nearest to h for the voxels' own size. "
        "Unbiased for objects that lie in all directions; in cubic voxels planes come out 7 % low to 2 % high (2D: "
        "lines 5 % low to 3 % high). What lies outside of the volume counts as not of the object.",
        "Crofton; Lehmann and Legland 2012, Insight Journal (Voronoi weights); Ohser and Mücklich 2000, 4.2.",
        _make,
    ),
)
