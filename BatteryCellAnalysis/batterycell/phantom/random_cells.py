"""Families of random cells and scans, from wide but real ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from batterycell.volume import UM_PER_MM

from .pouch_settings import MisplacedLayer, PouchCell
from .presets import AnyCell, CylinderCase
from .roll_settings import EndDefect, JellyRoll, RollEnd
from .scan_settings import Scan
from .settings import GROOVE_SHARE, Can, CylindricalCell, Dent, Greys


def random_cell(seed: int, negatives: int = 0) -> CylinderCase:
    """Draw the top of a cell and its scan from wide but real ranges.

    Args:
        seed: The same number gives the same cell and scan.
        negatives: Number of places at which the anode ends before the cathode.
    """
    rng = np.random.default_rng([seed, 7])
    roll, end = _random_roll(rng), _random_end(rng)
    turns = roll.turns + roll.anode_trail_turns + 2.2
    can = _random_can(rng, (rng.uniform(1200, 1900) + turns * roll.pitch_um) / UM_PER_MM)
    top_mm = GROOVE_SHARE * can.radius_mm + (can.wall_um / 2 + end.reach_um + rng.uniform(50, 400)) / UM_PER_MM
    roll = replace(roll, cathode_top_mm=top_mm, cathode_bottom_mm=1.5)
    cell = CylindricalCell(can=can, roll=roll, top=end, tab=None)
    scan = _random_scan(rng, cell)
    cell = replace(cell, greys=_random_greys(rng))
    return _with_negatives(cell, negatives, rng), scan


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


def _random_can(rng: np.random.Generator, radius_mm: float) -> Can:
    dent = Dent(rng.uniform(0, 360), rng.uniform(2.5, 4.5), rng.uniform(50, 200), rng.uniform(1.5, 4))
    return Can(
        outer_diameter_mm=2 * radius_mm,
        wall_um=rng.uniform(150, 300),
        height_mm=8.0,
        ovality=rng.uniform(0, 0.015),
        ovality_angle_deg=rng.uniform(0, 180),
        dents=(dent,) if rng.random() < 0.3 else (),
    )


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


def _random_greys(rng: np.random.Generator) -> Greys:
    return Greys(
        can=rng.uniform(180, 210),
        cathode=rng.uniform(65, 95),
        anode=rng.uniform(24, 36),
        foil=rng.uniform(200, 260),
        separator=rng.uniform(18, 28),
        electrolyte=rng.uniform(16, 28),
        insulator=rng.uniform(8, 24),
    )


def _random_scan(rng: np.random.Generator, cell: CylindricalCell) -> Scan:
    voxel = cell.roll.pitch_um / rng.uniform(9.5, 11.5)
    high = voxel * rng.uniform(1.0, 2.0)
    ends = cell.roll.cathode_top_mm
    length = min(130 * high / UM_PER_MM, ends + 1.8)
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
