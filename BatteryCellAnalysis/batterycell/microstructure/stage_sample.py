"""What is measured of a microstructure, and what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.slabs import SlabSource
from batterycell.tables import Table

from .representativity_cells import Cells
from .settings import MicrostructureSettings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """What is known beside the labels.

    Args:
        instances: One row an object, with ``class`` (its name), ``equivalent_diameter_um`` and ``weight``.
        uncertainty: The model's doubt in percent on the labels' grid, as `batterycell segment --uncertainty` writes it.
    """

    instances: Table | None = None
    uncertainty: SlabSource | None = None


@dataclass
class Sample:
    """What is measured, and what was found so far."""

    labels: SlabSource
    classes: dict[int, str]
    cells: Cells
    settings: MicrostructureSettings
    counts: dict[int, Floats]
    quantities: list[Quantity] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def present(self) -> dict[int, str]:
        """Classes that have voxels."""
        return {value: name for value, name in self.classes.items() if self.counts[value].any()}

    @property
    def is_all_labelled(self) -> bool:
        """Whether every voxel has a class."""
        return bool(sum(float(one.sum()) for one in self.counts.values()) >= self.labels.voxels)

    def pore(self) -> int | None:
        """The class of pores."""
        wanted = self.settings.pore.casefold()
        for value, name in self.present.items():
            if name.casefold() == wanted or (not wanted and name.casefold().startswith("pore")):
                return value
        return None
