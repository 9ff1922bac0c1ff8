"""The numbers of a stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Quantity
from batterycell.overhang.columns import NEGATIVE_FLAGS
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .ends import SideEnds
from .find import Pouch
from .maps import SIDE_WORDS

Floats = NDArray[np.float64]

_COMMON_VOXELS = 0.05  # what all ends of a scan may be off together (standard uncertainty)
_DEFINITION = "length along the anode from the level of the cathode's end to its own"


def stack_quantities(
    pouch: Pouch, overhang: Table, layers: Table, sides: Sequence[SideEnds]
) -> tuple[Quantity, ...]:  # fmt: skip
    """Counts, pitch, overhang and misalignment; NaN where nothing was read."""
    voxel = UM_PER_MM * max(side.voxel_mm for side in sides)
    found = [*_counts(overhang, layers), _pitch(pouch), *_overhangs(overhang, "", "all sides", voxel)]
    for side in sides:
        rows = overhang.where(overhang["edge"] == side.side.name)
        found += _overhangs(rows, f"{SIDE_WORDS[side.side.name]}_", f"side {side.side.name}", voxel)
    return (*found, *_misalignments(layers))


def _counts(overhang: Table, layers: Table) -> list[Quantity]:
    cathodes, anodes = (int((layers["sheet"] == kind).sum()) for kind in ("cathode", "anode"))
    negative = int(np.isin(overhang["flag"], NEGATIVE_FLAGS).sum())
    doubtful = int((np.abs(overhang["overhang_um"]) <= overhang["uncertainty_um"]).sum())
    return [
        Quantity("pouch_cathode_count", "Cathodes", cathodes, 0.0, "", "Cathode sheets in the stack."),
        Quantity("pouch_anode_count", "Anodes", anodes, 0.0, "", "Anode sheets in the stack."),
        Quantity("overhang_negative_count", "Negative overhangs", negative, doubtful, "",
                 "Places at which an anode ends before its cathode, or does not stand beyond it; uncertainty: places "
                 "whose interval holds zero."),
    ]  # fmt: skip


def _pitch(pouch: Pouch) -> Quantity:
    """The slope of the cathodes' heights over their number, with the uncertainty of a straight line's slope."""
    number = np.arange(len(pouch.cathode_mm)) - 0.5 * (len(pouch.cathode_mm) - 1)
    slope = float(number @ pouch.cathode_mm / (number @ number))
    rest = pouch.cathode_mm - pouch.cathode_mm.mean() - slope * number
    freedom = len(number) - 2
    u = np.sqrt(rest @ rest / freedom / (number @ number)) if freedom > 0 else np.nan
    return Quantity("pouch_pitch_um", "Pitch", UM_PER_MM * slope, UM_PER_MM * K95 * float(u), "µm",
                    "Mean distance from cathode to cathode along the direction of stacking.")  # fmt: skip


def _overhangs(rows: Table, prefix: str, where: str, voxel: float) -> list[Quantity]:
    """Least and mean overhang of some rows."""
    values, u = rows["overhang_um"], rows["uncertainty_um"]
    read = np.flatnonzero(np.isfinite(values))
    if not len(read):
        least = mean = u_least = u_mean = float("nan")
    else:
        lowest = read[values[read].argmin()]
        least, u_least, mean = float(values[lowest]), float(u[lowest]), float(values[read].mean())
        u_mean = float(np.hypot(np.sqrt(np.mean(u[read] ** 2) / len(read)), K95 * _COMMON_VOXELS * voxel))
    return [
        Quantity(f"overhang_{prefix}min_um", f"Least overhang, {where}", least, u_least, "µm",
                 f"Least {_DEFINITION}, {where}; with the uncertainty of that place."),
        Quantity(f"overhang_{prefix}mean_um", f"Mean overhang, {where}", mean, u_mean, "µm",
                 f"Mean {_DEFINITION}, {where}."),
    ]  # fmt: skip


def _misalignments(layers: Table) -> list[Quantity]:
    x, y = layers["offset_x_um"], layers["offset_y_um"]
    distance = np.hypot(np.nan_to_num(x), np.nan_to_num(y))
    distance[np.isnan(x) & np.isnan(y)] = np.nan
    # Where one direction was not seen the distance is the least that it can be: nobody can tell how far off it is.
    u = np.hypot(layers["u_offset_x_um"], layers["u_offset_y_um"]) + np.where(np.isnan(x) | np.isnan(y), np.nan, 0.0)
    shift, u_shift = _largest(distance, u / np.sqrt(2))
    turn, u_turn = _largest(np.abs(layers["rotation_deg"]), layers["u_rotation_deg"])
    return [
        Quantity("pouch_misalignment_max_um", "Largest misalignment", shift, u_shift, "µm",
                 "Largest distance of a sheet's middle from the mean of the stack, in the plane of the sheets."),
        Quantity("pouch_rotation_max_deg", "Largest rotation", turn, u_turn, "deg",
                 "Largest rotation of a sheet in its plane against the mean of the stack."),
    ]  # fmt: skip


def _largest(values: Floats, u: Floats) -> tuple[float, float]:
    if not np.isfinite(values).any():
        return float("nan"), float("nan")
    at = int(np.nanargmax(values))
    return float(values[at]), float(u[at])
