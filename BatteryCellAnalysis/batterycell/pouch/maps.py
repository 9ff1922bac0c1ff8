"""Maps of the overhang of a stack: one for each side, layer by position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Axis, Map
from batterycell.volume import UM_PER_MM

from .ends import SideEnds, end_places
from .find import Pouch

Floats = NDArray[np.float64]

SIDE_WORDS = {"x-": "x_minus", "x+": "x_plus", "y-": "y_minus", "y+": "y_plus"}


def overhang_maps(pouch: Pouch, sides: Sequence[SideEnds]) -> tuple[Map, ...]:
    """One map for each side that was measured."""
    return tuple(_side_map(pouch, side) for side in sides if len(side.positions) > 1)


def _side_map(pouch: Pouch, side: SideEnds) -> Map:
    count, faces = side.flag.shape[1], 2 * side.flag.shape[1]
    layers = Axis("layer", "Cathode, lower and upper face", "", 0.75 + 0.5 * np.arange(faces))
    position = Axis("position_mm", f"Position along {'yx'[side.side.axis]}", "mm", side.positions)
    values, u = (UM_PER_MM * value.reshape(len(side.positions), faces).T for value in (side.overhang, side.u))
    anode = np.arange(count)[:, None] + np.arange(2)
    return Map(
        f"overhang_{SIDE_WORDS[side.side.name]}_um", f"Overhang on side {side.side.name}", "µm",
        "Length along the anode from the level of the cathode's end to its own, over cathode (its lower face a quarter "
        "below its number, its upper one a quarter above) and position along the side.",
        layers, position, values, _places(pouch, side, anode.ravel()), K95 * u,
    )  # fmt: skip


def _places(pouch: Pouch, side: SideEnds, anode: NDArray[np.int64]) -> Floats:
    """RAS (faces, positions, 3) of the anodes' ends; where they were not read, of where they usually are."""
    outward, height = side.anodes.outward[:, anode], side.anodes.height[:, anode]
    outward = np.where(np.isfinite(outward), outward, side.side.level_mm)
    height = np.where(np.isfinite(height), height, pouch.cathode_mm.mean())
    along = np.broadcast_to(side.positions[:, None], outward.shape)
    return np.moveaxis(end_places(pouch, side.side, outward, along, height), 0, 1)
