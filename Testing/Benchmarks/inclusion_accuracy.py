"""How surely foreign particles are found in generated cells, how well they are sized and placed, beside a peer.

    python Testing/Benchmarks/inclusion_accuracy.py [--seeds 24] [--first 0] [--jobs 2]

Every seed draws a cell and a scan, once clean and once with spheres of several diameters and materials at random
places in the windings. The peer is what is commonly done: one global threshold inside the roll (whose place it is
told), halfway between the brightest sheets and the particles' grey (which it is told too), and connected components
of at least two voxels.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from batterycell.inclusions import find_inclusions
from batterycell.orient import Cell, find_cell
from batterycell.phantom import CylindricalCell, Inclusion, Phantom, Scan, make_cell, random_cell
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from batterycell.winding import Windings, trace_windings
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
DIAMETERS_UM = (40, 60, 80, 100, 150, 250)
MATERIALS = {"metal": 210.0, "light metal": 130.0, "void": 4.0}
EACH = 2  # of a diameter and material in a cell
APART_MM = 0.7
MARGIN_MM = 0.25  # from the ends of the cathodes and of the volume
NEAR_MM = 0.12  # a find belongs to a particle if it is so near, or within its radius


@dataclass(frozen=True)
class Hit:
    """One true particle, and what was found of it; NaN where nothing was."""

    material: str
    diameter: float
    voxel: float
    size: float
    uncertainty: float
    distance: float
    peer: bool


@dataclass(frozen=True)
class Score:
    """One generated cell, clean and with particles."""

    hits: list[Hit]
    false: int
    false_clean: int
    false_peer: int
    limit: float


def with_particles(spec: CylindricalCell, scan: Scan, seed: int) -> CylindricalCell:
    """The cell with spheres at random places, apart from each other."""
    rng = np.random.default_rng([seed, 17])
    places: list[tuple[float, float, float]] = []
    defects: list[Inclusion] = []
    for diameter in DIAMETERS_UM * EACH:
        for grey in MATERIALS.values():
            winding, angle, height = _place((spec, scan), rng, places)
            places.append((winding, angle, height))
            distance = rng.uniform(-0.5, 0.5) * spec.roll.pitch_um
            defects.append(Inclusion(int(winding), angle, height, distance, diameter, grey))
    return replace(spec, defects=(*spec.defects, *defects))


def _place(
    case: tuple[CylindricalCell, Scan], rng: np.random.Generator, taken: Iterable[tuple[float, float, float]]
) -> tuple[float, float, float]:
    spec, scan = case
    assert scan.crop_mm is not None
    low, high = spec.can.height_mm - scan.crop_mm[1], spec.can.height_mm - spec.roll.cathode_top_mm
    for _ in range(2000):
        winding, angle = float(rng.integers(2, int(spec.roll.turns))), rng.uniform(0, 360)
        height = rng.uniform(low + MARGIN_MM, high - MARGIN_MM)
        if all(_far(spec, (winding, angle, height), other) for other in taken):
            break
    return winding, angle, height


def _far(spec: CylindricalCell, one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    radius = spec.first_radius_mm - one[0] * spec.roll.pitch_um / UM_PER_MM
    turn = np.radians((one[1] - other[1] + 180) % 360 - 180)
    apart = np.hypot(abs(turn) * radius, one[2] - other[2])
    return bool(apart > APART_MM or abs(one[0] - other[0]) > 1.5)


def score(seed: int) -> Score:
    """Make, search and compare one cell, clean and with particles."""
    spec, scan = random_cell(seed)
    clean = make_cell(spec, scan, seed, angles=4)
    made = make_cell(with_particles(spec, scan, seed), scan, seed, angles=4)
    cell = find_cell(made.volume)
    windings = trace_windings(made.volume, cell)
    stage = find_inclusions(made.volume, cell, windings)
    table = stage.tables["inclusions"]
    counted = table.where(table["flag"] == "ok")
    truth = made.inclusion_truth
    found = nearest(truth, ras(counted))
    blobs, peers = peer(made, cell, windings), np.zeros(len(truth), bool)
    peers = nearest(truth, blobs) >= 0
    cell_clean = find_cell(clean.volume)
    before = find_inclusions(clean.volume, cell_clean, trace_windings(clean.volume, cell_clean)).tables["inclusions"]
    voxel = made.volume.voxel_size_um[2]
    hits = [_hit(truth, row, counted, int(found[row]), voxel, bool(peers[row])) for row in range(len(truth))]
    limit = next(one.value for one in stage.quantities if one.name == "inclusion_detectable_um")
    return Score(hits, _false(truth, ras(counted)), int((before["flag"] == "ok").sum()), _false(truth, blobs), limit)


def ras(table: Table) -> Floats:
    return np.column_stack([table[f"{axis}_mm"] for axis in "ras"])


def _hit(truth: Table, row: int, table: Table, found: int, voxel: float, peer_found: bool) -> Hit:
    names = {grey: name for name, grey in MATERIALS.items()}
    size = uncertainty = distance = float("nan")
    if found >= 0:
        size, uncertainty = float(table["diameter_um"][found]), float(table["uncertainty_um"][found])
        distance = UM_PER_MM * float(np.linalg.norm(ras(table)[found] - ras(truth)[row]))
    name = names[float(truth["grey"][row])]
    return Hit(name, float(truth["diameter_um"][row]), voxel, size, uncertainty, distance, peer_found)


def nearest(truth: Table, places: Floats) -> NDArray[np.int64]:
    """Which of the places found belongs to each true particle, -1 for none."""
    if not len(places):
        return np.full(len(truth), -1)
    distance, index = cKDTree(places).query(ras(truth))
    return np.where(distance <= np.maximum(NEAR_MM, truth["diameter_um"] / 2 / UM_PER_MM), index, -1)


def _false(truth: Table, places: Floats) -> int:
    """Finds that belong to no particle."""
    if not len(places):
        return 0
    distance, index = cKDTree(ras(truth)).query(places)
    reach = truth["diameter_um"][index] / UM_PER_MM
    return int((distance > np.maximum(2 * NEAR_MM, reach)).sum())


def peer(made: Phantom, cell: Cell, windings: Windings) -> Floats:
    """Middles of the components above a global threshold, and of those below one, RAS (n, 3)."""
    volume = made.volume
    k, j, i = np.indices(volume.array.shape, np.float32)
    places = volume.to_ras(np.stack([i, j, k], -1).reshape(-1, 3))
    _, radius, height = cell.frame.to_cylindrical(places)
    inner, outer = np.nanmin(windings.radii_mm), np.nanmax(windings.radii_mm)
    low, high = windings.heights_mm[[0, -1]]
    inside = (radius > inner) & (radius < outer) & (height > low) & (height < high)
    inside = inside.reshape(volume.array.shape)
    least, most = np.percentile(volume.array[inside], [0.1, 99.9])
    masks = (volume.array > (most + MATERIALS["metal"]) / 2, volume.array < (least + MATERIALS["void"]) / 2)
    return np.concatenate([_middles(volume.to_ras, mask & inside) for mask in masks])


def _middles(to_ras: object, mask: NDArray[np.bool_]) -> Floats:
    labels, _ = ndimage.label(mask)
    numbers = np.flatnonzero(np.bincount(labels.ravel())[1:] >= 2) + 1
    if not len(numbers):
        return np.empty((0, 3))
    middles = np.array(ndimage.center_of_mass(mask, labels, numbers)).reshape(-1, 3)[:, ::-1]
    return np.asarray(to_ras(middles))  # type: ignore[operator]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        report(list(pool.map(score, seeds)))


def report(scores: list[Score]) -> None:
    """Print the tables."""
    hits = [hit for one in scores for hit in one.hits]
    print(f"\n{date.today()}, {len(scores)} seeds, {len(hits)} spheres in the windings\n")
    print("| diameter (µm) | in voxels | " + " | ".join(f"{name}, found" for name in MATERIALS)
          + " | global threshold | bias (µm) | mean abs. error (µm) | covered | place (µm) |")  # fmt: skip
    print("|" + "---|" * (len(MATERIALS) + 7))
    for diameter in DIAMETERS_UM:
        print(_row(diameter, [hit for hit in hits if hit.diameter == diameter]))
    print("\n| figure | BatteryCell | global threshold |\n|---|---|---|")
    print(f"| false alarms on {len(scores)} clean cells | {sum(one.false_clean for one in scores)} | |")
    false, other = sum(one.false for one in scores), sum(one.false_peer for one in scores)
    print(f"| false alarms on cells with particles | {false} | {other} |")
    limits = np.array([one.limit for one in scores])
    print(f"| stated smallest detectable diameter, median (range) | {np.median(limits):.0f} "
          f"({limits.min():.0f} to {limits.max():.0f}) µm | |")  # fmt: skip
    metal = [hit for one in scores for hit in one.hits if hit.material == "metal" and hit.diameter > 2 * one.limit]
    found = sum(not np.isnan(hit.distance) for hit in metal)
    print(f"| metal larger than twice that: found | {found} of {len(metal)} | |")


def _row(diameter: float, hits: list[Hit]) -> str:
    found = [hit for hit in hits if np.isfinite(hit.size)]
    shares = []
    for name in MATERIALS:
        own = [hit for hit in hits if hit.material == name]
        shares.append(f"{sum(not np.isnan(hit.distance) for hit in own)} of {len(own)}")
    peers = f"{sum(hit.peer for hit in hits)} of {len(hits)}"
    error = np.array([hit.size - hit.diameter for hit in found])
    covered = np.mean([abs(hit.size - hit.diameter) <= hit.uncertainty for hit in found]) if found else np.nan
    numbers = [f"{error.mean():+.1f}", f"{np.abs(error).mean():.1f}", f"{100 * covered:.0f} %",
               f"{np.mean([hit.distance for hit in found]):.0f}"] if found else ["–"] * 4  # fmt: skip
    voxels = diameter / np.mean([hit.voxel for hit in hits])
    return f"| {diameter:g} | {voxels:.1f} | " + " | ".join([*shares, peers, *numbers]) + " |"


if __name__ == "__main__":
    main()
