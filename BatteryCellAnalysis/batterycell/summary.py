"""The overhang table in a few numbers: of the cell, of each end, of each winding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import batterycell

from .measured import K95, Stage
from .orient import Cell
from .overhang.columns import FLAGS
from .overhang.spread import describe_spread
from .overhang.uncertainty import shared_by
from .reslice import voxel_sizes
from .result import CellResult, Standing, negative, readable, to_json
from .tables import Table
from .volume import UM_PER_MM, Volume

ENDS = ("top", "bottom")
SIDES = ("outer", "inner")
_POSITION = ("cathode_i", "cathode_j", "cathode_k", "anode_i", "anode_j", "anode_k")
_NEGATIVE = ("end", "angle_deg", "winding", "side", "flag", "overhang_um", "uncertainty_um", *_POSITION)


@dataclass(frozen=True)
class Statistics:
    """Statistics of readable overhangs, in µm; NaN where there are too few.

    Args:
        n: Number of rows.
        n_readable: Number of rows that carry an overhang.
        n_negative: Number of negative overhangs, those whose anode's end cannot be read among them.
        mean_um: Mean.
        u_mean_um: Half width of the mean's 95 % interval; rows err together, see `overhang.spread.describe_spread`.
        sd_um: Standard deviation of the single values.
        min_um: Least.
        median_um: Median.
        max_um: Greatest.
    """

    n: int
    n_readable: int
    n_negative: int
    mean_um: float
    u_mean_um: float
    sd_um: float
    min_um: float
    median_um: float
    max_um: float


def describe(overhang: Table, common_um: float = 0.0) -> Statistics:
    """Statistics of a table's readable rows; ``common_um`` is the standard uncertainty that all rows share, in µm."""
    values, spread = overhang["overhang_um"][readable(overhang)], describe_spread(overhang, common_um)
    median, low, high = (np.median(values), values.min(), values.max()) if len(values) else (np.nan,) * 3
    numbers = (float(number) for number in (spread.mean, spread.u_mean, spread.sd, low, median, high))
    return Statistics(len(overhang), len(values), int(negative(overhang).sum()), *numbers)


def common_um(result: CellResult) -> float:
    """The standard uncertainty in µm that all overhangs of a cell share: of the model, and of the voxel size."""
    model = UM_PER_MM * shared_by(result.overhang, voxel_sizes(result.volume, result.cell.frame)[0])
    values = result.overhang["overhang_um"][readable(result.overhang)]
    scale = result.recipe.voxel_size_percent / 100 / K95 * (abs(values.mean()) if len(values) else 0.0)
    return float(np.hypot(model, scale))


def inside_volume(overhang: Table) -> Table:
    """The rows of the ends that lie in the volume."""
    return overhang.where(overhang["flag"] != "outside-volume")


def ends_inside(overhang: Table) -> tuple[str, ...]:
    """The cell's ends that lie in the volume."""
    present = set(inside_volume(overhang)["end"].tolist())
    return tuple(end for end in ENDS if end in present)


def by_winding(overhang: Table, common_um: float = 0.0) -> Iterator[tuple[str, int, str, Statistics]]:
    """End, winding, side and statistics of every group of rows inside the volume, outermost winding first."""
    inside = inside_volume(overhang)
    for end in ends_inside(overhang):
        for winding in np.unique(inside["winding"][inside["end"] == end]).tolist():
            for side in SIDES:
                rows = _rows(inside, end=end, winding=winding, side=side)
                if rows.any():
                    yield end, winding, side, describe(inside.where(rows), common_um)


def count_flags(overhang: Table) -> dict[str, int]:
    """How many rows carry each flag."""
    return {flag: int((overhang["flag"] == flag).sum()) for flag in FLAGS}


def negatives(overhang: Table) -> list[dict[str, Any]]:
    """Every negative overhang with its place, least first; last those whose anode's end cannot be read."""
    rows = overhang.where(negative(overhang))
    order = np.argsort(rows["overhang_um"], kind="stable")
    return [{name: rows[name][row].item() for name in _NEGATIVE} for row in order]


def summarize(result: CellResult) -> dict[str, Any]:
    """The result in JSON's types; units stand in the names, uncertainties are 95 %."""
    inside = inside_volume(result.overhang)
    groups = {"all": inside} | {end: inside.where(inside["end"] == end) for end in ends_inside(result.overhang)}
    shared = common_um(result)
    measured = {
        "windings": _windings(inside),
        "angles": len(np.unique(result.overhang["angle_deg"])),
        "ends_in_volume": list(groups)[1:],
        "counts": {"rows": len(result.overhang), "flags": count_flags(result.overhang)},
        "overhang": {name: asdict(describe(rows, shared)) for name, rows in groups.items()},
        "overhang_common_uncertainty_um": shared,
        "negatives": negatives(result.overhang),
    }
    return {**summarize_volume(result.volume, result.cell, result.standing), **to_json(measured)}


def summarize_volume(volume: Volume, cell: Cell | None, standing: Standing | None = None) -> dict[str, Any]:
    """What is known of a cell before anything is measured, in JSON's types."""
    summary = {
        "batterycell_version": batterycell.__version__,
        "cell": volume.name,
        "voxel_size_zyx_um": volume.voxel_size_um,
        "voxel_size_source": volume.voxel_size_source,
        "shape_kji": volume.array.shape,
    }
    can = {"can": _can(cell)} if cell else {}
    values: dict[str, Any] = to_json({**summary, **can, "orientation": _orientation(cell, standing or Standing())})
    return values


def summarize_stages(stages: Sequence[Stage]) -> dict[str, Any]:
    """The numbers of stages by name, with their 95 % uncertainties, in JSON's types."""
    found = [quantity for stage in stages for quantity in stage.quantities]
    numbers = {one.name: {key: getattr(one, key) for key in ("value", "uncertainty", "units")} for one in found}
    values: dict[str, Any] = to_json({"quantities": numbers})
    return values


def stage_notes(stages: Sequence[Stage]) -> list[str]:
    """What the stages must tell, each beginning with its stage."""
    return [f"{stage.title}: {note}" for stage in stages for note in stage.notes]


def _rows(table: Table, **values: Any) -> NDArray[np.bool_]:
    return np.asarray(np.all([table[name] == value for name, value in values.items()], axis=0))


def _can(cell: Cell) -> dict[str, Any]:
    """The outer cylinder; that of the jelly roll where no can was seen."""
    can = cell.can
    return {
        "outer_diameter_mm": can.outer_diameter_mm,
        "u_outer_diameter_mm": can.u_outer_diameter_mm,
        "outer_diameter_sd_mm": can.outer_diameter_sd_mm,
        "is_jelly_roll": not cell.has_can,
    }


def _orientation(cell: Cell | None, standing: Standing) -> dict[str, Any]:
    """How the cell stands in its own RAS, in which the tables are, and how that lies to scan and views."""
    frames = {"scan_to_ras": standing.hardened, "ras_to_shown": standing.shown}
    if cell is None:
        return frames
    found = {"tilt_deg": cell.tilt_deg, "upside_down": cell.upside_down, "top_from": cell.top_from}
    return {**found, "axis_up_ras": cell.frame.up, "axis_origin_ras_mm": cell.frame.origin, **frames}


def _windings(overhang: Table) -> int:
    return int(overhang["winding"].max()) if len(overhang) else 0
