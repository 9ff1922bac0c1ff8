"""Misalignment of the sheets of a stack: the table of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .columns import LAYER_COLUMNS
from .ends import SideEnds
from .find import Pouch
from .sheets import Lay, lay_of

Floats = NDArray[np.float64]


def measure_layers(pouch: Pouch, sides: Sequence[SideEnds], anodes: NDArray[np.int64]) -> Table:
    """How every sheet lies against the mean of all sheets, with `LAYER_COLUMNS`; from the base up, cathodes first.

    Where only one of two opposite sides was read, sheets of one kind are taken to be of one size and compared with
    their own kind.

    Args:
        pouch: The stack.
        sides: What was read on its sides.
        anodes: Which of the n + 1 possible anodes are there, from 0.
    """
    count = len(pouch.cathode_mm)
    cathodes = [lay_of(sides, [side.cathodes for side in sides], n) for n in range(count)]
    tips = [lay_of(sides, [side.anodes for side in sides], int(m)) for m in anodes]
    return _table(
        pouch, np.repeat(["cathode", "anode"], [count, len(anodes)]), cathodes + tips, _heights(pouch, anodes)
    )


def _heights(pouch: Pouch, anodes: NDArray[np.int64]) -> Floats:
    cathodes = pouch.cathode_mm
    between = np.concatenate([[cathodes[0] - 0.5 * pouch.pitch_mm], 0.5 * (cathodes[1:] + cathodes[:-1]),
                              [cathodes[-1] + 0.5 * pouch.pitch_mm]])  # fmt: skip
    return np.concatenate([cathodes, between[anodes]])


def _table(pouch: Pouch, kind: NDArray[np.str_], lays: list[Lay], height: Floats) -> Table:
    u, size = (np.array([getattr(lay, name) for lay in lays]) for name in ("u", "size"))
    turn = np.array([lay.turn for lay in lays])
    middle, true = _middles(lays, size, kind)
    offset = middle - _means(middle, true, kind)
    place = np.where(true, middle, np.nan_to_num(offset))
    ras = np.column_stack([place, height + pouch.bow(place[:, 0], place[:, 1])]) @ pouch.frame.basis.T
    data: dict[str, NDArray[Any]] = {
        "sheet": kind,
        "layer": np.concatenate([np.arange(1, (kind == name).sum() + 1) for name in ("cathode", "anode")]),
        "height_mm": height,
        "rotation_deg": np.degrees(turn - (np.nanmean(turn) if np.isfinite(turn).any() else 0.0)),
        "u_rotation_deg": np.degrees(K95 * u[:, 2]),
        "edges_read": np.array([lay.edges for lay in lays]),
        **{f"{axis}_mm": ras[:, n] + pouch.frame.origin[n] for n, axis in enumerate("ras")},
    }
    for n, axis in enumerate("xy"):
        data |= {f"offset_{axis}_um": UM_PER_MM * offset[:, n], f"u_offset_{axis}_um": UM_PER_MM * K95 * u[:, n]}
        data[f"length_{axis}_mm"] = size[:, n]
    return Table(LAYER_COLUMNS, data)


def _middles(lays: list[Lay], size: Floats, kind: NDArray[np.str_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Middles (n, 2), of sheets seen on one side from the size of others of their kind; and which of them are true."""
    middle, edge = (np.array([getattr(lay, name) for lay in lays]) for name in ("middle", "edge"))
    usual = np.full(size.shape, np.nan)
    for name in ("cathode", "anode"):
        for axis in range(2):
            known = size[kind == name, axis]
            usual[kind == name, axis] = np.median(known[np.isfinite(known)]) if np.isfinite(known).any() else np.nan
    inward = np.where(edge == 0, 0.0, -0.5 * edge * usual)
    return middle + np.nan_to_num(inward), np.isfinite(middle) & np.isfinite(inward)


def _means(middle: Floats, true: NDArray[np.bool_], kind: NDArray[np.str_]) -> Floats:
    """What each sheet's middle is compared with, (n, 2): the mean of all, or of its kind where only edges are known."""
    means = np.full(middle.shape, np.nan)
    for axis in range(2):
        known = np.isfinite(middle[:, axis])
        groups = [known] if true[known, axis].all() else [known & (kind == name) for name in ("cathode", "anode")]
        for group in groups:
            if group.any():
                means[group, axis] = middle[group, axis].mean()
    return means
