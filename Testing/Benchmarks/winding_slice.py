"""How well the windings of a real cell are followed on a single slice.

    python Testing/Benchmarks/winding_slice.py [--voxel-size 20]

The slice of ../shared/data/winding_ucl (or of the folder that BATTERYCELL_DATA names) comes with a mask of its bright
electrode, and without a pixel size: lengths hold for the one given. The cathode is traced and drawn between its faces;
beside it, what a threshold gives, and what the peaks on single rays give that are drawn equally thick.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.orient import Cell, find_cell
from batterycell.volume import Volume
from batterycell.winding import Windings, measure_winding, trace_mask, trace_windings
from numpy.typing import NDArray
from real_cell import DATA

SLICE = DATA.parent / "winding_ucl"
RAYS = 2880

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Traced:
    """The slice, its windings, and how long they took."""

    volume: Volume
    cell: Cell
    windings: Windings
    seconds: float


def load(voxel_um: float) -> tuple[Volume, Mask]:
    """The slice as a volume of one layer, and its mask."""
    import tifffile

    image, mask = (tifffile.imread(SLICE / name) for name in ("im_1.tif", "mask_1.tif"))
    return Volume.from_stack(image[None], (voxel_um,) * 3, "--voxel-size", "winding_ucl"), np.asarray(mask > 0)


def trace(volume: Volume) -> Traced:
    began = time.perf_counter()
    cell = find_cell(volume)
    windings = trace_windings(volume, cell)
    return Traced(volume, cell, windings, time.perf_counter() - began)


def dice(mask: Mask, truth: Mask) -> float:
    """2 |A and B| / (|A| + |B|) (Dice 1945)."""
    return float(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))


def inside_can(traced: Traced) -> Mask:
    """Where the can's wall is not."""
    rows, columns = np.indices(traced.volume.array.shape[1:])
    ras = traced.volume.to_ras(np.stack([columns, rows, np.zeros_like(rows)], axis=-1))
    _, radius, _ = traced.cell.frame.to_cylindrical(ras)
    outermost = float(np.nanmax(traced.windings.radii_mm))
    return np.asarray(radius < outermost + 0.5 * traced.windings.pitch_mm)


def by_threshold(traced: Traced) -> Mask:
    """Otsu's threshold (1979) between the axis and the can."""
    from skimage.filters import threshold_otsu

    image, inside = traced.volume.array[0], inside_can(traced)
    return np.asarray((image > threshold_otsu(image[inside])) & inside)


def by_rays(traced: Traced) -> Mask:
    """Peaks of the grey value on single rays, as wide everywhere as their median at half prominence."""
    from scipy import signal
    from skimage.transform import warp_polar

    image, centre = traced.volume.array[0], traced.volume.to_ijk(traced.cell.frame.origin)[1::-1]
    reach = int(np.nanmax(traced.windings.radii_mm) / traced.volume.spacing_mm[0] + 6)
    polar = warp_polar(image, centre, radius=reach, output_shape=(RAYS, 4 * reach), preserve_range=True)
    found = [signal.find_peaks(ray, prominence=0.3 * np.ptp(image), width=0) for ray in polar]
    half = np.median(np.concatenate([peaks["widths"] for _, peaks in found])) / 8
    rows, columns = np.indices(image.shape)
    radius = np.hypot(rows - centre[0], columns - centre[1])
    ray = (np.degrees(np.arctan2(rows - centre[0], columns - centre[1])) % 360 * RAYS / 360).astype(int) % RAYS
    peaks = np.full((RAYS, max(len(at) for at, _ in found)), -99.0)
    for row, (at, _) in zip(peaks, found, strict=True):
        row[: len(at)] = at / 4
    return np.asarray(np.abs(radius[..., None] - peaks[ray]).min(axis=-1) <= half)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voxel-size", type=float, default=20.0, help="µm")
    volume, truth = load(parser.parse_args().voxel_size)
    traced = trace(volume)
    stage = measure_winding(traced.volume, traced.cell, traced.windings)
    mask = trace_mask(traced.volume, traced.cell, traced.windings).array[0] > 0
    print(f"\n{date.today()}, winding_ucl/im_1.tif\n\n| bright electrode | Dice with mask_1.tif |\n|---|---|")
    for name, drawn in (("traced windings", mask), ("Otsu's threshold inside the can", by_threshold(traced)),
                        ("peaks on single rays, one thickness", by_rays(traced))):  # fmt: skip
        print(f"| {name} | {dice(drawn, truth):.3f} |")
    print("\n| figure | value |\n|---|---|")
    for one in stage.quantities:
        spread = f" ± {one.uncertainty:.3g}" if one.uncertainty > 0 else ""
        print(f"| {one.title} | {one.value:.4g}{spread} {one.units} |")
    print(f"| time to find and trace | {traced.seconds:.2f} s |")


if __name__ == "__main__":
    main()
