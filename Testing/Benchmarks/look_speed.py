"""How fast one looks around a winding in a volume of 728 × 728 × 100 voxels, beside what scipy and scikit-image do.

    python Testing/Benchmarks/look_speed.py

The volume is a generated 21700 cell that stands exactly upright, so that the peers, which know nothing of an axis,
show the same. Times are the best of several runs; greys are compared where both show something.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from batterycell.mrml import add_volume, close_scene, new_scene
from batterycell.mrml.slice_planes import show_half_plane
from batterycell.mrml.views import add_slice_view
from batterycell.orient import Cell, CellFrame, find_cell
from batterycell.phantom import make_cell, preset
from batterycell.reslice import Curve, UnrollSettings, cut_half_plane, longitudinal_extent, unroll, voxel_sizes
from batterycell.volume import Volume
from batterycell.winding import trace_windings, unroll_winding
from numpy.typing import NDArray
from scipy import ndimage
from skimage.transform import warp_polar

VIEW = (800, 600)
SPAN = (3, 5)


@dataclass(frozen=True)
class Row:
    """One line of the table: ours and the peer's time in seconds, and how far the greys lie apart."""

    what: str
    ours: float
    peer: float
    difference: float


def upright_cell() -> tuple[Volume, Cell]:
    """A generated 21700 cell, 728 × 728 × 100, and where it truly stands."""
    phantom = make_cell(*preset("21700-top"), seed=1, angles=4)
    cell = find_cell(phantom.volume)
    frame, up = phantom.frame, phantom.frame.up
    origin = frame.origin + (cell.frame.origin - frame.origin) @ up * up
    true = CellFrame.from_axis(origin, up, phantom.volume.ijk_to_ras)
    return phantom.volume, replace(cell, frame=true)


