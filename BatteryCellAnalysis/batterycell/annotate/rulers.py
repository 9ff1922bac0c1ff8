"""Rulers and angles: what they measure, how uncertain that is, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .ruler_columns import POINTS, RULER_COLUMNS, RULER_DTYPES, voxel_names, world_names

Floats = NDArray[np.float64]

LENGTH, ANGLE = "length", "angle"
# In radians: arms nearer to one line are taken to lie in it, and bent by so much to see how the angle changes.
_IN_LINE, _BEND = 1e-9, 1e-6


@dataclass(frozen=True)
class Ruler:
    """A ruler of two points, or an angle of three.

    Args:
        name: Its name.
        ijk: Continuous voxel indices of its points in the input array, shape (2 or 3, 3); an angle's vertex is the
            second.
        world: RAS mm of its points as the views show them, shape (2 or 3, 3).
        voxels: The volume's voxel axes as the views show them, mm, one in each column, shape (3, 3).
        snapped_um: For each point the half width of the 95 % interval of the edge it was moved to, in µm along the
            ruler; None where it was placed by hand.
        view: Slice view in which it was drawn; empty where not known.
    """

    name: str
    ijk: Floats
    world: Floats
    voxels: Floats
    snapped_um: tuple[float | None, ...]
    view: str = ""

    @property
    def kind(self) -> str:
        """``"length"`` or ``"angle"``."""
        return ANGLE if len(self.world) == 3 else LENGTH

    @property
    def value(self) -> float:
        """Length in µm, or angle in degrees."""
        return angle_deg(self.world) if self.kind == ANGLE else length_um(self.world)

    @property
    def uncertainty(self) -> float:
        """Half width of the 95 % interval of `value`, in its unit; NaN where points coincide."""
        if self.kind == ANGLE:
            return float(np.hypot.reduce(by_hand(angle_gradient(self.world), self.voxels)))
        return float(np.hypot.reduce(self.ends_um))

    @property
    def ends_um(self) -> Floats:
        """Half widths of the 95 % intervals of the two ends along the ruler, µm, shape (2,)."""
        hand = by_hand(np.stack([direction(self.world)] * 2), self.voxels) * UM_PER_MM
        return np.array([free if edge is None else edge for edge, free in zip(self.snapped_um, hand, strict=False)])

    @property
    def caption(self) -> str:
        """What stands beside it in the views: ``684 ± 12 µm``, ``45.2 ± 1.1°``."""
        return caption(self.value, self.uncertainty, "°" if self.kind == ANGLE else " µm")


def length_um(points: ArrayLike) -> float:
    """Distance in µm of two points in mm, shape (2, 3)."""
    start, end = np.asarray(points, float)
    return float(np.linalg.norm(end - start) * UM_PER_MM)


def angle_deg(points: ArrayLike) -> float:
    """Angle in degrees (0..180) at the second of three points, shape (3, 3); NaN where an arm has no length."""
    first, second = _arms(points)
    if not (first.any() and second.any()):
        return float("nan")
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def direction(points: ArrayLike) -> Floats:
    """Unit vector from the first of two points to the second; NaN where they coincide."""
    start, end = np.asarray(points, float)
    with np.errstate(invalid="ignore"):
        return np.asarray((end - start) / np.linalg.norm(end - start))


def angle_gradient(points: ArrayLike) -> Floats:
    """By how many degrees the angle changes when each point moves by a mm along R, A and S, shape (3, 3).

    Moving the end of an arm of length a across the arm by d turns the arm by d/a; the vertex turns both.
    """
    first, second = _arms(points)
    with np.errstate(invalid="ignore", divide="ignore"):
        second = _off_line(first, second)
        by_first, by_second = _turn(first, second), _turn(second, first)
    return np.degrees(np.stack([by_first, -by_first - by_second, by_second]))


def by_hand(gradient: Floats, voxels: Floats) -> Floats:
    """95 % half widths that points placed by hand give to what has these gradients.

    Taken to be right to within one voxel either way: along a unit vector u the half width is the voxel's size,
    ``‖(u·a, u·b, u·c)‖`` with the voxel's three edges a, b, c, exact along each of them. For a quantity with gradient
    g by the point it is ``‖(g·a, g·b, g·c)‖``.

    Args:
        gradient: Shape (n, 3), per mm.
        voxels: The voxel's edges in mm, one in each column, shape (3, 3).

    Returns:
        Shape (n,).
    """
    return np.asarray(np.linalg.norm(gradient @ voxels, axis=1))


def caption(value: float, uncertainty: float, unit: str) -> str:
    """Value with its 95 % half width, both to the second digit of the latter: ``68.4 ± 1.2 µm`` (GUM 7.2.6)."""
    if not (np.isfinite(value) and np.isfinite(uncertainty) and uncertainty > 0):
        return f"{value:.1f}{unit}" if np.isfinite(value) else "?"
    digits = int(np.clip(1 - np.floor(np.log10(uncertainty)), 0, 3))
    return f"{value:.{digits}f} ± {uncertainty:.{digits}f}{unit}"


def make_table(rulers: Sequence[Ruler]) -> Table:
    """The table of rulers, one row each, with `RULER_COLUMNS`."""
    rows = [_row(ruler) for ruler in rulers]
    return Table(RULER_COLUMNS, {column.name: _column(rows, column.name) for column in RULER_COLUMNS})


def _row(ruler: Ruler) -> dict[str, Any]:
    is_angle = ruler.kind == ANGLE
    names = ("angle_deg", "uncertainty_deg") if is_angle else ("length_um", "uncertainty_um")
    row: dict[str, Any] = {"name": ruler.name, "kind": ruler.kind, "view": ruler.view}
    row.update(zip(names, (ruler.value, ruler.uncertainty), strict=True))
    for index, point in enumerate(POINTS if is_angle else POINTS[::2]):
        row.update(zip(world_names(point), ruler.world[index], strict=True))
        row.update(zip(voxel_names(point), ruler.ijk[index], strict=True))
    if not is_angle:
        row.update(zip(("start_uncertainty_um", "end_uncertainty_um"), ruler.ends_um, strict=True))
        row.update(start_snapped=_yes(ruler.snapped_um[0]), end_snapped=_yes(ruler.snapped_um[1]))
    return row


def _yes(snapped_um: float | None) -> str:
    return "" if snapped_um is None else "yes"


def _column(rows: list[dict[str, Any]], name: str) -> NDArray[Any]:
    if RULER_DTYPES.get(name) is str:
        return np.array([row.get(name, "") for row in rows], str)
    return np.array([row.get(name, np.nan) for row in rows], float)


def _arms(points: ArrayLike) -> tuple[Floats, Floats]:
    first, vertex, second = np.asarray(points, float)
    return first - vertex, second - vertex


def _turn(arm: Floats, other: Floats) -> Floats:
    """Gradient, radians per mm, of the angle by the end of an arm: away from the other arm, 1 / length."""
    away = (other @ arm) * arm / (arm @ arm) - other
    return np.asarray(away / np.linalg.norm(away) / np.linalg.norm(arm))


def _off_line(first: Floats, second: Floats) -> Floats:
    """The second arm, bent a little where both lie in one line: there any way across them changes the angle."""
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    if lengths == 0 or np.linalg.norm(np.cross(first, second)) > _IN_LINE * lengths:
        return second
    across = np.cross(first, np.eye(3)[np.argmin(np.abs(first))])
    return np.asarray(second + _BEND * np.linalg.norm(second) * across / np.linalg.norm(across))
