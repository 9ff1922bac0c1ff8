"""Named cells and scans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from batterycell.errors import UsageError

from .pouch_settings import MisplacedLayer, PouchCell
from .roll_settings import EndDefect, JellyRoll, RollEnd, Tab
from .scan_settings import Scan
from .settings import Can, CylindricalCell, Dent

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
