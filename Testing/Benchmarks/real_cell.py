"""How well overhang is measured on the real cell, against reference marks read by eye.

    python Testing/Benchmarks/real_cell.py

The cell lies in ../shared/data/cell_top_ucl, or in the folder that BATTERYCELL_DATA names; the marks, and how they
were made, in Testing/Python/core/data.
"""

from __future__ import annotations

import csv
import os
import resource
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.io import LoadOptions, load_volume
from batterycell.orient import find_cell
from batterycell.overhang import READABLE_FLAGS, measure_overhang
from batterycell.tables import Table
from batterycell.winding import Windings, trace_windings
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared" / "data")) / "cell_top_ucl"
MARKS = ROOT / "Testing" / "Python" / "core" / "data" / "cell_top_ucl_marks.csv"
VOXEL_SIZE_UM = (67.94, 33.97, 33.97)
MARKS_AXIS = (366.5, 379.0)  # column and row about which the marks' angles and radii count
DIAMETER_MM = 21.23  # mean of the marks' three slices, see cell_top_ucl_marks.md
ANGLES = 360


@dataclass(frozen=True)
class Agreement:
    """Measured minus marked, in slices of 67.94 µm, of the n marks that were read too.

    Args:
        cathode: Cathode ends along k, shape (n,).
        anode: Anode ends along k, shape (n,).
        overhang: Overhang, shape (n,).
        uncertainty: Stated half widths of the 95 % intervals, shape (n,).
        missed: Readable marks that were not read, as text.
    """

    cathode: NDArray[np.float64]
    anode: NDArray[np.float64]
    overhang: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    missed: list[str]


def compare(table: Table, marks: Path = MARKS) -> Agreement:
    """Compare a measured table with the reference marks by where the cathodes end."""
    with marks.open(newline="", encoding="utf-8") as file:
        readable = [row for row in csv.DictReader(file) if row["readable"] == "yes"]
    found, missed = [], []
    for mark in readable:
        row = nearest_row(table, mark)
        if row is None:
            missed.append(f"{mark['angle_deg']}°, winding {mark['winding']}, {mark['side']}")
        else:
            found.append([
                table["cathode_k"][row] - float(mark["cathode_k"]), table["anode_k"][row] - float(mark["anode_k"]),
                (table["overhang_um"][row] - float(mark["overhang_um"])) / VOXEL_SIZE_UM[0],
                table["uncertainty_um"][row] / VOXEL_SIZE_UM[0],
            ])  # fmt: skip
    return Agreement(*np.array(found).T, missed)


def nearest_row(table: Table, mark: dict[str, str]) -> int | None:
    """The row that was read for the cathode of a mark, on the same side, within three pixels."""
    angle, radius = np.radians(float(mark["angle_deg"])), float(mark["cathode_r_px"])
    place = MARKS_AXIS[0] + radius * np.cos(angle), MARKS_AXIS[1] + radius * np.sin(angle)
    distance = np.hypot(table["cathode_i"] - place[0], table["cathode_j"] - place[1])
    same = np.isclose(table["angle_deg"], float(mark["angle_deg"])) & (table["side"] == mark["side"])
    distance = np.where(same & np.isin(table["flag"], READABLE_FLAGS) & np.isfinite(distance), distance, np.inf)
    return int(distance.argmin()) if distance.min() < 3 else None


def main() -> None:
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    began = time.perf_counter()
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    cell = find_cell(volume)
    windings = trace_windings(volume, cell)
    table = measure_overhang(volume, cell, ANGLES, windings=windings)
    seconds = time.perf_counter() - began
    agreement = compare(table.where(table["end"] == "top"))
    total = len(agreement.overhang) + len(agreement.missed)
    print(f"\n{date.today()}, cell_top_ucl, {ANGLES} angles, {total} readable marks at 8 angles\n")
    print("| measured − marked | mean (slice) | sd (slice) | 95 % within (slice) | largest (slice) |")
    print("|---|---|---|---|---|")
    for name in ("cathode", "anode", "overhang"):
        error = getattr(agreement, name)
        size = np.abs(error)
        print(
            f"| {name} | {error.mean():+.3f} | {error.std():.3f} | {np.percentile(size, 95):.2f} | {size.max():.2f} |"
        )
    report(table, windings, agreement, cell.can.outer_diameter_mm)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"| loading and measuring | {seconds:.1f} s, {memory:.2f} GB |")
    for place in agreement.missed:
        print(f"\nnot read: {place}")


def report(table: Table, windings: Windings, agreement: Agreement, diameter: float) -> None:
    """Print single figures."""
    total = len(agreement.overhang) + len(agreement.missed)
    read = np.isin(table["flag"], READABLE_FLAGS)
    inside = np.abs(agreement.overhang) <= agreement.uncertainty
    print("\n| figure | value |\n|---|---|")
    print(f"| marks read | {len(agreement.overhang)} of {total} ({100 * len(agreement.overhang) / total:.1f} %) |")
    print(f"| single overhangs within 0.7 slice | {100 * np.mean(np.abs(agreement.overhang) < 0.7):.1f} % |")
    print(f"| marks inside the stated 95 % interval | {100 * inside.mean():.1f} % |")
    print(f"| overhangs read at {ANGLES} angles | {read.sum()}, mean {table['overhang_um'][read].mean():.1f} µm |")
    print(f"| negative overhangs | {np.char.startswith(table['flag'].astype(str), 'negative').sum()} |")
    print(f"| can's outer diameter | {diameter:.3f} mm ({100 * (diameter / DIAMETER_MM - 1):+.2f} % of the marks') |")
    print(f"| windings | {counted(table, windings)} |")


def counted(table: Table, windings: Windings) -> str:
    """At how many angles an overhang was read on every winding that the spiral has there."""
    top = table.where((table["end"] == "top") & np.isin(table["flag"], READABLE_FLAGS))
    angles = np.unique(table["angle_deg"])
    there = [set(windings.turns_at(angle, 0.0).number.tolist()) for angle in angles.tolist()]
    missing = [turns - set(top["winding"][top["angle_deg"] == angle].tolist())
               for angle, turns in zip(angles, there, strict=True)]  # fmt: skip
    blind = angles[[bool(some) for some in missing]]
    text = f"{windings.count} on {windings.turns:.2f} turns, all of them read at {len(angles) - len(blind)} angles"
    if len(blind) == 0:
        return text
    turns = ", ".join(str(turn) for turn in sorted(set().union(*missing)))
    return f"{text}, all but {turns} at the others ({blind.min():.0f}° to {blind.max():.0f}°, where the tab is)"


if __name__ == "__main__":
    main()