def best(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Shortest time of several runs in seconds, and the last result."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return min(times), result


def apart(ours: NDArray[Any], peer: NDArray[Any]) -> float:
    """Mean absolute difference of grey values where the peer shows something."""
    known = np.isfinite(peer)
    return float(np.abs(ours[known].astype(float) - peer[known]).mean())


def naive_plane(volume: Volume, cell: Cell, angle: float, radii: NDArray[Any], heights: NDArray[Any]) -> NDArray[Any]:
    """A half-plane pixel by pixel: every place computed, then `scipy.ndimage.map_coordinates`."""
    height, radius = np.meshgrid(heights, radii, indexing="ij")
    ijk = volume.to_ijk(cell.frame.from_cylindrical(angle, radius, height))
    values = ndimage.map_coordinates(volume.array, np.moveaxis(ijk[..., ::-1], -1, 0), np.float64, 1, cval=np.nan)
    return np.asarray(values)


def slicer_step(volume: Volume, cell: Cell) -> Row:
    """The slider's step through Slicer's own reslice pipeline, as in a slice view."""
    import slicer

    scene = new_scene()
    node = add_volume(scene, volume, "cell")
    view, layers = add_slice_view(scene, "coronal", node)
    view.SetDimensions(*VIEW, 1)
    logic = slicer.vtkMRMLSliceLogic()
    logic.SetMRMLScene(scene)
    logic.SetSliceNode(view)
    logic.SetSliceCompositeNode(layers)
    angles = iter(np.arange(0.0, 9000.0, 3.7))

    def step() -> None:
        show_half_plane(view, node, cell, float(next(angles)))
        logic.UpdatePipeline()
        logic.GetImageDataConnection().GetProducer().Update()

    step()
    ours, _ = best(step, 40)
    shown = min(width / size for width, size in zip(longitudinal_extent(cell), VIEW, strict=True))
    radii, heights = (np.arange(size) * shown for size in VIEW)
    peer, _ = best(lambda: naive_plane(volume, cell, 30.0, radii, cell.heights_mm[0] + heights), 5)
    close_scene(scene)
    return Row("slider step, a view of 800 × 600 pixels (Slicer's pipeline; scipy)", ours, peer, float("nan"))


def image_step(volume: Volume, cell: Cell) -> Row:
    """One half-plane as an image, a sample a voxel."""
    ours, image = best(lambda: cut_half_plane(volume, cell, 33.0), 20)
    _, rows, columns = image.array.shape
    _, radii, _ = cell.frame.to_cylindrical(image.to_ras([[i, 0, 0] for i in range(columns)]))
    _, _, heights = cell.frame.to_cylindrical(image.to_ras([[0, j, 0] for j in range(rows)]))
    peer, values = best(lambda: naive_plane(volume, cell, 33.0, radii, heights), 20)
    return Row(f"half-plane as an image, {columns} × {rows} (scipy)", ours, peer, apart(image.array[0], values))


def around(volume: Volume, cell: Cell) -> Row:
    """The whole cell around its axis, against `skimage.transform.warp_polar` slice by slice."""
    _, across = voxel_sizes(volume, cell.frame)
    count = int(cell.can.outer_radius_mm / across) | 1
    middle = (count - 1) / 2 * across
    columns = round(2 * np.pi * middle / across)
    # Half a column back, so that the first one's middle is at 0°, as the peer's.
    angles = np.arange(361.0) - 180.0 / columns
    circle = Curve(angles, np.zeros(1), np.full((1, 361), middle))
    ours, made = best(lambda: unroll(volume, cell, circle, UnrollSettings(depth_mm=count * across)), 3)
    centre = volume.to_ijk(cell.frame.origin)[1::-1]

    def peer() -> NDArray[Any]:
        shape = (columns, count)
        return np.array([warp_polar(part, tuple(centre), radius=count, output_shape=shape, preserve_range=True)
                         for part in volume.array])  # fmt: skip

    seconds, polar = best(peer, 1)
    upward = volume.to_ijk(cell.frame.origin + cell.frame.up)[2] > volume.to_ijk(cell.frame.origin)[2]
    ordered = polar if upward else polar[::-1]
    own = made.volume.array if made.map.side < 0 else made.volume.array[:, :, ::-1]
    difference = apart(own, np.moveaxis(ordered, 2, 1)[: len(own), ::-1])
    return Row(
        f"unrolled around the axis, {own.shape[2]} × {count} × {len(own)} (scikit-image)", ours, seconds, difference
    )


def strip(volume: Volume, cell: Cell) -> tuple[Row, float, float]:
    """Some windings as a strip, against scipy, which is given the places; seconds to trace, and to unroll, all."""
    tracing, windings = best(lambda: trace_windings(volume, cell), 3)
    ours, made = best(lambda: unroll_winding(volume, cell, windings, SPAN), 3)

    kji = np.indices(made.volume.array.shape).reshape(3, -1)
    places = volume.to_ijk(made.map.to_cell(made.volume.to_ras(kji[::-1].T))).T[::-1]
    seconds, values = best(lambda: ndimage.map_coordinates(volume.array, places, np.float64, 1, cval=np.nan), 1)
    whole, _ = best(lambda: unroll_winding(volume, cell, windings), 2)
    size = " × ".join(map(str, made.volume.array.shape[::-1]))
    difference = apart(made.volume.array.ravel(), values)
    return (
        Row(f"windings {SPAN[0]} to {SPAN[1]} unrolled, {size} (scipy, places given)", ours, seconds, difference),
        tracing,
        whole,
    )


def main() -> None:
    volume, cell = upright_cell()
    winding, tracing, whole = strip(volume, cell)
    rows = [slicer_step(volume, cell), image_step(volume, cell), around(volume, cell), winding]
    size = " × ".join(map(str, volume.array.shape[::-1]))
    print(f"\n{date.today()}, generated 21700 cell, {size} voxels of 8 bits, {os.cpu_count()} cores, best of several\n")
    print("| what (peer) | BatteryCell | peer | ratio | mean grey difference |\n|---|---|---|---|---|")
    for row in rows:
        times = f"{1000 * row.ours:.1f} ms | {1000 * row.peer:.0f} ms | {row.peer / row.ours:.1f}"
        print(f"| {row.what} | {times} | {'–' if np.isnan(row.difference) else f'{row.difference:.3f}'} |")
    print(f"| windings traced | {1000 * tracing:.0f} ms | – | – | – |")
    print(f"| all windings unrolled | {1000 * whole:.0f} ms | – | – | – |")


if __name__ == "__main__":
    main()
