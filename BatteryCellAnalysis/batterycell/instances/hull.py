"""Convex hull of instances and their solidity."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column

from .context import Context, Derived, Measure, MeasureSlab
from .hull_bodies import Body, BodyPass
from .hull_outline import areas
from .hull_points import ExtremePoints
from .measure_size import Sizes
from .runs import Floats


class ConvexSizes:
    """Area or volume of the convex hull of the voxels with their corners.

    It is that of the hull P of the middles of the voxels, swept along the edges of a voxel one after another: sweeping
    along an edge of length h adds h times the projection along it. So the volume is
    V(P) + Σ h·A(P along h) + Σ h·h'·(extent across both) + h·h'·h'' (Steiner's formula for boxes, Schneider 2014, 5.1).
    """

    def __init__(self, context: Context) -> None:
        self._context, self._extreme = context, context.share(ExtremePoints)
        self._middles = np.zeros(context.count + 1)
        self._bodies = context.share(BodyPass) if context.dimension == 3 else None
        if self._bodies:
            self._bodies.feed(self)

    def take(self, n: int, body: Body) -> None:
        """Keep the volume of a hull."""
        self._middles[n] = body.volume

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the points are gathered elsewhere."""

    @cached_property
    def sizes(self) -> Floats:
        """In µm³, in 2D µm², shape (count,); NaN where there are no voxels."""
        h, extents = np.asarray(self._context.voxel_um, float)[:, None], self._extents()
        shadows = [self._shadow(axis) for axis in range(3)]
        flat = shadows[0] + extents[1] * h[2] + extents[2] * h[1] + h[1] * h[2]
        if self._bodies is None:
            return np.asarray(flat[1:])
        self._bodies.finish()
        # Swept along y and x the hull has the shadow `flat` along z; the rest is one sweep along z.
        sides = h[1] * (shadows[1] + h[2] * extents[0]) + h[2] * shadows[2]
        return np.asarray((self._middles + sides + h[0] * flat)[1:])

    def _extents(self) -> Floats:
        """Extent of the middles along z, y, x in µm, shape (3, count + 1); NaN where there are none."""
        begins, points = self._extreme.begins, self._extreme.points
        extents = np.full((3, len(begins) - 1), np.nan)
        there = np.flatnonzero(np.diff(begins))
        for axis in range(3 if len(there) else 0):
            values = points[:, axis + 1]
            ends = np.maximum.reduceat(values, begins[there]) - np.minimum.reduceat(values, begins[there])
            extents[axis, there] = ends * self._context.voxel_um[axis]
        return extents

    def _shadow(self, axis: int) -> Floats:
        """Area of the hull of the middles seen along an axis in µm², shape (count + 1,)."""
        u, v = (one for one in range(3) if one != axis)
        points = self._extreme.points.astype(np.int64)
        found = areas(points[:, 0], points[:, u + 1], points[:, v + 1], self._context.count + 1)
        return np.asarray(found * self._context.voxel_um[u] * self._context.voxel_um[v])

    def result(self) -> dict[str, NDArray[Any]]:
        """The column of the convex hull."""
        return {_column(self._context).name: self.sizes}


def _column(context: Context) -> Column:
    text = "of the smallest convex body that holds the object's voxels with their corners."
    if context.dimension == 2:
        return Column("convex_area_um2", "Convex area", "µm²", f"Area {text}")
    return Column("convex_volume_um3", "Convex volume", "µm³", f"Volume {text}")


def _make_solidity(context: Context) -> Derived:
    convex, sizes = context.share(ConvexSizes), context.share(Sizes)
    return Derived(lambda: {"solidity": sizes.size / convex.sizes})


_SOLIDITY = Column("solidity", "Solidity", "", "Area or volume through that of the convex hull; 1 if convex.")
_SOURCE = "Barber, Dobkin and Huhdanpaa 1996, ACM TOMS 22, 469 (Qhull); Andrew 1979, Inf. Process. Lett. 9, 216."

MEASURES = (
    Measure(
        "convex_hull",
        "Convex hull",
        lambda context: (_column(context),),
        "Volume (2D: area) of the convex hull of all corners of the object's voxels, exact; one voxel is its own hull.",
        _SOURCE,
        lambda context: context.share(ConvexSizes),
    ),
    Measure(
        "solidity",
        "Solidity (convexity)",
        lambda _: (_SOLIDITY,),
        "V / V(convex hull), in 2D A / A(convex hull), the hull with the voxels' corners; small round objects come "
        "out below 1, as their stairs lie inside of the hull.",
        _SOURCE,
        _make_solidity,
    ),
)
