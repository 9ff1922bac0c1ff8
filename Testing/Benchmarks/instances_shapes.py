"""Surfaces, hulls, diameters, topology, distances and arc lengths of objects beside the truth and beside peers.

    python Testing/Benchmarks/instances_shapes.py [--pieces 4] [--radii 4 10] [--seed 0]

Balls, ellipsoids, rods, plates and boxes (in 2D circles, ellipses and rectangles) at random places in all directions,
of the size of a ball of some voxels' radius, and arcs; in cubic and in other voxels. Errors are relative to the truth:
their mean, and the mean of their absolute values; "held" is the share of errors that are within the stated 95 %
interval. Peers measure the same label volume in the same run: scikit-image, SimpleITK and porespy where they are
installed. A ratio above 1 is in our favour.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import Body, Floats, Voxel, arc, bodies, draw, figures, length_of_arc, pack
from instances_shapes_peers import Peer, peers
from numpy.typing import NDArray

ARCS = ((20.0, 4.0, 40.0), (40.0, 6.0, 90.0), (30.0, 14.0, 60.0))
GRIDS: tuple[tuple[int, Voxel], ...] = (
    *((3, (1.0, 1.0, 1.0)), (3, (2.0, 1.0, 1.0))),
    *((2, (1.0, 1.0, 1.0)), (2, (1.0, 1.0, 2.0))),
)
_BOTH = {"feret_max": "feret_max_um", "feret_min": "feret_min_um", "solidity": "solidity", "euler": "euler_number",
         "arc": "arc_um"}  # fmt: skip
COLUMNS = {
    3: {"surface": "surface_um2", "sphericity": "sphericity", "convex_hull": "convex_volume_um3", **_BOTH},
    2: {"surface": "perimeter_um", "sphericity": "circularity", "convex_hull": "convex_area_um2", **_BOTH},
}


@dataclass(frozen=True)
class Scene:
    """Objects of known measures in one label volume.

    Args:
        labels: Shape (k, j, i).
        voxel_um: Voxel size (z, y, x).
        dimension: 2 or 3.
        truth: Of each object, by column.
    """

    labels: NDArray[np.uint32]
    voxel_um: Voxel
    dimension: int
    truth: dict[str, Floats]

    @property
    def count(self) -> int:
        return int(self.labels.max())


def shapes(dimension: int, voxel_um: Voxel, radii: list[float], pieces: int, seed: int) -> Scene:
    """All shapes of all sizes, so many pieces each."""
    rng, step = np.random.default_rng(seed), float(np.prod(voxel_um[3 - dimension :])) ** (1 / dimension)
    found: list[Body] = []
    for radius in radii:
        found += [one for one in (bodies if dimension == 3 else figures)(radius * step) for _ in range(pieces)]
    truth = {name: np.array([one.truth[name] for one in found]) for name in found[0].truth}
    return Scene(pack([draw(one, voxel_um, dimension, rng) for one in found]), voxel_um, dimension, truth)


def arcs(dimension: int, voxel_um: Voxel) -> Scene:
    """Rings with gaps, two slices thick."""
    found = [arc(*one, voxel_um, dimension - 1) for one in ARCS]
    return Scene(pack(found), voxel_um, dimension, {"arc_um": np.array([length_of_arc(*one) for one in ARCS])})


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """What comes of it, and the seconds it takes; done twice, the faster one counts."""
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return found, min(seconds)


def measured(scene: Scene, measure: str) -> Table:
    companions = Companions(dimension=scene.dimension)
    return measure_instances(SlabSource.of_array(scene.labels), scene.count, scene.voxel_um, [measure], companions)


def line(*cells: object) -> None:
    """One row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |")


def percent(errors: Floats) -> str:
    return f"{100 * np.nanmean(errors):+.2f}, {100 * np.nanmean(np.abs(errors)):.2f}"


def report(scene: Scene, what: str, measure: str) -> None:
    """One measure beside the truth and its peers."""
    column = COLUMNS[scene.dimension][measure]
    table, seconds = timed(lambda: measured(scene, measure))
    assert isinstance(table, Table)
    truth = scene.truth[column]
    errors = table[column] / truth - 1
    half = table.data.get(f"u_{column}")
    held = "" if half is None else f"{100 * np.mean(np.abs(table[column] - truth) <= half):.0f} %"
    ours = (what, column, percent(errors), held, f"{scene.count / seconds:.0f}")
    named = peers(measure, scene.dimension, scene.voxel_um)
    for name, peer in named.items():
        line(*ours, name, *beside(scene, peer, truth, errors, seconds))
    if not named:
        line(*ours, "none", "", "", "", "")


def beside(scene: Scene, peer: Peer, truth: Floats, errors: Floats, seconds: float) -> tuple[str, ...]:
    """A peer's errors and objects a second, and both in relation to ours."""
    values, theirs = timed(lambda: peer(scene.labels, scene.voxel_um))
    wrong = np.asarray(values, float) / truth - 1
    mine, other = float(np.nanmean(np.abs(errors))), float(np.nanmean(np.abs(wrong)))
    ratio = f"{other / mine:.1f}" if mine > 1e-9 else ("both exact" if other < 1e-9 else "ours exact")
    return percent(wrong), f"{scene.count / theirs:.0f}", ratio, f"{theirs / seconds:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=4, help="of each shape and size")
    parser.add_argument("--radii", type=float, nargs="+", default=[4.0, 10.0], help="of the ball of that size, voxels")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(f"{date.today()}, {args.pieces} pieces of each shape and radius {args.radii} voxels\n")
    line("voxels (µm)", "measure", "error: mean, mean abs. (%)", "held", "objects/s", "peer", "its error (%)",
         "its objects/s", "errors ×", "time ×")  # fmt: skip
    line(*["---"] * 10)
    for dimension, voxel_um in GRIDS:
        size = f"{dimension}D, " + " × ".join(f"{step:g}" for step in voxel_um[3 - dimension :])
        scene = shapes(dimension, voxel_um, args.radii, args.pieces, args.seed)
        for measure in COLUMNS[dimension]:
            report(scene, size, measure)
        report(arcs(dimension, voxel_um), f"{size}, rings", "arc")


if __name__ == "__main__":
    main()
