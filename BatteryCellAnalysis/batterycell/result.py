"""What the main job finds in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .io.labels import LabelVolume
from .measured import Stage, quantity_table
from .orient import Can, Cell, CellFrame
from .overhang.columns import NEGATIVE_FLAGS, OVERHANG_COLUMNS, OVERHANG_DTYPES, READABLE_FLAGS
from .recipe import AnalyzeRecipe, ObjectsRecipe
from .tables import Table
from .tolerance import Tolerances, Verdict, judge
from .volume import Volume


@dataclass(frozen=True)
class Standing:
    """How the RAS of a result lies to the RAS of the scan and to that of the views.

    Args:
        hardened: Rigid matrix (4, 4) from the scan's RAS to the volume's own, in which all results are: the identity
            until a turn is hardened. None where the volume was more than turned and moved.
        shown: Matrix (4, 4) from the volume's own RAS to that of the views. None where it is no matrix.
    """

    hardened: NDArray[np.float64] | None = field(default_factory=lambda: np.eye(4))
    shown: NDArray[np.float64] | None = field(default_factory=lambda: np.eye(4))


@dataclass(frozen=True)
class CellResult:
    """A measured cell.

    Args:
        volume: The grey values it was measured in.
        cell: Where it stands, and its can.
        overhang: One row per end, angle, winding and side, with ``OVERHANG_COLUMNS``.
        recipe: The settings.
        standing: How it was turned in Slicer.
        stages: What every stage found, in the order of the road.
        tolerances: What it is judged by; None for the hard rule on negative overhang alone.
    """

    volume: Volume
    cell: Cell
    overhang: Table
    recipe: AnalyzeRecipe = field(default_factory=AnalyzeRecipe)
    standing: Standing = field(default_factory=Standing)
    stages: tuple[Stage, ...] = ()
    tolerances: Tolerances | None = None


@dataclass(frozen=True)
class PouchResult:
    """A measured pouch or prismatic cell.

    Args:
        volume: The grey values it was measured in.
        recipe: The settings.
        stages: What every stage found.
        tolerances: What it is judged by.
    """

    volume: Volume
    recipe: AnalyzeRecipe = field(default_factory=AnalyzeRecipe)
    stages: tuple[Stage, ...] = ()
    tolerances: Tolerances | None = None


AnyResult = CellResult | PouchResult


@dataclass(frozen=True)
class ObjectsResult:
    """What was measured in a label volume.

    Args:
        labels: The classes it was measured in.
        instances: One number an object, uint32, 0 for none, on the labels' grid; None where there are no objects.
        recipe: The settings.
        stages: What was found: the stage "instances" with the table ``instances`` (one row an object, row n - 1 is
            object n), the stage "microstructure".
        log: What was merged, split, removed, one sentence each.
    """

    labels: LabelVolume
    instances: Volume | None = None
    recipe: ObjectsRecipe = field(default_factory=ObjectsRecipe)
    stages: tuple[Stage, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def table(self) -> Table | None:
        """One row an object; None where there are no objects."""
        return next((stage.tables["instances"] for stage in self.stages if "instances" in stage.tables), None)


def judge_cell(stages: Sequence[Stage], overhang: Table | None, tolerances: Tolerances | None) -> Verdict:
    """Whether a cell keeps to its tolerances.

    Args:
        stages: What every stage found; that of a pouch cell holds its overhangs.
        overhang: Every overhang of a cylindrical cell.
        tolerances: What it is judged by; None for the hard rule on negative overhang alone.
    """
    own = (stage.tables["overhang"] for stage in stages if "overhang" in stage.tables)
    return judge(quantity_table(stages), next(own, None) if overhang is None else overhang, tolerances)


def no_overhang() -> Table:
    """The overhang table of a cell whose overhang was not measured: without rows."""
    return Table(OVERHANG_COLUMNS, {c.name: np.zeros(0, OVERHANG_DTYPES.get(c.name, float)) for c in OVERHANG_COLUMNS})


def readable(overhang: Table) -> NDArray[np.bool_]:
    """Which rows carry an overhang, shape (n,)."""
    return np.asarray(np.isin(overhang["flag"], READABLE_FLAGS) & np.isfinite(overhang["overhang_um"]))


def negative(overhang: Table) -> NDArray[np.bool_]:
    """Which rows are an alarm, shape (n,): the anode ends before the cathode, or does not stand above it."""
    return np.isin(overhang["flag"], NEGATIVE_FLAGS)


def cell_to_json(cell: Cell) -> dict[str, Any]:
    """A cell as JSON's types."""
    values: dict[str, Any] = to_json(asdict(cell))
    return values


def cell_from_json(values: dict[str, Any]) -> Cell:
    """The cell of `cell_to_json`."""
    frame, can = CellFrame(**_with_arrays(values["frame"])), Can(**_with_arrays(values["can"]))
    return Cell(**{**values, "frame": frame, "can": can, "heights_mm": tuple(values["heights_mm"])})


def _with_arrays(values: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(value, float) if isinstance(value, list) else value for name, value in values.items()}


def to_json(value: Any) -> Any:
    """Arrays, numpy's numbers and tuples as JSON's types; what is not finite becomes null."""
    if isinstance(value, dict):
        return {str(name): to_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return to_json(value.tolist())
    return None if isinstance(value, float) and not np.isfinite(value) else value
