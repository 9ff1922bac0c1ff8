"""How well a can is measured on generated cells whose truth is known, beside what a threshold gives.

    python Testing/Benchmarks/can_accuracy.py [--seeds 38] [--first 0] [--jobs 2] [--details]

Every seed draws a cell and a scan with one family of trouble by turns (see `random_hard_cell`), whose can is oval or
dented as it comes; cells without a can are left out. All figures are of the part of the wall that the volume shows.

The peer thresholds each section at Otsu's value and takes the mask: the diameter is the mean of its bounding box'
sides, ovality that of the ellipse with the mask's second moments, wall thickness twice the greatest distance to the
background halfway around (mean over the skeleton), a dent the greatest depth below the mask's convex hull.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from batterycell.can import measure_can
from batterycell.measured import Stage
from batterycell.orient import find_cell
from batterycell.phantom import Phantom, make_cell, random_hard_cell
from batterycell.volume import UM_PER_MM
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import regionprops
from skimage.morphology import convex_hull_image, skeletonize

Floats = NDArray[np.float64]
PEER_SECTIONS = 8
ROWS = (  # key, title, aim
    ("diameter_percent", "outer diameter, error (%)", "0.1"),
    ("inner_percent", "inner diameter, error (%)", ""),
    ("wall_um", "wall, mean, error (µm)", "a few µm"),
    ("ovality_percent", "ovality, error (% of the diameter)", ""),
    ("dent_voxels", "deepest dent, error (voxel)", "0.5"),
    ("map_voxels", "dent map, mean absolute error (voxel)", ""),
    ("false_voxels", "dent where there is none (voxel)", "0"),
)


@dataclass
class Score:
    """Errors on one generated cell, ours and the peer's, by key; and which of our intervals hold the truth."""

    seed: int
    family: str
    ours: dict[str, float] = field(default_factory=dict)
    peer: dict[str, float] = field(default_factory=dict)
    holds: dict[str, bool] = field(default_factory=dict)


def score(seed: int) -> Score | None:
    """Make, measure and compare one cell; None where it has no can."""
    hard = random_hard_cell(seed)
    if not hard.spec.can.present:
        return None
    made = make_cell(hard.spec, hard.scan, seed, angles=4)
    truth, result = true_values(made), Score(seed, hard.families[0])
    stage = measure_can(made.volume, find_cell(made.volume))
    result.ours = errors({name: value for name, (value, _) in ours(stage).items()}, truth)
    result.peer = errors(peer(made), truth)
    result.ours["map_voxels"] = map_error(made, stage)
    for name, (value, u) in ours(stage).items():
        result.holds[name] = abs(value - truth[name]) <= u
    return result


def true_values(made: Phantom) -> dict[str, float]:
    """Of the straight wall inside the volume."""
    shape, can = made.can_shape, made.spec.can
    angles, heights = np.arange(0, 360, 2.0), np.arange(*shape.straight_mm, 0.05)[:, None]
    ijk = made.volume.to_ijk(made.frame.from_cylindrical(angles, shape.outer_mm(angles, heights), heights))
    seen = ((ijk >= 0) & (ijk <= np.array(made.volume.array.shape[::-1]) - 1)).all(axis=-1)
    wall = float(np.nanmean(np.where(seen, shape.wall_um(angles, heights), np.nan)))
    return {
        "diameter": can.outer_diameter_mm,
        "inner": can.outer_diameter_mm - 2 * can.wall_um / UM_PER_MM,
        "wall": wall,
        "ovality": 100 * can.ovality,
        "dent": float(np.where(seen, shape.dent_um(angles, heights), 0).max()),
        "voxel": float(made.volume.spacing_mm.min()) * UM_PER_MM,
    }


def ours(stage: Stage) -> dict[str, tuple[float, float]]:
    """Values and half widths of their intervals."""
    names = {"diameter": "outer_diameter_mm", "inner": "inner_diameter_mm", "wall": "wall_mean_um",
             "ovality": "ovality_percent", "dent": "dent_depth_um"}  # fmt: skip
    by_name = {one.name: (one.value, one.uncertainty) for one in stage.quantities}
    return {key: by_name[f"can_{name}"] for key, name in names.items()}


