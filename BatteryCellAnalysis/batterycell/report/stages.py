"""What the stages found, as sections of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from batterycell.measured import Quantity, Stage
from batterycell.tables import Table
from batterycell.told import rounded

from .marks import Marks, table_marks

# Those of the overhang have sections of their own.
OVERHANG = "overhang"
# Longer tables are read by programs: the page says where they are.
_MOST_ROWS, _MOST_COLUMNS = 60, 10
_PLACES = ("_i", "_j", "_k", "r_mm", "a_mm", "s_mm")


@dataclass(frozen=True)
class Row:
    """A quantity as the page shows it.

    Args:
        title: Its name for people, and its machine name.
        value: With its uncertainty.
        units: Units of both.
        description: What it is.
    """

    title: str
    name: str
    value: str
    units: str
    description: str


@dataclass(frozen=True)
class Section:
    """A stage as the page shows it.

    Args:
        name: Machine name.
        title: Heading.
        notes: What must be told.
        rows: Its quantities.
        maps: Picture and caption of each map.
        tables: Its tables; long ones without their rows.
    """

    name: str
    title: str
    notes: Sequence[str]
    rows: Sequence[Row]
    maps: Sequence[tuple[str, str]]
    tables: Sequence[Marks]


def sections(stages: Sequence[Stage], pictures: Mapping[str, str]) -> dict[str, Section]:
    """The sections of the page by the names of their stages; ``pictures`` are those of the folder, by their names."""
    return {stage.name: _section(stage, pictures) for stage in stages}


def _section(stage: Stage, pictures: Mapping[str, str]) -> Section:
    maps = [(pictures[one.name], f"{one.title}. {one.description}") for one in stage.maps if one.name in pictures]
    tables = [_table(name, table) for name, table in stage.tables.items() if len(table)]
    return Section(stage.name, stage.title, stage.notes, [_row(one) for one in stage.quantities], maps, tables)


def _row(one: Quantity) -> Row:
    units = {"deg": "°"}.get(one.units, one.units)
    return Row(one.title, one.name, rounded(one.value, one.uncertainty), units, one.description)


def _table(name: str, table: Table) -> Marks:
    """A table of which places are left out where it is wide: these are for programs."""
    names = [column.name for column in table.columns]
    if len(names) > _MOST_COLUMNS:
        names = [one for one in names if not one.endswith(_PLACES)][:_MOST_COLUMNS]
    title = name.replace("_", " ").capitalize()
    shown = table if len(table) <= _MOST_ROWS else table.where(np.zeros(len(table), bool))
    return table_marks(title, f"{name}.csv", shown, names, len(table))
