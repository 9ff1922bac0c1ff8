"""Convex hull of instances and their solidity."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Measure, MeasureSlab
from batterycell.instances.measures.runs import Floats
from batterycell.instances.measures.size import Sizes, voxel_size
from batterycell.progress import Progress
from batterycell.tables import Column

from .hull_bodies import Body, BodyPass
from .hull_counts import polygon_counts, voxels_in_hulls
from .hull_points import ExtremePoints

# Triangles of the hulls that are looked at together.
_TRIANGLES = 1 << 13


class ConvexSizes:
    """Area or volume of the voxels whose middles lie in the convex hull of the middles of an object's voxels.

    Voxels being those whose middles lie in the true object, its convex hull is drawn likewise: a convex object has all
    voxels of its hull, however small it is. The hull of the voxels' outer corners would be 13 to 24 % too large for
    convex objects of 24 voxels across.
    """

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._context, self._extreme = context, context.share(ExtremePoints)
        self._counts = np.full(context.count + 1, np.nan)
        self._waiting: dict[int, Body] = {}
        self._bodies = context.share(BodyPass) if context.dimension == 3 else None
        if self._bodies:
            self._bodies.feed(self)

    def take(self, n: int, body: Body) -> None:
        """Count the voxels in a hull, some hulls at a time."""
        self._waiting[n] = body
        if sum(len(one.triangles) for one in self._waiting.values()) > _TRIANGLES:
            self._count()

    def _count(self) -> None:
        if self._waiting:
            self._counts[list(self._waiting)] = voxels_in_hulls(list(self._waiting.values()))
            self._waiting.clear()

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the points are gathered elsewhere."""

    def finish(self, progress: Progress) -> None:
        """Compute the hulls and count what is left to count."""
        if self._bodies:
            self._bodies.finish(progress)
            self._count()

    @cached_property
    def sizes(self) -> Floats:
        """In µm³, in 2D µm², shape (count,); NaN where there are no voxels."""
        if not self._bodies:
            label, _, j, i = self._extreme.points.astype(np.int64).T
            self._counts = polygon_counts(label, j, i, len(self._counts))
        return np.asarray(self._counts[1:] * voxel_size(self._context))

    def result(self) -> dict[str, NDArray[Any]]:
        """The column of the convex hull."""
        return {_column(self._context).name: self.sizes}


def _column(context: Context) -> Column:
    text = "of all voxels whose middles lie in the convex hull of the middles of the object's voxels."
    if context.dimension == 2:
        return Column("convex_area_um2", "Convex area", "µm²", f"Area {text}")
    return Column("convex_volume_um3", "Convex volume", "µm³", f"Volume {text}")


class Solidity:
    """Size of each object through that of its convex hull."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._convex, self._sizes = context.share(ConvexSizes), context.share(Sizes)

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: both are found for all."""

    def finish(self, progress: Progress) -> None:
        """Compute the hulls."""
        self._convex.finish(progress)

    def result(self) -> dict[str, NDArray[Any]]:
        """The column of the solidity."""
        return {"solidity": self._sizes.size / self._convex.sizes}


_SOLIDITY = Column("solidity", "Solidity", "", "Area or volume through that of the convex hull; 1 if convex.")
_SOURCE = "Barber, Dobkin and Huhdanpaa 1996, ACM TOMS 22, 469 (Qhull); Pick 1899, Lotos 19, 311."

MEASURES = (
    Measure(
        "convex_hull",
        "Convex hull",
        lambda context: (_column(context),),
        "N(hull)·v, N(hull) the number of voxels with their middle in the convex hull of the middles of the object's "
        "voxels, counted exactly (2D: Pick's theorem A + B/2 + 1): unbiased, a convex object's own size.",
        _SOURCE,
        lambda context: context.share(ConvexSizes),
    ),
    Measure(
        "solidity",
        "Solidity (convexity)",
        lambda _: (_SOLIDITY,),
        "N / N(hull) of the measure convex_hull: 1 for every convex object, however small.",
        _SOURCE,
        Solidity,
    ),
)
