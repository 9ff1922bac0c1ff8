"""How fast and in how much memory the common measures of objects are taken, beside scikit-image and SimpleITK.

    python Testing/Benchmarks/instances_speed.py [--size 384] [--objects 46000] [--turns 2] [--alone 1024]

Ellipsoids in all directions in a cube of labels (32 bits) with a grey volume (16 bits), voxels of three different
edges. The same numbers in the same run: scikit-image's ``regionprops_table`` of area, box, centroid, equivalent
diameter, axes and grey values; SimpleITK's label statistics, without and with grey values, and without the perimeter,
of which its numbers are asked for object by object, as it has no table. Each time is the best of ``--turns`` in which
ours and SimpleITK's alternate; scikit-image has one. All values are compared with the tolerances of
instances_values.py before. Peak memory is that of a process of its own that loads the labels and measures, above what
it has loaded before. The issue's figures: --size 512 --objects 100000 --alone 1024.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_made import VOXEL_UM, grey_of, make_ellipsoids
from instances_values import Row, simpleitk_rows, skimage_rows, skimage_table
from numpy.typing import NDArray

AIM_SKIMAGE, AIM_ITK, AIM_MEMORY = 20, 5, 2.0
_SHAPE = ("PhysicalSize", "Centroid", "BoundingBox", "PrincipalMoments", "EquivalentSphericalRadius")
_SHAPE_MORE = ("NumberOfPixels", "PrincipalAxes", "Elongation")
_GREY = ("Minimum", "Mean", "Maximum", "StandardDeviation")


def measure(labels: NDArray[np.uint32], count: int, grey: NDArray[np.uint16] | None) -> Table:
    """The common measures, ours."""
    images = {} if grey is None else {"grey": SlabSource.of_array(grey)}
    return measure_instances(SlabSource.of_array(labels), count, VOXEL_UM, companions=Companions(images=images))


def measure_with_itk(images: list[Any]) -> Any:
    """SimpleITK's label statistics, asked for every number; with grey values if there are two images."""
    import SimpleITK

    shapes = (
        SimpleITK.LabelShapeStatisticsImageFilter()
        if len(images) == 1
        else SimpleITK.LabelIntensityStatisticsImageFilter()
    )
    shapes.ComputePerimeterOff()
    shapes.Execute(*images)
    for name in (*_SHAPE, *_SHAPE_MORE, *(_GREY if len(images) == 2 else ())):
        get = getattr(shapes, f"Get{name}")
        for label in shapes.GetLabels():
            get(label)
    return shapes


def itk_images(*arrays: NDArray[Any]) -> list[Any]:
    """Arrays as SimpleITK's images with our voxel size."""
    import SimpleITK

    images = [SimpleITK.GetImageFromArray(array) for array in arrays]
    for image in images:
        image.SetSpacing(VOXEL_UM[::-1])
    return images


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def best(turns: int, *works: Callable[[], Any]) -> list[tuple[float, Any]]:
    """Shortest time of each work, which alternate, and what came out last."""
    times: list[list[float]] = [[] for _ in works]
    found: list[Any] = [None] * len(works)
    for _ in range(turns):
        for n, work in enumerate(works):
            seconds, found[n] = timed(work)
            times[n].append(seconds)
    return [(min(one), out) for one, out in zip(times, found, strict=True)]


def line(what: str, own: float, peer: float, aim: float, rows: list[Row]) -> str:
    """One line of the table; equal only if every value is."""
    unequal = [row.measure for row in rows if not row.is_equal]
    equal = f"**no: {', '.join(unequal)}**" if unequal else "yes" if rows else "see below"
    reached = "yes" if peer / own >= aim else "**no**"
    return f"| {what} | {own:.2f} | {peer:.2f} | {peer / own:.1f} × | {aim} × | {reached} | {equal} |"


def compare(labels: NDArray[np.uint32], count: int, turns: int) -> None:
    """Speed beside both peers, and whether the values are equal."""
    grey = grey_of(labels)
    print("| beside | ours, s | peer, s | faster | aim | reached | equal values |\n|---|---|---|---|---|---|---|")
    if find_spec("SimpleITK"):
        beside_itk(labels, grey, count, turns)
    if find_spec("skimage"):
        beside_skimage(labels, grey, count)
    for name in ("SimpleITK", "skimage"):
        if not find_spec(name):
            print(f"\n{name} is not installed: not compared.")


