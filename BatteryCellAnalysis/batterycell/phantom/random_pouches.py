"""Random stacks of sheets and their scans, from wide but real ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from batterycell.volume import UM_PER_MM

from .pouch import needed_shape
from .pouch_settings import EDGES, MisplacedLayer, PouchCell, PouchTab
from .scan_settings import AxisName, Scan
from .settings import Greys

_AXES: tuple[AxisName, ...] = ("i", "j", "k")


def random_pouch(seed: int, negatives: int = 0) -> tuple[PouchCell, Scan]:
    """Draw a pouch or stacked prismatic cell and its scan.

    Args:
        seed: The same number gives the same cell and scan.
        negatives: Number of anodes laid down so wrongly that one of their edges ends before the cathodes.
    """
    rng = np.random.default_rng([seed, 17])
    cell = _random_cell(rng)
    scan = _random_scan(rng, cell)
    misplaced = tuple(_misplaced(rng, cell) for _ in range(negatives))
    return replace(cell, misplaced=misplaced), scan


def _random_cell(rng: np.random.Generator) -> PouchCell:
    shift = rng.uniform(15, 90)
    half = rng.uniform(1.8, 3.6), rng.uniform(1.8, 3.0)
    turn = rng.uniform(0.03, 0.3)
    # Room for the largest shift and rotation that clean sheets may have against each other.
    least = 6 * shift + 5 * np.radians(turn) * max(half) * UM_PER_MM
    cell = PouchCell(
        cathodes=int(rng.integers(3, 10)),
        cathode_mm=(2 * half[0], 2 * half[1]),
        overhang_um=max(rng.uniform(300, 900), least),
        cathode_um=rng.uniform(120, 200),
        anode_um=rng.uniform(120, 200),
        foil_um=rng.uniform(8, 12),
        separator_um=rng.uniform(12, 25),
        separator_beyond_um=rng.uniform(150, 350),
        shift_sd_um=shift,
        turn_sd_deg=turn,
        laminate_um=rng.uniform(90, 160),
        flange_mm=rng.uniform(0.3, 0.8),
        turn_deg=rng.uniform(-12, 12),
        greys=_random_greys(rng),
    )
    return _dressed(rng, cell)


def _dressed(rng: np.random.Generator, cell: PouchCell) -> PouchCell:
    """With a hard case, bent sheets and tabs, each in some of the cells."""
    extra: dict[str, Any] = {}
    if rng.random() < 0.3:
        extra = {"case": "prismatic", "laminate_um": rng.uniform(250, 500), "clearance_um": rng.uniform(60, 250)}
    if rng.random() < 0.35:
        extra["bow_um"] = rng.uniform(30, 200)
    if rng.random() < 0.35:
        extra["curl_um"] = rng.uniform(-0.2, 0.2) * cell.overhang_um
    if rng.random() < 0.5:
        edge = EDGES[int(rng.integers(4))]
        across = cell.cathode_mm[1 - EDGES.index(edge) // 2]
        place, width = 0.22 * across, rng.uniform(0.15, 0.3) * across
        extra["tabs"] = (PouchTab("cathode", edge, -place, width), PouchTab("anode", edge, place, width))
    return replace(cell, **extra)


def _misplaced(rng: np.random.Generator, cell: PouchCell) -> MisplacedLayer:
    """Shifted so far that no other random displacement makes up for it."""
    slip = float((cell.overhang_um + 4 * cell.shift_sd_um + rng.uniform(100, 350)) * rng.choice([-1.0, 1.0]))
    along_x = bool(rng.random() < 0.5)
    number = int(rng.integers(1, cell.cathodes + 2))
    return MisplacedLayer(number, slip if along_x else 0.0, 0.0 if along_x else slip)


def _random_greys(rng: np.random.Generator) -> Greys:
    return Greys(
        can=rng.uniform(150, 200),
        cathode=rng.uniform(65, 95),
        anode=rng.uniform(24, 36),
        foil=rng.uniform(200, 260),
        separator=rng.uniform(18, 28),
    )


def _random_scan(rng: np.random.Generator, cell: PouchCell) -> Scan:
    fine = cell.pitch_um / rng.uniform(8.5, 12)
    wide = fine * rng.uniform(1.0, 1.7)
    axis = _AXES[int(rng.integers(3))]
    sizes = {name: fine if name == axis else wide for name in "kji"}
    scan = Scan(
        voxel_size_um=(sizes["k"], sizes["j"], sizes["i"]),
        axis=axis,
        upside_down=bool(rng.random() < 0.5),
        tilt_deg=rng.uniform(0, 4),
        tilt_toward_deg=rng.uniform(0, 360),
        margin_mm=0.2,
        blur_um=fine * rng.uniform(0.5, 1.0),
        noise=rng.uniform(1, 5),
        noise_um=fine * rng.uniform(0.2, 0.7),
        rings=rng.uniform(0, 1.0),
        cupping=rng.uniform(0, 0.1),
        streaks=rng.uniform(0, 1.0),
        dtype="uint16" if rng.random() < 0.3 else "uint8",
    )
    return _cropped(rng, cell, scan) if rng.random() < 0.3 else scan


def _cropped(rng: np.random.Generator, cell: PouchCell, scan: Scan) -> Scan:
    """Only a part of the cell: one or both of the array axes across the stack are cut short at one end."""
    shape, shift = list(needed_shape(cell, scan)), [0.0, 0.0, 0.0]
    axes = [n for n, name in enumerate("kji") if name != scan.axis]
    for n in axes if rng.random() < 0.5 else [axes[int(rng.integers(2))]]:
        lost = int(shape[n] * rng.uniform(0.25, 0.4))
        shift[2 - n] = float(rng.choice([-0.5, 0.5]) * lost * scan.voxel_size_um[n])
        shape[n] -= lost
    return replace(scan, shape=(shape[0], shape[1], shape[2]), shift_um=(shift[0], shift[1], shift[2]))
