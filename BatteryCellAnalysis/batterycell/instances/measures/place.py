"""Where an instance is: bounding box, centroid, whether it touches the volume's border."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.boxes import Boxes
from batterycell.tables import Column
from batterycell.volume import Volume

from .context import Context, Derived, Measure
from .moments import AXES, Centroids


def _axes(context: Context) -> str:
    return AXES[: context.dimension]


def _make_box(context: Context) -> Derived:
    boxes, steps = context.share(Boxes), context.voxel_um[::-1]

    def compute() -> dict[str, NDArray[Any]]:
        ends, extent = boxes.result(), boxes.high - boxes.low + 1
        sizes = np.where(boxes.low >= 0, extent * np.array(steps), np.nan)
        places = {name: ends[name] for axis in _axes(context) for name in (f"{axis}_min", f"{axis}_max")}
        return {**places, **{f"box_{axis}_um": sizes[:, n] for n, axis in enumerate(_axes(context))}}

    return Derived(compute)


def _box_columns(context: Context) -> tuple[Column, ...]:
    ends = (("min", "First"), ("max", "Last"))
    places = [
        Column(f"{axis}_{end}", f"{title} voxel along {axis}", "", f"{title} voxel of the bounding box along {axis}.")
        for axis in _axes(context)
        for end, title in ends
    ]  # fmt: skip
    sizes = [
        Column(f"box_{axis}_um", f"Box along {axis}", "µm", f"Edge of the bounding box along {axis}, of whole voxels.")
        for axis in _axes(context)
    ]  # fmt: skip
    return (*places, *sizes)


def _make_centroid(context: Context) -> Derived:
    centroids = context.share(Centroids)

    def compute() -> dict[str, NDArray[Any]]:
        ras = Volume(np.empty((0, 0, 0)), context.ijk_to_ras, "").to_ras(centroids.ijk)
        return {**centroids.result(), **{f"{axis}_mm": ras[:, n] for n, axis in enumerate("ras")}}

    return Derived(compute)


def _centroid_columns(_: Context) -> tuple[Column, ...]:
    indices = (Column(a, f"Centroid {a}", "", f"Mean voxel index along {a}, 0 being the first voxel.") for a in AXES)
    places = (Column(f"{a}_mm", a.upper(), "mm", f"{a.upper()} of the centroid in the volume's RAS.") for a in "ras")
    return (*indices, *places)


def _make_border(context: Context) -> Derived:
    boxes = context.share(Boxes)
    last = np.array(context.source.shape[::-1])[: context.dimension] - 1

    def compute() -> dict[str, NDArray[Any]]:
        low, high = boxes.low[:, : context.dimension], boxes.high[:, : context.dimension]
        return {"on_border": ((low == 0) | (high == last)).any(axis=1).astype(np.int64)}

    return Derived(compute)


def _border_columns(context: Context) -> tuple[Column, ...]:
    what = "image" if context.dimension == 2 else "volume"
    return (Column("on_border", "On the border", "", f"1 where it touches the {what}'s border and may go on, else 0."),)


MEASURES = (
    Measure(
        "box",
        "Bounding box",
        _box_columns,
        "Least and largest voxel index along each axis, both inside the object (-1 where it has no voxels); "
        "edges (max - min + 1)·h.",
        "Definition.",
        _make_box,
    ),
    Measure(
        "centroid",
        "Centroid",
        _centroid_columns,
        "Mean of the voxels' centres in indices, and the same place in RAS.",
        "Definition.",
        _make_centroid,
    ),
    Measure(
        "border",
        "Touches the border",
        _border_columns,
        "Whether the bounding box reaches the first or last voxel along any axis (2D: along i or j).",
        "Gundersen 1977, J. Microsc. 111, 219 (what is cut by the border biases counts and sizes).",
        _make_border,
    ),
)
