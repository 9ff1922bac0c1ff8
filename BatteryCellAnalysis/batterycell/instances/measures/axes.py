"""The ellipse or ellipsoid of an instance: axes, aspect ratio and direction, by second moments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column

from .context import Context, Derived, Measure, MeasureSlab
from .moments import Moments
from .runs import Floats

_THREADS = 2
_NAMES = {2: ("major", "minor"), 3: ("major", "middle", "minor")}
# Eigenvalues this far below the largest, or this near to it, are rounding.
_ROUNDING = 1e-9
_SOURCE = "Jähne 1993, Spatio-Temporal Image Processing, ch. 8; as in scikit-image and ITK."


class Ellipsoids:
    """Eigenvalues and eigenvectors of each instance's covariance, largest first."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._moments, self._context = context.share(Moments), context

    def add(self, slab: MeasureSlab) -> None:
        """Nothing: the moments are summed for all."""

    @cached_property
    def _eigen(self) -> tuple[Floats, Floats]:
        covariance = self._moments.covariance
        there = np.isfinite(covariance[:, 0, 0])
        values, vectors = np.full(covariance.shape[:2], np.nan), np.full(covariance.shape, np.nan)
        values[there], vectors[there] = _eigh(covariance[there])
        return values[:, ::-1], vectors[:, :, ::-1]

    @cached_property
    def variances(self) -> Floats:
        """Variances along the axes in µm², largest first, shape (count, d); what is rounding is 0."""
        values = self._eigen[0]
        return np.where(values < _ROUNDING * values[:, :1], 0.0, values)

    @cached_property
    def lengths(self) -> Floats:
        """Axes in µm, longest first, shape (count, d)."""
        return np.asarray(2 * np.sqrt((self._context.dimension + 2) * self.variances))

    @cached_property
    def direction(self) -> Floats:
        """Unit vector along (i, j[, k]) of the longest axis, shape (count, d); NaN where the longest two are equal."""
        first, second = self.variances[:, 0], self.variances[:, 1]
        clear = first - second > _ROUNDING * first
        return np.where(clear[:, None], self._eigen[1][:, :, 0], np.nan)

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns of the axes."""
        names = _NAMES[self._context.dimension]
        return {f"{name}_axis_um": self.lengths[:, n] for n, name in enumerate(names)}


def _eigh(matrices: Floats) -> tuple[Floats, Floats]:
    """`numpy.linalg.eigh`, on two cores, as it is what takes longest of small objects."""
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(np.linalg.eigh, np.array_split(matrices, _THREADS)))
    values, vectors = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(vectors)


def _axis_columns(context: Context) -> tuple[Column, ...]:
    what = "ellipse" if context.dimension == 2 else "ellipsoid"
    return tuple(
        Column(f"{name}_axis_um", f"{name.capitalize()} axis", "µm", f"{name.capitalize()} axis, full length, of the "
               f"{what} with the object's second moments.")
        for name in _NAMES[context.dimension]
    )  # fmt: skip


def _make_aspect(context: Context) -> Derived:
    ellipsoids = context.share(Ellipsoids)

    def compute() -> dict[str, NDArray[Any]]:
        longest, shortest = ellipsoids.lengths[:, 0], ellipsoids.lengths[:, -1]
        return {"aspect_ratio": longest / np.where(shortest > 0, shortest, np.nan)}

    return Derived(compute)


def _aspect_columns(_: Context) -> tuple[Column, ...]:
    what = "Major through minor axis, 1 or more; empty where the object is flat, being one voxel thick."
    return (Column("aspect_ratio", "Aspect ratio", "", what),)


def _make_orientation(context: Context) -> Derived:
    ellipsoids = context.share(Ellipsoids)
    if context.dimension == 2:
        return Derived(lambda: {"orientation_deg": _angle(ellipsoids.direction)})

    def compute() -> dict[str, NDArray[Any]]:
        return {f"axis_{axis}": values for axis, values in zip("ras", _in_ras(ellipsoids, context).T, strict=True)}

    return Derived(compute)


def _angle(direction: Floats) -> Floats:
    """Angle in degrees from i, counter-clockwise as images are shown (j downward), -90 < angle <= 90."""
    angle = np.degrees(np.arctan2(-direction[:, 1], direction[:, 0]))
    return np.asarray(90 - (90 - angle) % 180)


def _in_ras(ellipsoids: Ellipsoids, context: Context) -> Floats:
    """Unit vectors in RAS whose first component that is not 0, from S back to R, is positive; shape (count, 3)."""
    columns = context.ijk_to_ras[:3, :3]
    ras = ellipsoids.direction @ (columns / np.linalg.norm(columns, axis=0)).T
    sign = np.where(ras[:, 2] != 0, ras[:, 2], np.where(ras[:, 1] != 0, ras[:, 1], ras[:, 0]))
    return np.asarray(ras * np.sign(sign)[:, None] + 0.0)  # no -0


def _orientation_columns(context: Context) -> tuple[Column, ...]:
    if context.dimension == 2:
        what = "Angle of the major axis from the direction of i, counter-clockwise as shown, above -90° to 90°."
        return (Column("orientation_deg", "Orientation", "deg", f"{what[:-1]}; empty where round."),)
    what = "of the unit vector along the major axis, which points to superior; empty where there is no longest axis."
    return tuple(Column(f"axis_{a}", f"Direction {a.upper()}", "", f"{a.upper()} {what}") for a in "ras")


MEASURES = (
    Measure(
        "axes",
        "Axes by second moments",
        _axis_columns,
        "2√((d + 2)·λ) with λ the eigenvalues of the covariance of the voxels' centres, d = 2 or 3: 4√λ in 2D, 2√(5λ) "
        "in 3D. Voxels count as points, which is unbiased for objects on a grid (no 1/12 a voxel).",
        _SOURCE,
        lambda context: context.share(Ellipsoids),
    ),
    Measure("aspect_ratio", "Aspect ratio", _aspect_columns, "Major axis / minor axis.", _SOURCE, _make_aspect),
    Measure(
        "orientation",
        "Orientation",
        _orientation_columns,
        "Direction of the eigenvector of the largest eigenvalue of the covariance; in 2D its angle.",
        _SOURCE,
        _make_orientation,
    ),
)
