"""The table of objects in a few numbers of each class: how many, how large, how certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.instances import Instances
from batterycell.measured import K95, Floats, Quantity, Stage
from batterycell.microstructure.settings import slug
from batterycell.tables import Column, Table

SIZE = "equivalent_diameter_um"
_SHARES = ((10, "d10"), (50, "d50"), (90, "d90"))
_FEW = 3
# Smaller objects, in voxels along each axis, are told.
_SPECK = 3
_ADDED = (
    Column("class", "Class", "", "Class of the object."),
    Column("on_border", "On border", "", "1 where the object reaches the border of what was imaged, which may cut it."),
    Column(
        "weight",
        "Weight",
        "",
        "How many objects it stands for in counts and distributions; 0 on the border, more than 1 for large ones.",
    ),
)


@dataclass(frozen=True)
class Grid:
    """What was looked at.

    Args:
        shape: Slices, rows, columns.
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 2 or 3.
    """

    shape: tuple[int, int, int]
    voxel_um: tuple[float, float, float]
    dimension: int

    @property
    def extent_mm(self) -> float:
        """Area of all slices in mm², or volume in mm³."""
        sides = np.array(self.shape) * np.array(self.voxel_um) / 1000.0
        return float(self.shape[0] * sides[1] * sides[2] if self.dimension == 2 else sides.prod())

    @property
    def units(self) -> str:
        """Units of the extent."""
        return "mm²" if self.dimension == 2 else "mm³"


def instances_stage(table: Table, names: Mapping[int, str], grid: Grid, notes: tuple[str, ...] = ()) -> Stage:
    """The numbers of every class, and the table itself.

    Args:
        table: One row an object, with ``class``; ``equivalent_diameter_um`` for sizes.
        names: Names of the classes whose regions are objects, by their values.
        grid: What was looked at.
        notes: What must be told.
    """
    quantities = tuple(one for name in names.values() for one in _of_class(table, name, grid))
    return Stage("instances", "Objects", quantities, {"instances": table}, (), (*notes, *_specks(table, grid)))


def with_classes(table: Table, instances: Instances, names: Mapping[int, str]) -> Table:
    """A table of measures with class, border and weight of each object, behind its number.

    Args:
        table: One row an object, its number first.
        instances: The objects.
        names: Names of the classes by their values.
    """
    classes = instances.classes
    words = np.array([names.get(value, str(value)) for value in range(int(classes.max(initial=0)) + 1)])
    added: dict[str, NDArray[Any]] = {
        "class": words[classes[1:]],
        "on_border": instances.on_border[1:].astype(np.int64),
        "weight": instances.weights[1:],
    }
    kept = [column for column in table.columns if column.name not in added]
    data = {column.name: table[column.name] for column in kept} | added
    return Table((kept[0], *_ADDED, *kept[1:]), data)


def _specks(table: Table, grid: Grid) -> Iterator[str]:
    """What hardly has a shape may be noise of the segmentation, and counts like any other object."""
    if "voxels" not in table.data:
        return
    voxels = table["voxels"][table["voxels"] > 0]
    least = _SPECK**grid.dimension
    specks = int((voxels < least).sum())
    if specks:
        yield (
            f"Of {len(voxels):,} objects {specks:,} have fewer than {least} voxels: they count by number like the "
            "others; a least size (--min-size) leaves them out."
        )


def _of_class(table: Table, name: str, grid: Grid) -> Iterator[Quantity]:
    own = table.where((table["class"] == name) & (table["weight"] + table["on_border"] > 0))
    count, start = len(own), f"instances_{slug(name)}"
    yield Quantity(f"{start}_count", f"{name}: objects", count, 0.0, "", f"Objects of {name} in the table.")
    cut = int(own["on_border"].sum())
    told = "Objects that reach the border, where they may be cut off."
    yield Quantity(f"{start}_border_count", f"{name}: objects on the border", cut, 0.0, "", told)
    yield _density(own["weight"], name, start, grid)
    if SIZE in table.data:
        yield from _sizes(own[SIZE], own["weight"], name, start)


def _density(weights: Floats, name: str, start: str, grid: Grid) -> Quantity:
    """Objects per area or volume; the variance of a sum of weights is the sum of their squares (Horvitz-Thompson)."""
    value, half = weights.sum() / grid.extent_mm, K95 * np.sqrt((weights**2).sum()) / grid.extent_mm
    told = (
        "Objects per imaged area or volume, those off the border weighted for those on it (Miles 1974); the interval "
        "is that of objects that lie at random."
    )
    machine = f"{start}_per_{'mm2' if grid.dimension == 2 else 'mm3'}"
    return Quantity(machine, f"{name}: density", float(value), float(half), f"1/{grid.units}", told)


def _sizes(sizes: Floats, weights: Floats, name: str, start: str) -> Iterator[Quantity]:
    known = np.isfinite(sizes) & (weights > 0)
    order = np.argsort(sizes[known])
    sizes, weights = sizes[known][order], weights[known][order]
    mean = float(np.average(sizes, weights=weights)) if len(sizes) else np.nan
    shares = weights / weights.sum() if len(sizes) else weights
    u_mean = K95 * float(np.sqrt(((shares * (sizes - mean)) ** 2).sum())) if len(sizes) >= _FEW else np.nan
    told = "Mean equivalent diameter by number, objects weighted for the border; interval of a sample of objects."
    yield Quantity(f"{start}_diameter_mean_um", f"{name}: mean diameter", mean, u_mean, "µm", told)
    for percent, key in _SHARES:
        value, half = _quantile(sizes, shares, percent / 100)
        told = (
            f"{percent} % of the objects have a smaller equivalent diameter, objects weighted for the border; interval "
            "by the binomial spread of that share (Conover 1999, 3.2)."
        )
        yield Quantity(f"{start}_diameter_{key}_um", f"{name}: D{percent} by number", value, half, "µm", told)


def _quantile(sizes: Floats, shares: Floats, share: float) -> tuple[float, float]:
    """A quantile of weighted sizes, rising, and the half width of its 95 % interval; NaN where there are too few."""
    if not len(sizes):
        return float("nan"), float("nan")
    below = np.cumsum(shares) - shares / 2
    spread = K95 * np.sqrt(share * (1 - share) * float((shares**2).sum()))
    value, low, high = (float(np.interp(at, below, sizes)) for at in (share, share - spread, share + spread))
    enough = below[0] <= share - spread and share + spread <= below[-1]
    return value, max(high - value, value - low) if enough else float("nan")
