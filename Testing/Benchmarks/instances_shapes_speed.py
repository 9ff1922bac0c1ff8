"""How many objects a second get surfaces, hulls, diameters, topology, contacts, distances and arc lengths.

    python Testing/Benchmarks/instances_shapes_speed.py [--size 256] [--objects 12500] [--peer-objects 200]

Ellipsoids in all directions in voxels of 1.5 × 2 × 3 µm, one measure after another; scikit-image, SimpleITK and scipy
measure the first objects of the same volume in the same run. Peak memory is that of this process
with the label volume and all before. 100,000 objects in 1024³ voxels: --size 1024 --objects 100000.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from instances_made import VOXEL_UM, make_ellipsoids
from instances_shapes_peers import Labels, Peer, Voxel, peers

MEASURES = ("surface", "euler", "contact", "distance", "feret_max", "convex_hull", "feret_min", "arc")
NAMES = {0: "pore", 2: "foil"}


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def classes_of(labels: Labels) -> np.ndarray:
    """Objects in pores, and a foil on one side."""
    classes = (labels > 0).astype(np.uint8)
    classes[:, -2:][classes[:, -2:] == 0] = 2
    return classes


def first_objects(labels: Labels, count: int) -> Labels:
    """A volume of the first objects alone, cut to their bounding box."""
    some = np.where(labels <= count, labels, 0)
    places = [np.flatnonzero(some.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    return np.ascontiguousarray(some[tuple(slice(place[0], place[-1] + 1) for place in places)])


def edt_distance(labels: Labels, voxel_um: Voxel) -> list[float]:
    """Distance of each object to the pores, from middle to middle of voxels."""
    from scipy import ndimage

    away = ndimage.distance_transform_edt(labels > 0, sampling=voxel_um)
    return [float(one) for one in ndimage.minimum(away, labels, np.arange(1, labels.max() + 1))]


def peers_of(measure: str) -> dict[str, Peer]:
    return {"scipy": edt_distance} if measure == "distance" else peers(measure, 3, VOXEL_UM)


def peak() -> float:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=256, help="voxels along each axis")
    parser.add_argument("--objects", type=int, default=12_500)
    parser.add_argument("--peer-objects", type=int, default=200)
    args = parser.parse_args()
    made = make_ellipsoids(args.size, args.objects)
    labels, few = made.volume(), first_objects(made.volume(), args.peer_objects)
    companions = Companions(class_names=NAMES, class_labels=SlabSource.of_array(classes_of(labels)))
    print(f"{date.today()}, {made.count:,} objects in {made.size}³ voxels; peers: {few.max():,} objects\n")
    print("| measure | objects/s | ns/voxel | peak memory (MB) | peer | its objects/s | ratio |\n" + "|---" * 7 + "|")
    for measure in MEASURES:
        source = SlabSource.of_array(labels)
        ours = seconds_of(lambda: measure_instances(source, made.count, VOXEL_UM, [measure], companions))  # noqa: B023
        start = f"| {measure} | {made.count / ours:,.0f} | {ours / labels.size * 1e9:.1f} | {peak() / 1e6:.0f} |"
        for name, peer in peers_of(measure).items() or {"none": None}.items():
            if peer is None:
                print(f"{start} none | | |")
                continue
            theirs = int(few.max()) / seconds_of(lambda: peer(few, VOXEL_UM))  # noqa: B023
            print(f"{start} {name} | {theirs:,.0f} | {made.count / ours / theirs:.1f} |")


if __name__ == "__main__":
    main()
