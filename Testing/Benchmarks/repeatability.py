"""Whether the real cell is measured alike when its volume is turned by an odd angle and resampled.

    python Testing/Benchmarks/repeatability.py [--angles 360] [--degrees 7.3] [--order 3]

The volume of ../shared/data/cell_top_ucl (or of the folder that BATTERYCELL_DATA names) is turned about the cell's own
axis and about an oblique one, resampled on a grid of the same voxels, and measured anew: axis, windings, overhang.
Below the scan the windings are continued as they are in its last slice. Rows are matched by place. The table also
says whether the same windings are counted at every angle, and whether they carry the same numbers.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from batterycell.io import LoadOptions, load_volume
from batterycell.orient import Cell, find_cell
from batterycell.overhang import READABLE_FLAGS, measure_overhang
from batterycell.tables import Table
from batterycell.volume import Volume
from batterycell.winding import Windings, trace_windings
from numpy.typing import NDArray
from real_cell import DATA, VOXEL_SIZE_UM
from scipy import ndimage
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]
OBLIQUE = np.array([0.8, 0.6, 1.2])  # not along any array axis; 7.3° about it tilt the cell by 4.7°
NEAR_MM = 0.15
BESIDE_DEG = 5.0  # of the tab: there the coating begins


@dataclass(frozen=True)
class Measured:
    """A volume and what was found in it."""

    volume: Volume
    cell: Cell
    windings: Windings
    top: Table


@dataclass(frozen=True)
class Turn:
    """A rotation about a point, RAS mm."""

    rotation: Rotation
    centre: Floats

    def forth(self, ras: Floats) -> Floats:
        return np.asarray(self.rotation.apply(ras - self.centre) + self.centre)


def measure(volume: Volume, angles: int) -> Measured:
    """Find the cell, its windings and every overhang at its top."""
    cell = find_cell(volume)
    windings = trace_windings(volume, cell)
    table = measure_overhang(volume, cell, angles, windings=windings)
    return Measured(volume, cell, windings, table.where(table["end"] == "top"))


def turned(volume: Volume, turn: Turn, order: int) -> Volume:
    """The volume turned in the world and resampled on a grid of the same voxels, higher where the cell is tilted."""
    rows, columns = volume.array.shape[1:]
    corners = np.array([[i, j, 0] for i in (0, columns - 1) for j in (0, rows - 1)], float)
    lift = float(np.ptp(volume.to_ijk(turn.forth(volume.to_ras(corners)))[:, 2]))
    more = int(np.ceil(lift / 2)) + 1
    geometry = volume.ijk_to_ras.copy()
    geometry[:3, 3] = volume.to_ras([0, 0, -more])
    back = np.eye(4)
    back[:3, :3] = turn.rotation.inv().as_matrix()
    back[:3, 3] = turn.centre - back[:3, :3] @ turn.centre
    swap = np.eye(4)[[2, 1, 0, 3]]
    kji = swap @ np.linalg.inv(geometry) @ back @ geometry @ swap
    array = np.pad(volume.array, ((more, more), (0, 0), (0, 0)), mode="edge")
    array = ndimage.affine_transform(array, kji, order=order, mode="constant", output=np.float32)
    return Volume(array, geometry, volume.voxel_size_source, volume.name)


def compare(first: Measured, second: Measured, turn: Turn) -> dict[str, Floats]:
    """Differences of the overhang, of combined intervals and of winding numbers, of the rows read in both."""
    read = np.isin(first.top["flag"], READABLE_FLAGS)
    places = turn.forth(np.column_stack([first.top[f"cathode_{axis}_mm"] for axis in "ras"]))
    angle, radius, _ = second.cell.frame.to_cylindrical(places)
    found: list[tuple[float, float, float]] = []
    for series in _series(second):
        near = read & (first.top["side"] == series["side"])
        rows = np.flatnonzero(near)
        at = {name: np.interp(angle[rows], series["angle"], series[name], period=360) for name in ("radius", "um", "u")}
        step = np.abs((series["angle"][:, None] - angle[rows] + 180) % 360 - 180).min(axis=0)
        same = (np.abs(at["radius"] - radius[rows]) < NEAR_MM) & (step <= 0.5 * series["step"] + 1e-6)
        rows = rows[same]
        found += zip(at["um"][same] - first.top["overhang_um"][rows],
                     np.hypot(at["u"][same], first.top["uncertainty_um"][rows]),
                     series["winding"] - first.top["winding"][rows], strict=True)  # fmt: skip
    difference, interval, number = np.array(found).T
    return {"difference": difference, "interval": interval, "number": number, "read": np.array([read.sum()])}


def _series(measured: Measured) -> list[dict[str, Any]]:
    """Angle, radius, overhang and uncertainty along each winding and side, where they were read."""
    top, step = measured.top, 360.0 / len(np.unique(measured.top["angle_deg"]))
    radius = measured.cell.frame.to_cylindrical(np.column_stack([top[f"cathode_{axis}_mm"] for axis in "ras"]))[1]
    result = []
    for winding in np.unique(top["winding"]):
        for side in ("outer", "inner"):
            rows = (top["winding"] == winding) & (top["side"] == side) & np.isin(top["flag"], READABLE_FLAGS)
            if rows.sum() > 2:
                result.append({"winding": winding, "side": side, "step": step, "angle": top["angle_deg"][rows],
                               "radius": radius[rows], "um": top["overhang_um"][rows],
                               "u": top["uncertainty_um"][rows]})  # fmt: skip
    return result


def counted(measured: Measured) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Windings of which an overhang was read, and windings that the spiral has, at each angle; and the angles."""
    top = measured.top
    angles = np.unique(top["angle_deg"])
    read = np.isin(top["flag"], READABLE_FLAGS)
    seen = [len(np.unique(top["winding"][read & (top["angle_deg"] == angle)])) for angle in angles]
    there = [len(measured.windings.turns_at(float(angle), 0.0).number) for angle in angles]
    return np.array(seen), np.array(there), angles


