"""Random cells with what makes measuring hard, each family of trouble drawn on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from batterycell.volume import UM_PER_MM

from .defect_settings import CoreKink, Delamination, Inclusion, MissingCathode
from .presets import CylinderCase
from .random_cells import add_negatives, random_cell
from .roll_settings import EndDefect, MissingAnode, Tab
from .scan_settings import Scan
from .settings import GROOVE_SHARE, CylindricalCell, Defect, Dent
from .spiral import turn_fraction

Draw = Callable[[CylindricalCell, Scan, np.random.Generator], CylinderCase]
ALSO = 0.1  # share of cells in which a family joins in besides the cell's own
BOTTOM_MM = (1.9, 2.6)
WIDER_MM = 0.4  # than other random cells: a hollow core to collapse into
ROOM_MM = 0.25  # from the middle of a foreign particle to the top of the roll's body


@dataclass(frozen=True)
class HardCell:
    """A random cell.

    Args:
        spec: The cell.
        scan: How it is scanned.
        families: What makes it hard; the first is its own, the others joined in.
    """

    spec: CylindricalCell
    scan: Scan
    families: tuple[str, ...]


def random_hard_cell(seed: int, negatives: int = 0) -> HardCell:
    """Draw a cell and its scan in which one family of trouble, by turns, is sure to be there.

    Args:
        seed: The same number gives the same; consecutive ones go through `FAMILIES`.
        negatives: Number of places at which the anode ends before the cathode.
    """
    rng = np.random.default_rng([seed, 13])
    spec, scan = random_cell(seed)
    spec = _widened(spec)
    own = list(FAMILIES)[seed % len(FAMILIES)]
    joining = [name for name in FAMILIES if name != own and rng.random() < ALSO]
    for name in (*joining, own):
        spec, scan = FAMILIES[name](spec, scan, rng)
    hard = add_negatives(spec, negatives, seed)
    assert isinstance(hard, CylindricalCell)
    return HardCell(hard, scan, (own, *joining))


def _widened(spec: CylindricalCell) -> CylindricalCell:
    can = replace(spec.can, outer_diameter_mm=spec.can.outer_diameter_mm + WIDER_MM)
    roll = replace(spec.roll, cathode_top_mm=spec.roll.cathode_top_mm + GROOVE_SHARE * WIDER_MM)
    return replace(spec, can=can, roll=roll)


def _noisy(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, replace(scan, noise=rng.uniform(5, 8), rings=rng.uniform(1, 2.5), streaks=rng.uniform(1, 2))


def _blurred(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, replace(scan, blur_um=scan.voxel_size_um[2] * rng.uniform(1.1, 1.5))


def _tilted(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, replace(scan, tilt_deg=rng.uniform(5, 10))


def _oval(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return replace(spec, can=replace(spec.can, ovality=rng.uniform(0.015, 0.035))), scan


def _dented(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    first = rng.uniform(0, 360)
    heights = _body(spec, scan)
    dents = tuple(
        Dent(first + 120 * n + rng.uniform(-15, 15), rng.uniform(*heights), rng.uniform(100, 400), rng.uniform(1, 2.5))
        for n in range(int(rng.integers(2, 4)))
    )
    return replace(spec, can=replace(spec.can, dents=dents)), scan


def _with_tab(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    tab = Tab(
        turn=float(rng.integers(2, int(spec.roll.turns) - 1)), angle_deg=rng.uniform(0, 360),
        bare_deg=rng.uniform(50, 100), opening_um=rng.uniform(80, 150), strip_mm=rng.uniform(1.5, 2.5),
    )  # fmt: skip
    return replace(spec, tab=tab), scan


def _collapsed(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    room = 0.5 * (spec.core_radius_mm - 0.2) * UM_PER_MM
    kink = CoreKink(
        angle_deg=rng.uniform(0, 360), height_mm=rng.uniform(*_body(spec, scan)), width_deg=rng.uniform(80, 140),
        extent_mm=rng.uniform(3, 12), depth_um=min(rng.uniform(150, 450), room), turns=rng.uniform(2, 4),
    )  # fmt: skip
    return _added(spec, kink), scan


def _delaminated(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    winding, angle = _somewhere(spec, rng)
    room = 0.4 * (spec.core_radius_mm - 0.2) * UM_PER_MM
    gap = Delamination(
        winding=winding, side="outer" if rng.random() < 0.5 else "inner", angle_deg=angle,
        height_mm=rng.uniform(*_body(spec, scan)), width_deg=rng.uniform(50, 100), extent_mm=rng.uniform(2, 4),
        opening_um=min(rng.uniform(120, 250), room),
    )  # fmt: skip
    return _added(spec, gap), scan


def _without_anode(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    winding, angle = _somewhere(spec, rng)
    return _added(spec, MissingAnode(winding, "inner", angle, rng.uniform(25, 80))), scan


def _without_cathode(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    winding, angle = _somewhere(spec, rng)
    return _added(spec, MissingCathode(winding, angle, rng.uniform(20, 60))), scan


def _curled(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    defects = []
    for _ in range(3):
        winding, angle = _somewhere(spec, rng)
        lean = float(rng.uniform(0.7, 1.0) * _lean_deg(spec, 1.0) * rng.choice([-1, 1]))
        defects.append(EndDefect(winding, "outer", angle, rng.uniform(40, 90), overhang_um=None, lean_deg=lean))
    return _added(spec, *defects), scan


def _touching(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    """The tips of two neighbouring anodes lean together until they meet."""
    winding, angle = _somewhere(spec, rng)
    width, lean = rng.uniform(50, 100), _lean_deg(spec, 0.5)
    outer = EndDefect(winding, "outer", angle, width, overhang_um=None, lean_deg=-lean)
    return _added(spec, outer, replace(outer, side="inner", lean_deg=lean)), scan


def _lean_deg(spec: CylindricalCell, share: float) -> float:
    """The lean with which a tip reaches over a share of the room between two anodes: it stands off by half of it."""
    room = share * (spec.roll.pitch_um - spec.roll.anode_um)
    return float(np.degrees(np.arctan(2 * room / (spec.top.overhang_um + spec.top.overhang_sd_um))))


def _coarse(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, _voxels(scan, spec.roll.pitch_um / rng.uniform(7.5, 8.5), rng.uniform(1, 1.6))


def _fine(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, _voxels(scan, spec.roll.pitch_um / rng.uniform(12, 14), 1.0)


def _flat_voxels(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, _voxels(scan, scan.voxel_size_um[2], rng.uniform(2.2, 3.0))


def _whole(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    """All of a cell, with both ends."""
    roll = replace(spec.roll, cathode_bottom_mm=rng.uniform(*BOTTOM_MM))
    spec = replace(spec, roll=roll, bottom=replace(spec.bottom, overhang_um=rng.uniform(350, 700)))
    return spec, replace(_voxels(scan, scan.voxel_size_um[2], 1.6), crop_mm=None)


def _foreign(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    low, high = _body(spec, scan)
    voxel = max(scan.voxel_size_um)
    particles = []
    for _ in range(3):
        winding, angle = _somewhere(spec, rng)
        between = rng.uniform(-0.5, 0.5) * spec.roll.pitch_um
        size, height = rng.uniform(1.5, 4) * voxel, rng.uniform(low, high - ROOM_MM)
        particles.append(Inclusion(winding, angle, height, between, size, rng.uniform(170, 240)))
    return _added(spec, *particles), scan


# Not at the start and the end of the sheets, where what is meant depends on what is counted.
def _somewhere(spec: CylindricalCell, rng: np.random.Generator) -> tuple[int, float]:
    """A winding and an angle amid the roll."""
    angle = float(rng.uniform(0, 360))
    run = float(turn_fraction(spec.roll, np.radians(angle)))
    winding = int(rng.integers(2, max(int(spec.roll.turns - run - 0.3), 2) + 1))
    return winding, angle


def _body(spec: CylindricalCell, scan: Scan) -> tuple[float, float]:
    """Heights above the base between which the volume shows the body of the roll."""
    high = spec.can.height_mm - spec.roll.cathode_top_mm - 0.4
    low = spec.roll.cathode_bottom_mm + 0.6
    shown = spec.can.height_mm - scan.crop_mm[1] + 0.5 if scan.crop_mm else 0.0
    return min(max(low, shown), high - 0.3), high


def _voxels(scan: Scan, across_um: float, ratio: float) -> Scan:
    """The scan with other voxels; its blur and noise stay what they were in voxels."""
    factor = across_um / scan.voxel_size_um[2]
    sizes = (across_um * ratio, across_um, across_um)
    return replace(scan, voxel_size_um=sizes, blur_um=scan.blur_um * factor, noise_um=scan.noise_um * factor)


def _added(spec: CylindricalCell, *defects: Defect) -> CylindricalCell:
    return replace(spec, defects=spec.defects + defects)


def _upside_down(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    return spec, replace(scan, upside_down=True, tilt_toward_deg=rng.uniform(0, 360))


def _bare(spec: CylindricalCell, scan: Scan, rng: np.random.Generator) -> CylinderCase:
    """The jelly roll alone."""
    return replace(spec, can=replace(spec.can, present=False, dents=())), replace(scan, streaks=0.0)


FAMILIES: dict[str, Draw] = {
    "noise": _noisy,
    "blur": _blurred,
    "tilt": _tilted,
    "ovality": _oval,
    "dents": _dented,
    "tab": _with_tab,
    "buckled core": _collapsed,
    "delamination": _delaminated,
    "missing anode": _without_anode,
    "missing cathode": _without_cathode,
    "curled tips": _curled,
    "touching tips": _touching,
    "coarse voxels": _coarse,
    "fine voxels": _fine,
    "flat voxels": _flat_voxels,
    "upside down": _upside_down,
    "whole cell": _whole,
    "foreign particles": _foreign,
    "no can": _bare,
}
