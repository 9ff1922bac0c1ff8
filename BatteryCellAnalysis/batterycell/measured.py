"""What a stage of the measurement found: numbers with uncertainty, tables, maps, and what must be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tables import Column, Table

Floats = NDArray[np.float64]
# Half width of a normal distribution's 95 % interval, in standard deviations.
K95 = 1.96

QUANTITY_COLUMNS = (
    Column("quantity", "Quantity", "", "Machine name, ending in its unit; tolerances name it so."),
    Column("title", "Title", "", "Name for people."),
    Column("value", "Value", "", "The value, in the units of its row; empty where it could not be measured."),
    Column("uncertainty", "Uncertainty (95 %)", "", "Half width of the value's 95 % interval; empty where unknown."),
    Column("units", "Units", "", "Units of value and uncertainty; empty for counts."),
    Column("description", "Description", "", "What it is, and how it is computed."),
)


@dataclass(frozen=True)
class Quantity:
    """One number of a cell.

    Args:
        name: Machine name, unique in a cell; ends in its unit where it has one, e.g. ``can_wall_mean_um``.
        title: Name for people.
        value: NaN where it could not be measured.
        uncertainty: Half width of the 95 % interval; 0 for counts that are certain, NaN where unknown.
        units: "µm", "mm", "deg", "%", "" for counts.
        description: One sentence with the definition.
    """

    name: str
    title: str
    value: float
    uncertainty: float
    units: str
    description: str


@dataclass(frozen=True)
class Axis:
    """An axis of a map, evenly spaced.

    Args:
        name: Machine name ending in its unit, e.g. ``angle_deg``.
        title: Title for people.
        units: Its unit.
        values: Middles of the map's rows or columns, rising, shape (n,).
    """

    name: str
    title: str
    units: str
    values: Floats


@dataclass(frozen=True)
class Map:
    """A quantity over two axes of the cell.

    Args:
        name: Machine name ending in the unit of the values, e.g. ``can_dent_um``.
        title: Title for people.
        units: Unit of the values.
        description: One sentence with the definition.
        rows: What runs downward, e.g. height or winding.
        columns: What runs to the right, e.g. angle.
        values: Shape (rows, columns); NaN where nothing could be measured.
        places: Where in the cell each value was measured: RAS of the volume in mm, shape (rows, columns, 3).
        uncertainty: Half widths of the 95 % intervals, shape (rows, columns); None where unknown.
    """

    name: str
    title: str
    units: str
    description: str
    rows: Axis
    columns: Axis
    values: Floats
    places: Floats
    uncertainty: Floats | None = None

    def __post_init__(self) -> None:
        shape = (len(self.rows.values), len(self.columns.values))
        if self.values.shape != shape or self.places.shape != (*shape, 3):
            raise ValueError(f"the map {self.name} needs values {shape} and places {(*shape, 3)}")


@dataclass(frozen=True)
class Stage:
    """What one stage found.

    Args:
        name: Machine name: "overhang", "can", "winding", "inclusions", "pouch" ...
        title: Title for people.
        quantities: Its numbers.
        tables: Its tables by machine name; a table ``x`` is written to ``x.csv``.
        maps: Its maps; a map ``x`` is written to ``x.csv`` and drawn to ``x.png``.
        notes: Sentences that must be told: what was doubtful, and what to do about it.
    """

    name: str
    title: str
    quantities: tuple[Quantity, ...] = ()
    tables: dict[str, Table] = field(default_factory=dict)
    maps: tuple[Map, ...] = ()
    notes: tuple[str, ...] = ()


# How often a length enters what has this unit.
_LENGTHS = {"1/µm": 1, "µm": 1, "mm": 1, "µm²": 2, "mm²": 2, "µm³": 3, "mm³": 3}


def with_scale_error(stage: Stage, percent: float) -> Stage:
    """A stage whose intervals hold the uncertainty of the voxel size, too.

    An error of the scale changes every length of a cell by the same share, so that its relative uncertainty adds in
    quadrature to that of each length, twice to that of an area (JCGM 100:2008, 5.1.6).

    Args:
        stage: What was found, the voxel size taken as exact.
        percent: Half width of the voxel size's 95 % interval in percent of it.
    """
    if not percent:
        return stage
    share = {units: power * percent / 100 for units, power in _LENGTHS.items()}
    quantities = tuple(
        replace(one, uncertainty=float(_widened(one.uncertainty, one.value, share.get(one.units, 0.0))))
        for one in stage.quantities
    )
    maps = tuple(
        one
        if one.uncertainty is None
        else replace(one, uncertainty=_widened(one.uncertainty, one.values, share.get(one.units, 0.0)))
        for one in stage.maps
    )
    return replace(stage, quantities=quantities, maps=maps)


def _widened(uncertainty: Any, value: Any, share: float) -> Any:
    """Uncertainties of values with that share of them."""
    return np.hypot(uncertainty, share * np.abs(value))


def quantity_table(stages: Iterable[Stage]) -> Table:
    """The numbers of some stages, a row each, with `QUANTITY_COLUMNS`."""
    found = [quantity for stage in stages for quantity in stage.quantities]
    words = {name: np.array([getattr(one, name) for one in found], str) for name in ("title", "units", "description")}
    numbers = {name: np.array([getattr(one, name) for one in found], float) for name in ("value", "uncertainty")}
    names: dict[str, NDArray[Any]] = {"quantity": np.array([one.name for one in found], str)}
    return Table(QUANTITY_COLUMNS, {**names, **words, **numbers})


def map_table(found: Map) -> Table:
    """A map as a table, one row a place, rows of the map one after another."""
    row, column = np.meshgrid(found.rows.values, found.columns.values, indexing="ij")
    data = {found.rows.name: row, found.columns.name: column, found.name: found.values}
    columns = [
        Column(axis.name, axis.title, axis.units, f"{axis.title} of the place.")
        for axis in (found.rows, found.columns)
    ]  # fmt: skip
    columns.append(Column(found.name, found.title, found.units, found.description))
    if found.uncertainty is not None:
        name = f"u_{found.name}"
        columns.append(Column(name, "Uncertainty (95 %)", found.units, f"Half width of the interval of {found.name}."))
        data[name] = found.uncertainty
    for n, axis in enumerate("ras"):
        columns.append(Column(f"{axis}_mm", axis.upper(), "mm", f"{axis.upper()} in the volume's own RAS."))
        data[f"{axis}_mm"] = found.places[..., n]
    return Table(tuple(columns), {name: np.asarray(values, float).ravel() for name, values in data.items()})


def quantities_from_table(table: Table) -> tuple[Quantity, ...]:
    """The numbers of a `quantity_table`."""
    names = ("quantity", "title", "value", "uncertainty", "units", "description")
    return tuple(Quantity(*row) for row in zip(*(table[name].tolist() for name in names), strict=True))


def map_from_table(table: Table, rows: int) -> Map:
    """The map of a `map_table`, in which it had ``rows`` rows."""
    down, right, value, *_ = table.columns
    grid = {column.name: table[column.name].reshape(rows, -1) for column in table.columns}
    return Map(
        value.name,
        value.title,
        value.units,
        value.description,
        Axis(down.name, down.title, down.units, grid[down.name][:, 0]),
        Axis(right.name, right.title, right.units, grid[right.name][0]),
        grid[value.name],
        np.stack([grid[f"{axis}_mm"] for axis in "ras"], axis=-1),
        grid.get(f"u_{value.name}"),
    )