def tab_angles(measured: Measured) -> tuple[float, float]:
    """Where the bare foil of a tab begins and stops, from the windings' own gap and a little more; equal: nowhere."""
    blind = np.isnan(measured.windings.radii_mm).all(axis=0)
    samples = np.flatnonzero(blind)
    if len(samples) == 0:
        return 0.0, 0.0
    angle = measured.windings.start_deg + measured.windings.sense * samples * 360.0 / measured.windings.per_turn
    return float((angle.min() - BESIDE_DEG) % 360), float((angle.max() + BESIDE_DEG) % 360)


def report(names: list[str], all_measured: list[Measured], turns: list[Turn | None], seconds: list[float]) -> None:
    """Print the tables."""
    print("\n| volume | tilt | overhangs | mean (µm) | all windings of the spiral read, outside the tab | s |")
    print("|---|---|---|---|---|---|")
    for name, one, second in zip(names, all_measured, seconds, strict=True):
        seen, there, angles = counted(one)
        start, stop = tab_angles(one)
        clear = ((angles - start) % 360 > (stop - start) % 360) if start != stop else np.ones(len(angles), bool)
        read = np.isin(one.top["flag"], READABLE_FLAGS)
        print(f"| {name} | {one.cell.tilt_deg:.2f}° | {read.sum()} | {one.top['overhang_um'][read].mean():.1f} "
              f"| at {(seen == there)[clear].sum()} of {clear.sum()} angles outside {start:.0f}° to {stop:.0f}°: "
              f"{sorted(set(seen[clear].tolist()))} | {second:.0f} |")  # fmt: skip
    print("\n| against the original | rows in both | mean difference (slice) | sd (slice) | 95 % within (slice) "
          "| inside the stated intervals | same winding number |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for name, one, turn in zip(names[1:], all_measured[1:], turns[1:], strict=True):
        if turn is not None:
            print(line(name, compare(all_measured[0], one, turn)))


def line(name: str, found: dict[str, Floats]) -> str:
    """One line of the table of differences."""
    d, inside = found["difference"] / VOXEL_SIZE_UM[0], np.abs(found["difference"]) <= found["interval"]
    return (f"| {name} | {len(d)} of {int(found['read'][0])} | {d.mean():+.3f} | {d.std():.3f} "
            f"| {np.percentile(np.abs(d), 95):.2f} | {100 * inside.mean():.1f} % "
            f"| {100 * np.mean(found['number'] == 0):.1f} % |")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--angles", type=int, default=360)
    parser.add_argument("--degrees", type=float, default=7.3)
    parser.add_argument("--order", type=int, default=3, help="of the interpolating spline: 1 linear, 3 cubic")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    centre = volume.to_ras((np.array(volume.array.shape[::-1]) - 1) / 2)
    own = find_cell(volume).frame.up
    axes = {"about the cell's axis": own, "about an oblique axis": OBLIQUE / np.linalg.norm(OBLIQUE)}
    measured, seconds = [], []
    print(f"\n{date.today()}, cell_top_ucl, {options.angles} angles, turned by {options.degrees}°, "
          f"spline of order {options.order}")  # fmt: skip
    jobs: list[tuple[str, Turn | None]] = [("as scanned", None)]
    jobs += [
        (name, Turn(Rotation.from_rotvec(np.radians(options.degrees) * axis), centre)) for name, axis in axes.items()
    ]
    for _, turn in jobs:
        scan = volume if turn is None else turned(volume, turn, options.order)
        began = time.perf_counter()
        measured.append(measure(scan, options.angles))
        seconds.append(time.perf_counter() - began)
    report([name for name, _ in jobs], measured, [turn for _, turn in jobs], seconds)


if __name__ == "__main__":
    main()
