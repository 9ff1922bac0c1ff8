"""Named cells and scans, and families of random ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from batterycell.errors import UsageError

from .pouch_settings import MisplacedLayer, PouchCell
from .roll_settings import EndDefect, JellyRoll, RollEnd, Tab
from .scan_settings import Scan
from .settings import GROOVE_SHARE, Can, CylindricalCell, Dent

CylinderCase = tuple[CylindricalCell, Scan]
AnyCell = CylindricalCell | PouchCell
Case = tuple[AnyCell, Scan]

NEGATIVE = EndDefect(winding=3, side="outer", angle_deg=120, width_deg=50, overhang_um=-180)


def small_cell(defects: tuple[EndDefect, ...] = ()) -> CylindricalCell:
    """A short cell of 10 mm with eight windings."""
    return CylindricalCell(
        can=Can(outer_diameter_mm=10.0, wall_um=200, height_mm=9.0),
        roll=JellyRoll(turns=8, cathode_bottom_mm=1.9, cathode_top_mm=3.0, anode_trail_turns=0.6),
        top=RollEnd(overhang_um=520, core_rise_um=250, lean_can_deg=-9),
        bottom=RollEnd(overhang_um=560, core_rise_um=-120, lean_can_deg=-5),
        tab=None,
        defects=defects,
    )


def _demo() -> CylinderCase:
    cell = small_cell((NEGATIVE,))
    can = replace(cell.can, outer_diameter_mm=11.0, height_mm=16.0, dents=(Dent(angle_deg=215, height_mm=6.5),))
    tab = Tab(turn=4.0, angle_deg=20, bare_deg=100, opening_um=120, strip_mm=2.0)
    cell = replace(cell, can=can, roll=replace(cell.roll, turns=8.6), tab=tab)
    scan = Scan(voxel_size_um=(60, 40, 40), upside_down=True, tilt_deg=2.0, tilt_toward_deg=35, margin_mm=0.5)
    return cell, scan


def _top_21700() -> CylinderCase:
    cell = CylindricalCell(can=Can(height_mm=70.15))
    return cell, Scan(upside_down=True, crop_mm=(-0.3, 6.494), shape=(100, 728, 728))


def _small() -> CylinderCase:
    cell = small_cell()
    can = replace(cell.can, outer_diameter_mm=7.0, height_mm=7.5)
    return replace(cell, can=can, roll=replace(cell.roll, turns=4.6)), Scan(voxel_size_um=(60, 40, 40), margin_mm=0.3)


def _clean() -> CylinderCase:
    scan = Scan(voxel_size_um=(50, 37, 37), blur_um=0, noise=0, rings=0, cupping=0, streaks=0, margin_mm=0.3)
    return small_cell(), scan


def _hard() -> CylinderCase:
    scan = Scan(voxel_size_um=(50, 37, 37), blur_um=45, noise=9, rings=3, cupping=0.15, streaks=2.5, tilt_deg=6)
    return small_cell(), replace(scan, margin_mm=0.3)


def _pouch() -> Case:
    slipped = MisplacedLayer(anode=4, shift_x_um=-750)
    return PouchCell(misplaced=(slipped,)), Scan(voxel_size_um=(40, 45, 45), tilt_deg=1.0, margin_mm=0.3, streaks=0)


PRESETS: dict[str, Callable[[], Case]] = {
    "demo": _demo,
    "21700-top": _top_21700,
    "small": _small,
    "clean": _clean,
    "hard": _hard,
    "pouch": _pouch,
}


def preset(name: str) -> Case:
    """The cell and the scan of a preset.

    Raises:
        UsageError: if there is none of that name.
    """
    if name not in PRESETS:
        raise UsageError("phantom-preset", f"There is no preset {name}.", f"Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]()


def random_cell(seed: int, negatives: int = 0) -> CylinderCase:
    """Draw the top of a cell and its scan from wide but real ranges.

    Args:
        seed: The same number gives the same cell and scan.
        negatives: Number of places at which the anode ends before the cathode.
    """
    rng = np.random.default_rng([seed, 7])
    roll, end = _random_roll(rng), _random_end(rng)
    turns = roll.turns + roll.anode_trail_turns + 2.2
    radius_um = rng.uniform(900, 1600) + turns * roll.pitch_um + 300
    height = 8.0
    can = Can(outer_diameter_mm=2 * radius_um / 1000, wall_um=rng.uniform(150, 300), height_mm=height,
              ovality=rng.uniform(0, 0.015), ovality_angle_deg=rng.uniform(0, 180))  # fmt: skip
    top_mm = GROOVE_SHARE * can.radius_mm + (can.wall_um / 2 + end.reach_um + rng.uniform(50, 400)) / 1000
    roll = replace(roll, cathode_top_mm=top_mm, cathode_bottom_mm=1.5)
    cell = CylindricalCell(can=can, roll=roll, top=end, tab=None)
    return _with_negatives(cell, negatives, rng), _random_scan(rng, cell)


def add_negatives(spec: AnyCell, count: int, seed: int) -> AnyCell:
    """The cell with more places, drawn at random, at which an anode ends before its cathode."""
    rng = np.random.default_rng([seed, 11])
    if isinstance(spec, PouchCell):
        return replace(spec, misplaced=spec.misplaced + tuple(_slipped(rng, spec) for _ in range(count)))
    return _with_negatives(spec, count, rng)


def _with_negatives(cell: CylindricalCell, count: int, rng: np.random.Generator) -> CylindricalCell:
    return replace(cell, defects=cell.defects + tuple(_random_negative(rng, cell) for _ in range(count)))


def _slipped(rng: np.random.Generator, spec: PouchCell) -> MisplacedLayer:
    slip = (spec.overhang_um + rng.uniform(150, 400)) * rng.choice([-1.0, 1.0])
    return MisplacedLayer(int(rng.integers(1, spec.cathodes + 2)), shift_x_um=float(slip))


def _random_roll(rng: np.random.Generator) -> JellyRoll:
    return JellyRoll(
        turns=rng.uniform(4.5, 7.5),
        cathode_um=rng.uniform(150, 210),
        anode_um=rng.uniform(140, 200),
        foil_um=rng.uniform(8, 12),
        separator_um=rng.uniform(10, 20),
        gap_um=rng.uniform(20, 80),
        start_deg=rng.uniform(0, 360),
        clockwise=bool(rng.random() < 0.5),
        buckle_um=rng.choice([0.0, rng.uniform(50, 200)]),
    )


def _random_end(rng: np.random.Generator) -> RollEnd:
    return RollEnd(
        overhang_um=rng.uniform(350, 950),
        overhang_sd_um=rng.uniform(10, 60),
        core_rise_um=rng.uniform(-200, 450),
        core_dip_um=rng.uniform(0, 120),
        wave_um=rng.uniform(0, 80),
        cathode_sd_um=rng.uniform(5, 30),
        lean_core_deg=rng.uniform(-4, 4),
        lean_can_deg=rng.uniform(-20, 6),
        lean_sd_deg=rng.uniform(0.3, 2.5),
    )


def _random_negative(rng: np.random.Generator, cell: CylindricalCell) -> EndDefect:
    """Not at the outermost and innermost turn, and not where the bare cathode of a tab shifts the count."""
    winding = int(rng.integers(2, max(int(cell.roll.turns) - 1, 3)))
    return EndDefect(
        winding=winding,
        side="outer",
        angle_deg=rng.uniform(0, 360),
        width_deg=rng.uniform(30, 90),
        overhang_um=rng.uniform(-450, -130),
    )


def _random_scan(rng: np.random.Generator, cell: CylindricalCell) -> Scan:
    voxel = cell.roll.pitch_um / rng.uniform(9.5, 11.5)
    high = voxel * rng.uniform(1.0, 2.0)
    ends = cell.roll.cathode_top_mm
    length = min(130 * high / 1000, ends + 1.8)
    return Scan(
        voxel_size_um=(high, voxel, voxel),
        upside_down=bool(rng.random() < 0.5),
        tilt_deg=rng.uniform(0, 5),
        tilt_toward_deg=rng.uniform(0, 360),
        crop_mm=(ends + 1.8 - length, ends + 1.8),
        margin_mm=0.25,
        blur_um=voxel * rng.uniform(0.5, 1.0),
        noise=rng.uniform(1, 5),
        noise_um=voxel * rng.uniform(0.2, 0.7),
        rings=rng.uniform(0, 1.5),
        cupping=rng.uniform(0, 0.12),
        streaks=rng.uniform(0, 1.5),
    )
