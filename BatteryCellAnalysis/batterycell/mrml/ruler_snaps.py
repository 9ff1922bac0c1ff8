"""Which ends of a ruler lie on an edge: kept with the ruler, and forgotten once a point is moved away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SNAPS = "BatteryCell.Snaps"
# In voxels: what is off by more was moved.
_SAME_PLACE = 1e-3
_SAME_SCALE = 1e-6
# The uncertainty of an end is that along the ruler: it holds while the ruler keeps its direction so far.
_SAME_DIRECTION = np.cos(np.radians(5.0))


def keep_snaps(node: Any, ijk: NDArray[np.float64], uncertainty_um: Sequence[float | None], length_um: float) -> None:
    """Remember which points of a ruler lie on edges.

    Args:
        node: The ruler.
        ijk: Its points as voxel indices, shape (2, 3): they stay what they are when the cell is turned.
        uncertainty_um: 95 % half width of each; None where it was placed by hand.
        length_um: The ruler's length, for which these hold: they grow with it when the voxel size is corrected.
    """
    known = {"ijk": ijk.tolist(), "um": list(uncertainty_um), "length_um": length_um}
    node.SetAttribute(_SNAPS, json.dumps(known) if any(uncertainty_um) else None)


def snaps_of(node: Any, ijk: NDArray[np.float64], length_um: float) -> tuple[float | None, ...]:
    """For each point at its present place the uncertainty of its edge in µm; None where it was placed by hand."""
    known = json.loads(node.GetAttribute(_SNAPS) or "null")
    if known is None or len(ijk) != len(known["um"]):
        return (None,) * len(ijk)
    before = np.array(known["ijk"])
    stays = np.abs(before - ijk).max(axis=1) < _SAME_PLACE
    if not _same_direction(before, ijk):
        return (None,) * len(ijk)
    scale = _voxel(ijk, length_um) / _voxel(before, known.get("length_um", np.nan))
    # What is off by less comes from rounding.
    scale = scale if abs(scale - 1) > _SAME_SCALE else 1.0
    return tuple(um * scale if same and um is not None else None for um, same in zip(known["um"], stays, strict=True))


def _voxel(ijk: NDArray[np.float64], length_um: float) -> float:
    """Size of a voxel along a ruler, µm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(length_um / np.linalg.norm(ijk[1] - ijk[0]))


def _same_direction(before: NDArray[np.float64], now: NDArray[np.float64]) -> bool:
    first, second = before[1] - before[0], now[1] - now[0]
    return bool(first @ second >= _SAME_DIRECTION * np.linalg.norm(first) * np.linalg.norm(second))
