"""Where the sheets of a jelly roll end: levels, tips and lean along the winding, with defects put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .checks import require
from .defect_settings import MissingCathode
from .roll_settings import EndDefect, EndName, MissingAnode, RollEnd, Tab
from .settings import CylindricalCell
from .sheet import SAMPLES_PER_TURN, SheetFunction, smooth_noise, turn_grid, window
from .spiral import cathode_turn, turn_fraction

Array = NDArray[Any]
Stretches = tuple[tuple[float, float], ...]
ENDS: tuple[EndName, EndName] = ("top", "bottom")
HALF_TURN = SAMPLES_PER_TURN // 2
SHORTEST_BEND_MM = 0.1
DIP_TURNS = 0.8


@dataclass(frozen=True)
class SheetEnds:
    """The sheets' ends at one end of the roll. Outward heights: they grow out of the cell at either end, in mm.

    The anode between the cathode turns s and s + 1 has the turn coordinate s. Near its end its middle follows a
    parabola: at outward height h it stands off by ``curvature / 2 * max(h - bend, 0)²`` from its place in the roll.

    Args:
        sign: +1 at the top, -1 at the bottom: outward height is sign times height.
        cathode: Outward height at which the cathode ends.
        tip: Outward height of the anode's end.
        bend: Outward height at which the anode begins to lean.
        curvature: Of the lean, per mm, positive away from the axis.
    """

    sign: int
    cathode: SheetFunction
    tip: SheetFunction
    bend: SheetFunction
    curvature: SheetFunction


def make_ends(spec: CylindricalCell, end: EndName, rng: np.random.Generator) -> SheetEnds:
    """Draw the ends of all sheets at one end of a cell."""
    setting = spec.top if end == "top" else spec.bottom
    grid = turn_grid(spec.roll.turns)
    base = _base_level(spec, setting, end, grid)
    cathode = base + smooth_noise(grid, setting.cathode_sd_um, rng) / UM_PER_MM
    bend = _anode_mean(base)
    tip = bend + (setting.overhang_um + smooth_noise(grid, setting.overhang_sd_um, rng)) / UM_PER_MM
    tip = np.maximum(tip, _higher_neighbour(cathode) + setting.smallest_um / UM_PER_MM)
    lean = np.radians(_lean_deg(spec, setting, grid) + smooth_noise(grid, setting.lean_sd_deg, rng))
    for defect in spec.defects:
        if isinstance(defect, EndDefect) and defect.end == end:
            tip, lean = _with_defect(spec, defect, (grid, cathode, tip, lean))
    curvature = np.where(tip > bend, np.tan(lean) / np.maximum(tip - bend, SHORTEST_BEND_MM), 0)
    tables = (SheetFunction(values.astype(np.float32)) for values in (cathode, tip, bend, curvature))
    return SheetEnds(1 if end == "top" else -1, *tables)


def anode_presence(spec: CylindricalCell) -> Stretches:
    """Stretches (from, to) of anode turn coordinates where there is anode."""
    first, last = cathode_range(spec)
    start, stop = first - spec.roll.anode_lead_turns, last + spec.roll.anode_trail_turns
    gaps = [_defect_turns(spec, defect) for defect in spec.defects if isinstance(defect, MissingAnode)]
    return _without((start, stop), gaps)


def cathode_presence(spec: CylindricalCell) -> Stretches:
    """Stretches (from, to) of turn coordinates where there is coated cathode."""
    gaps = [tab_turns(spec, spec.tab)] if spec.tab else []
    gaps += [_defect_turns(spec, defect) for defect in spec.defects if isinstance(defect, MissingCathode)]
    return _without(cathode_range(spec), gaps)


def within(turn: Array, stretches: Stretches) -> Array:
    """How far turn coordinates lie within the stretches, in turns; negative outside."""
    return np.asarray(np.max([np.minimum(turn - start, stop - turn) for start, stop in stretches], axis=0))


def cathode_range(spec: CylindricalCell) -> tuple[float, float]:
    """Turn coordinates at which the cathode begins and ends."""
    return 0.0, spec.roll.turns


def tab_turns(spec: CylindricalCell, tab: Tab) -> tuple[float, float]:
    """Middle and width of the bare stretch of the cathode in turn coordinates."""
    return cathode_turn(spec.roll, int(tab.turn) + 1, tab.angle_deg), tab.bare_deg / 360


def winding_turns(spec: CylindricalCell, angle_deg: float) -> Array:
    """Turn coordinates of the cathode's windings at an angle, the outermost first."""
    fraction = float(turn_fraction(spec.roll, np.radians(angle_deg)))
    turns = np.arange(0, np.ceil(spec.roll.turns) + 1) + fraction
    return np.asarray(turns[within(turns, cathode_presence(spec)) >= 0])


