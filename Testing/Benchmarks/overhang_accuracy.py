"""How well overhang is measured on generated cells whose truth is known, beside what today's tools report.

    python Testing/Benchmarks/overhang_accuracy.py [--seeds 24] [--first 0] [--jobs 2]

Every seed draws a cell and a scan (geometry, lean, tilt, blur, noise, rings ...) and is measured twice: clean, and
with places at which the anode ends before the cathode. The peers are bounding-box height and ellipse major axis of
the *true* overhang regions, so they carry no error of segmentation, which a real program adds.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.orient import find_cell
from batterycell.overhang import NEGATIVE_FLAGS, measure_overhang
from batterycell.phantom import CellLabel, Phantom, make_cell, random_cell
from batterycell.volume import UM_PER_MM
from matching import match
from numpy.typing import NDArray
from skimage.measure import label, regionprops

Floats = NDArray[np.float64]
ANGLES = 36
NEGATIVES = 3


@dataclass(frozen=True)
class Score:
    """Errors on one generated cell, in µm unless said otherwise."""

    seed: int
    true: Floats
    error: Floats
    uncertainty: Floats
    voxel: float
    readable: int
    false: int
    negative: int
    negative_found: int
    false_negative: int
    diameter_percent: float
    box_error: Floats
    ellipse_error: Floats


def score(seed: int, negatives: int) -> Score:
    """Make, measure and compare one cell."""
    phantom = make_cell(*random_cell(seed, negatives), seed, angles=ANGLES)
    cell = find_cell(phantom.volume)
    table = measure_overhang(phantom.volume, cell, ANGLES)
    found = match(table, phantom.truth)
    true, measured = found.true[found.found], found.measured[found.found]
    truth = phantom.truth["overhang_um"]
    negative = truth[found.true] < 0
    flagged = np.isin(found.flags, NEGATIVE_FLAGS)
    box, ellipse = peers(phantom)
    diameter = phantom.spec.can.outer_diameter_mm
    return Score(
        seed, truth[true], table["overhang_um"][measured] - truth[true], table["uncertainty_um"][measured],
        float(phantom.volume.spacing_mm.max()) * UM_PER_MM, len(found.true), len(found.false), int(negative.sum()),
        int((negative & flagged).sum()), int((~negative & flagged).sum()),
        100 * (cell.can.outer_diameter_mm / diameter - 1), box, ellipse,
    )  # fmt: skip


def peers(phantom: Phantom) -> tuple[Floats, Floats]:
    """Errors in µm of bounding-box height and ellipse major axis of the true overhang regions on half-planes."""
    volume, frame, truth = phantom.labels, phantom.frame, phantom.truth
    step = float(volume.spacing_mm.max())
    errors: list[tuple[float, float]] = []
    for angle in np.unique(truth["angle_deg"])[:: ANGLES // 12]:
        rows = np.flatnonzero((truth["angle_deg"] == angle) & (truth["overhang_um"] > 0) & (truth["end"] == "top"))
        ends = np.column_stack([truth[f"anode_{axis}_mm"][rows] for axis in "ras"])
        _, radius, height = frame.to_cylindrical(ends)
        across = float(volume.spacing_mm.min())
        heights = np.arange(height.min() - 2, height.max() + 0.5, step)
        radii = np.arange(across, radius.max() + 1, across)
        grid = frame.from_cylindrical(angle, radii, heights[:, None])
        index = np.clip(np.round(volume.to_ijk(grid)[..., ::-1]).astype(int), 0, np.array(volume.array.shape) - 1)
        image = label(volume.array[tuple(np.moveaxis(index, -1, 0))] == CellLabel.OVERHANG, connectivity=2)
        for region in regionprops(image, spacing=(step, across)):
            top = heights[region.bbox[2] - 1]
            middle = radii[region.coords[region.coords[:, 0] == region.bbox[2] - 1, 1]].mean()
            near = np.hypot(height - top, radius - middle)
            if near.min() < 3 * step and region.area > 4 * step * across:
                same = near < near.min() + 1e-6
                length = truth["overhang_um"][rows[same]].mean()
                box = (region.bbox[2] - region.bbox[0]) * step * UM_PER_MM
                errors.append((box - length, region.axis_major_length * UM_PER_MM - length))
    found = np.array(errors).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def row(name: str, error: Floats, true: Floats, voxel: Floats) -> str:
    """One line of the table: bias, mean absolute error, 95th percentile."""
    bias, voxels = 100 * error.mean() / true.mean(), np.abs(error) / voxel
    return (f"| {name} | {len(error)} | {error.mean():+.1f} µm ({bias:+.2f} %) | {voxels.mean():.3f} "
            f"| {np.percentile(voxels, 95):.2f} |")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        clean = list(pool.map(score, seeds, [0] * len(seeds)))
        defective = list(pool.map(score, seeds, [NEGATIVES] * len(seeds)))
    report(clean, defective)


def report(clean: list[Score], defective: list[Score]) -> None:
    """Print the tables."""
    both = clean + defective
    error, true, u = (np.concatenate([getattr(s, name) for s in both]) for name in ("error", "true", "uncertainty"))
    voxel = np.concatenate([np.full(len(s.error), s.voxel) for s in both])
    covered = np.array([np.mean(np.abs(s.error) <= s.uncertainty) for s in both])
    print(f"\n{date.today()}, {len(clean)} seeds, each clean and with negative overhang, {ANGLES} angles\n")
    print("| method | overhangs | bias | mean abs. error (voxel) | 95 % within (voxel) |\n|---|---|---|---|---|")
    print(row("BatteryCell, along the sheet", error, true, voxel))
    for name, attribute in (("bounding-box height", "box_error"), ("ellipse major axis", "ellipse_error")):
        peer = np.concatenate([getattr(s, attribute) for s in clean])
        size = np.concatenate([np.full(len(getattr(s, attribute)), s.voxel) for s in clean])
        mean = np.concatenate([np.full(len(getattr(s, attribute)), s.true.mean()) for s in clean])
        print(row(f"{name} (of the true regions)", peer, mean, size))
    print("\n| figure | value |\n|---|---|")
    print(f"| stated 95 % intervals cover | {100 * np.mean(np.abs(error) <= u):.1f} % of the truth |")
    print(f"| ... the worst cell | {100 * covered.min():.0f} % |")
    print(f"| median half width of the interval | {np.median(u):.1f} µm ({np.median(u / voxel):.2f} voxel) |")
    print(f"| read of what is there | {100 * len(error) / sum(s.readable for s in both):.1f} % |")
    print(f"| read where there is no anode | {sum(s.false for s in both)} |")
    negative = sum(s.negative for s in defective)
    print(f"| negative overhangs found | {sum(s.negative_found for s in defective)} of {negative} |")
    print(f"| false negatives on clean cells | {sum(s.false_negative for s in clean)} |")
    print(f"| false negatives on cells with defects | {sum(s.false_negative for s in defective)} |")
    diameter = np.array([s.diameter_percent for s in both])
    print(f"| can's outer diameter, largest error | {np.abs(diameter).max():.2f} % |")
    print("\n| seed | bias (µm) | mean abs. error (voxel) | covered | found |\n|---|---|---|---|---|")
    for s in both:
        found = f"{s.negative_found} of {s.negative} negative" if s.negative else "clean"
        print(f"| {s.seed} | {s.error.mean():+.1f} | {np.abs(s.error).mean() / s.voxel:.3f} "
              f"| {100 * np.mean(np.abs(s.error) <= s.uncertainty):.0f} % | {found} |")  # fmt: skip


if __name__ == "__main__":
    main()