def beside_itk(labels: NDArray[np.uint32], grey: NDArray[np.uint16], count: int, turns: int) -> None:
    images = itk_images(labels, grey)
    own, peer = best(turns, lambda: measure(labels, count, None), lambda: measure_with_itk(images[:1]))
    both, itk = best(turns, lambda: measure(labels, count, grey), lambda: measure_with_itk(images))
    rows = simpleitk_rows(both[1], itk[1], VOXEL_UM)
    print(
        line("SimpleITK LabelShapeStatistics", own[0], peer[0], AIM_ITK, [r for r in rows if "grey" not in r.measure])
    )
    print(line("SimpleITK LabelIntensityStatistics", both[0], itk[0], AIM_ITK, rows))


def beside_skimage(labels: NDArray[np.uint32], grey: NDArray[np.uint16], count: int) -> None:
    ((own, table),) = best(2, lambda: measure(labels, count, grey))
    peer, found = timed(lambda: skimage_table(labels, grey, VOXEL_UM))
    print(line("scikit-image regionprops_table", own, peer, AIM_SKIMAGE, skimage_rows(table, found, VOXEL_UM)))


def show_growth(size: int, objects: int) -> None:
    """Time for volumes of one density of objects."""
    print("\n| voxels | objects | ours, s | million voxels/s | ns a voxel |\n|---|---|---|---|---|")
    for share in (0.5, 0.75, 1.0):
        made = make_ellipsoids(round(size * share), round(objects * share**3))
        labels = made.volume()
        ((seconds, _),) = best(3, lambda labels=labels, made=made: measure(labels, made.count, None))
        show_alone(labels.size, made.count, seconds)


def show_alone(voxels: int, count: int, seconds: float) -> None:
    """One line of the table of growth."""
    rate, each = voxels / seconds / 1e6, seconds / voxels * 1e9
    print(f"| {round(voxels ** (1 / 3))}³ | {count:,} | {seconds:.2f} | {rate:.0f} | {each:.1f} |", flush=True)


def show_memory(labels: NDArray[np.uint32]) -> None:
    """Peak memory of a process of its own, without and with the grey volume."""
    print(
        "\n| memory of | labels, MB | peak above, MB | peak through labels | aim | reached |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.npy"
        np.save(path, labels)
        command = [sys.executable, __file__, "--peak", str(path)]
        peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    share = peak / labels.nbytes
    reached = "yes" if share <= AIM_MEMORY else "**no**"
    sizes = f"{labels.nbytes / 1e6:.0f} | {peak / 1e6:.0f}"
    print(f"| labels and measuring | {sizes} | {share:.2f} × | {AIM_MEMORY:.0f} × | {reached} |")


def print_peak(path: Path) -> None:
    """Peak of this process above its start, labels included, in bytes."""
    tiny = make_ellipsoids(16, 8)
    measure(tiny.volume(), tiny.count, None)
    before = peak_bytes()
    labels = np.load(path)
    measure(labels, int(labels.max()), None)
    print(peak_bytes() - before)


def peak_bytes() -> int:
    """Largest resident memory of this process so far; the system's own count begins before this program."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--objects", type=int, default=46000)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--alone", type=int, default=0, help="a larger cube with 100,000 objects, ours alone")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args(arguments)
    if words.peak:
        print_peak(words.peak)
        return
    made = make_ellipsoids(words.size, words.objects)
    print(
        f"{date.today()}: common measures of {made.count:,} objects in {made.size}³ voxels of {VOXEL_UM} µm (z, y, x)\n"
    )
    labels = made.volume()
    compare(labels, made.count, words.turns)
    show_memory(labels)
    del labels
    show_growth(words.size, words.objects)
    if words.alone:
        large = make_ellipsoids(words.alone, 100_000)
        labels = large.volume()
        show_alone(labels.size, large.count, timed(lambda: measure(labels, large.count, None))[0])


if __name__ == "__main__":
    main()