def _without(whole: tuple[float, float], gaps: list[tuple[float, float]]) -> Stretches:
    start, stop = whole
    stretches = []
    for middle, width in sorted(gaps):
        stretches.append((start, middle - width / 2))
        start = middle + width / 2
    return (*stretches, (start, stop))


def _base_level(spec: CylindricalCell, setting: RollEnd, end: EndName, grid: Array) -> Array:
    level = spec.can.height_mm - spec.roll.cathode_top_mm if end == "top" else -spec.roll.cathode_bottom_mm
    depth = np.clip(grid / spec.roll.turns, 0, 1)
    wave = np.cos(2 * np.pi * grid + len(end))
    dip = np.exp(np.minimum(grid - spec.roll.turns, 0) / DIP_TURNS)
    offset = setting.core_rise_um * depth - setting.core_dip_um * dip + setting.wave_um * wave
    return np.asarray(level + offset / UM_PER_MM)


def _anode_mean(level: Array) -> Array:
    """Mean level of the two cathodes beside each anode."""
    return np.asarray((level + _next_turn(level)) / 2)


def _higher_neighbour(level: Array) -> Array:
    return np.asarray(np.maximum(level, _next_turn(level)))


def _next_turn(level: Array) -> Array:
    return np.concatenate([level[SAMPLES_PER_TURN:], np.full(SAMPLES_PER_TURN, level[-1])])


def _lean_deg(spec: CylindricalCell, setting: RollEnd, grid: Array) -> Array:
    """The lean grows towards the can, most over the outermost third."""
    outward = np.clip(1 - (grid + 1) / spec.roll.turns, 0, 1) ** 2
    return np.asarray(setting.lean_core_deg + (setting.lean_can_deg - setting.lean_core_deg) * outward)


def _with_defect(spec: CylindricalCell, defect: EndDefect, tables: tuple[Array, ...]) -> tuple[Array, Array]:
    grid, cathode, tip, lean = tables
    share = window(grid, *_defect_turns(spec, defect))
    if defect.overhang_um is not None:
        wanted = (cathode if defect.side == "inner" else _next_turn(cathode)) + defect.overhang_um / UM_PER_MM
        tip = tip + (wanted - tip) * share
    if defect.lean_deg is not None:
        lean = lean + (np.radians(defect.lean_deg) - lean) * share
    return tip, lean


def _defect_turns(spec: CylindricalCell, defect: EndDefect | MissingAnode | MissingCathode) -> tuple[float, float]:
    """Middle and width of a defect in turn coordinates of its sheet."""
    turn = cathode_turn(spec.roll, defect.winding, defect.angle_deg)
    require(turn < spec.roll.turns, f"There is no winding {defect.winding} at {defect.angle_deg}°.",
            f"Choose at most {defect.winding - int(np.ceil(turn - spec.roll.turns))}.")  # fmt: skip
    outer = not isinstance(defect, MissingCathode) and defect.side == "outer"
    return turn - outer, defect.width_deg / 360
