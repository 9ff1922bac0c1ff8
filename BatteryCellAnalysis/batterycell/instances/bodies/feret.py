"""Feret diameters of instances: the greatest and the least distance of parallel planes around them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Measure, MeasureSlab
from batterycell.instances.measures.runs import Floats
from batterycell.progress import Progress
from batterycell.tables import Column

from .feret_pairs import greatest_calipers, least_calipers
from .feret_widths import least_width
from .hull_bodies import Body, BodyPass
from .hull_points import ExtremePoints

# Half width of the 95 % interval in the grid's largest step: so many errors of ellipsoids, rods, plates and boxes (2D:
# ellipses and rectangles) of known size in all directions are less, see Testing/Benchmarks/instances_shapes.py.
_UNCERTAINTY = 0.95


class FeretMax:
    """Greatest distance between two points of each object."""

    name = "feret_max_um"
    by_rows = True

    def __init__(self, context: Context) -> None:
        self._context, self._extreme = context, context.share(ExtremePoints)
        self._size = np.asarray(context.voxel_um, float)
        self._grid = float(self._size[3 - context.dimension :].max())

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the points are gathered elsewhere."""

    @cached_property
    def values(self) -> Floats:
        """In µm, of labels 0..count; NaN where there are no voxels."""
        size = self._size.copy()
        size[: 3 - self._context.dimension] = 0
        return greatest_calipers(self._extreme, size)

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns of the diameter and its uncertainty."""
        values = self.values[1:]
        half = np.where(np.isfinite(values), _UNCERTAINTY * self._grid, np.nan)
        return {self.name: values, f"u_{self.name}": half}


class FeretMin(FeretMax):
    """Least distance of two parallel planes, in 2D lines, with the object between them."""

    name = "feret_min_um"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._found = np.full(context.count + 1, np.nan)
        self._bodies = context.share(BodyPass) if context.dimension == 3 else None
        if self._bodies:
            self._bodies.feed(self)

    def take(self, n: int, body: Body) -> None:
        """Keep the least width of a hull."""
        self._found[n] = least_width(body, self._size)

    def finish(self, progress: Progress) -> None:
        """Compute the hulls."""
        if self._bodies:
            self._bodies.finish(progress)

    @cached_property
    def values(self) -> Floats:
        """In µm, of labels 0..count; NaN where there are no voxels."""
        return self._found if self._bodies else least_calipers(self._extreme, self._size[1:])


def _columns(name: str, title: str, what: str) -> tuple[Column, ...]:
    """The columns of a diameter and its uncertainty."""
    grid = f"Half width of the 95 % interval of {name} from the size of the voxels."
    return Column(name, title, "µm", what), Column(f"u_{name}", f"Uncertainty of the {title} (95 %)", "µm", grid)


_MAX = _columns("feret_max_um", "Feret max", "Greatest distance of two points of the object (largest calipers).")
_MIN = _columns("feret_min_um", "Feret min", "Least distance of parallel planes around the object (smallest calipers).")
_OF_FACES = "The object reaches to the middles of its outer voxels' faces, as in scikit-image."

MEASURES = (
    Measure(
        "feret_max",
        "Feret max",
        lambda _: _MAX,
        f"max |p - q| over all pairs of corners of the hull, exact. {_OF_FACES}",
        "Feret 1930; ISO 9276-6:2008; as feret_diameter_max in scikit-image.",
        lambda context: context.share(FeretMax),
    ),
    Measure(
        "feret_min",
        "Feret min",
        lambda _: _MIN,
        "min over directions of the width: 3D over the facets and the pairs of opposite edges of the hull, 2D over its "
        f"sides, exact. {_OF_FACES}",
        "ISO 9276-6:2008; Houle and Toussaint 1988, IEEE Trans. PAMI 10, 761.",
        FeretMin,
    ),
)