def errors(values: dict[str, float], truth: dict[str, float]) -> dict[str, float]:
    """Measured minus true; a dent of a tenth to half a voxel counts neither as one nor as none."""
    found = {f"{key}_percent": 100 * (values[key] / truth[key] - 1) for key in ("diameter", "inner")}
    found |= {"wall_um": values["wall"] - truth["wall"], "ovality_percent": values["ovality"] - truth["ovality"]}
    dented = truth["dent"] > 0.5 * truth["voxel"]
    found["dent_voxels" if dented else "false_voxels"] = (values["dent"] - (truth["dent"] if dented else 0.0)) / truth[
        "voxel"
    ]
    return found


def map_error(made: Phantom, stage: Stage) -> float:
    """Mean absolute error of the dent map, in voxels."""
    found = next(one for one in stage.maps if one.name == "can_dent_um")
    angle, _, height = made.frame.to_cylindrical(found.places)
    off = np.abs(found.values - made.can_shape.dent_um(angle, height))
    return float(np.nanmean(off) / made.volume.spacing_mm.min() / UM_PER_MM)


def peer(made: Phantom) -> dict[str, float]:
    """What sections at a threshold give, medians over sections (greatest for the dent)."""
    along = int(
        np.argmax(np.abs(np.linalg.inv(made.volume.ijk_to_ras[:3, :3]) @ made.frame.up * made.volume.spacing_mm))
    )
    sections = np.moveaxis(made.volume.array, 2 - along, 0)
    low, high = made.volume.to_ijk(made.frame.from_cylindrical(0, 0, np.array(made.can_shape.straight_mm)))[:, along]
    first, last = sorted(np.clip([low, high], 1, len(sections) - 2))
    rows = [_section(sections[round(n)], made) for n in np.linspace(first, last, PEER_SECTIONS)]
    named = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    return {key: float(values.max() if key == "dent" else np.median(values)) for key, values in named.items()}


def _section(section: NDArray[np.uint8], made: Phantom) -> dict[str, float]:
    voxel = float(made.volume.spacing_mm.min())
    wall = section > threshold_otsu(section)
    solid = ndimage.binary_fill_holes(wall)
    region = max(regionprops(solid.astype(int)), key=lambda one: one.area)
    top, left, bottom, right = region.bbox
    hull = convex_hull_image(solid)
    depth = ndimage.distance_transform_edt(hull)[hull & ~solid].max(initial=0.0)
    skeleton = skeletonize(wall)
    thickness = 2 * float(ndimage.distance_transform_edt(wall)[skeleton].mean()) - 1
    diameter = voxel * (bottom - top + right - left) / 2
    major, minor = region.axis_major_length, region.axis_minor_length
    return {
        "diameter": diameter,
        "inner": diameter - 2 * thickness * voxel,
        "wall": thickness * voxel * UM_PER_MM,
        "ovality": 200 * (major - minor) / (major + minor),
        "dent": depth * voxel * UM_PER_MM,
    }


def table(scores: list[Score]) -> str:
    """The Markdown table."""
    lines = [
        f"Cans of {len(scores)} generated cells, {date.today().isoformat()}.",
        "",
        "| | mean | mean absolute | worst | 95 % interval holds | threshold: mean | mean absolute | worst | aim |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for key, title, aim in ROWS:
        holds = [
            one.holds[name] for one in scores for name in [key.split("_")[0]] if name in one.holds and key in one.ours
        ]
        share = f"{100 * np.mean(holds):.0f} %" if holds else "–"
        mine, other = (_figures([side[key] for side in sides if key in side]) for sides in (
            [one.ours for one in scores], [one.peer for one in scores]))  # fmt: skip
        lines.append(f"| {title} | {mine} | {share} | {other} | {aim or '–'} |")
    return "\n".join(lines)


def _figures(values: list[float]) -> str:
    known = np.array([value for value in values if np.isfinite(value)])
    if not len(known):
        return "– | – | –"
    lost = f" ({len(values) - len(known)} lost)" if len(known) < len(values) else ""
    return f"{known.mean():+.3f}{lost} | {np.abs(known).mean():.3f} | {known[np.abs(known).argmax()]:+.3f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=38)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--details", action="store_true", help="a line for each cell")
    args = parser.parse_args()
    with ProcessPoolExecutor(args.jobs) as pool:
        scores = [one for one in pool.map(score, range(args.first, args.first + args.seeds)) if one is not None]
    if args.details:
        for one in scores:
            print(f"{one.seed:4d} {one.family:18s}", {key: round(value, 3) for key, value in one.ours.items()},
                  [name for name, held in one.holds.items() if not held])  # fmt: skip
        print()
    print(table(scores))


if __name__ == "__main__":
    main()
