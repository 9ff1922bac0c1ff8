"""How long overhang regions are as objects: along the sheet, and as other programs report them.

    python Testing/Benchmarks/overhang_objects.py [--seeds 8] [--first 0] [--jobs 2]

Every seed draws a cell with three places at which the anode ends before the cathode, which cut objects in two. Its
objects are found between the measured edges, and in its true labels. The truth of a region is the mean of the exact
lengths along the sheet of the anode's two faces; the number of objects is counted in the exact table.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.orient import Cell, find_cell
from batterycell.overhang import (
    LabelClasses,
    LabelledCell,
    measure_objects,
    measure_overhang,
    measure_overhang_labels,
)
from batterycell.phantom import CellLabel, Phantom, make_cell, random_cell
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from batterycell.winding import trace_windings
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = tuple[str, float, int]
ANGLES = 72
NEGATIVES = 3
CLASSES = LabelClasses((CellLabel.CATHODE,), (CellLabel.OVERHANG,), (CellLabel.ANODE,))
MEASURES = {
    "length along the sheet": "arc_um",
    "2D major axis of the ellipse": "major_axis_um",
    "Feret diameter": "feret_um",
    "height of the bounding box": "box_um",
}


@dataclass(frozen=True)
class Score:
    """Regions of one cell from one source.

    Args:
        true: Exact lengths in µm, shape (n,).
        found: Each measure of `MEASURES` in µm, shape (n,) each.
        inside: Whether the stated 95 % interval of the length holds the truth, shape (n,).
        voxel: Voxel size along the axis in µm.
        missed: Regions longer than two voxels that were not found.
        count: Number of objects, found and true.
    """

    true: Floats
    found: dict[str, Floats]
    inside: NDArray[np.bool_]
    voxel: float
    missed: int
    count: tuple[int, int]


def score(seed: int) -> dict[str, Score]:
    """Make and measure one cell."""
    phantom = make_cell(*random_cell(seed, NEGATIVES), seed, angles=ANGLES)
    cell = find_cell(phantom.volume)
    windings = trace_windings(phantom.volume, cell)
    labels = LabelledCell(phantom.labels, CLASSES)
    edges = measure_overhang(phantom.volume, cell, ANGLES, None, windings)
    table = measure_overhang_labels(labels, cell, ANGLES, None, windings)
    return {
        "measured edges": _compare(phantom, cell, edges, None),
        "true labels": _compare(phantom, cell, table, labels),
    }


def _compare(phantom: Phantom, cell: Cell, table: Table, labels: LabelledCell | None) -> Score:
    stage = measure_objects(phantom.volume, cell, table, None, labels)
    planes, truth = stage.tables["object_planes"], true_lengths(phantom.truth)
    gap = planes["winding"] - (planes["side"] == "outer")
    keys = list(zip(planes["end"].tolist(), planes["angle_deg"].tolist(), gap.tolist(), strict=True))
    known = np.array([key in truth for key in keys])
    true = np.array([truth.get(key, np.nan) for key in keys])[known]
    found = {name: planes[column][known] for name, column in MEASURES.items()}
    inside = np.abs(planes["arc_um"][known] - true) <= planes["uncertainty_um"][known]
    voxel = float(phantom.volume.spacing_mm.max()) * UM_PER_MM
    missed = sum(length > 2 * voxel for key, length in truth.items() if key not in set(keys))
    return Score(true, found, inside, voxel, missed, (len(stage.tables["objects"]), true_count(phantom.truth)))


def true_lengths(truth: Table) -> dict[Key, float]:
    """Mean length in µm of both faces of every anode that stands out, by end, angle and gap between the windings."""
    faces: dict[Key, list[float]] = {}
    for row in np.flatnonzero(truth["overhang_um"] > 0).tolist():
        gap = int(truth["winding"][row]) - int(truth["side"][row] == "outer")
        key = (str(truth["end"][row]), float(truth["angle_deg"][row]), gap)
        faces.setdefault(key, []).append(float(truth["overhang_um"][row]))
    return {key: float(np.mean(lengths)) for key, lengths in faces.items()}


def true_count(truth: Table) -> int:
    """Number of unbroken runs of angles at which an anode stands out, along each winding from the seam to the seam."""
    lengths = true_lengths(truth)
    angles = np.unique(truth["angle_deg"])
    first = truth["winding"] == 1
    turn = np.array([truth["turn"][first & (truth["angle_deg"] == angle)][0] % 1 for angle in angles])
    ordered = angles[np.argsort(turn)]
    count = 0
    for end, gap in {(end, gap) for end, _, gap in lengths}:
        stands = np.array([(end, angle, gap) in lengths for angle in ordered.tolist()])
        count += int(np.count_nonzero(np.diff(stands.astype(int), prepend=0) == 1))
    return count


def report(scores: list[dict[str, Score]]) -> str:
    """The tables."""
    lines = [f"\n{date.today()}, {len(scores)} generated cells, {ANGLES} half-planes each\n"]
    lines += ["| regions from | measure | regions | bias | mean absolute error (voxel) |", "|---|---|---|---|---|"]
    for source in scores[0]:
        lines += [_line(source, name, [one[source] for one in scores]) for name in MEASURES]
    lines += ["", "| regions from | objects right | regions missed | inside the stated 95 % |", "|---|---|---|---|"]
    for source in scores[0]:
        some = [one[source] for one in scores]
        right = sum(one.count[0] == one.count[1] for one in some)
        inside = np.concatenate([one.inside for one in some]).mean()
        lines.append(f"| {source} | {right} of {len(some)} cells | {sum(one.missed for one in some)} "
                     f"| {100 * inside:.1f} % |")  # fmt: skip
    return "\n".join(lines)


def _line(source: str, name: str, scores: list[Score]) -> str:
    errors = [one.found[name] - one.true for one in scores]
    voxels = np.concatenate([error / one.voxel for error, one in zip(errors, scores, strict=True)])
    bias = 100 * sum(error.sum() for error in errors) / sum(one.true.sum() for one in scores)
    return f"| {source} | {name} | {len(voxels)} | {bias:+.2f} % | {np.abs(voxels).mean():.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        print(report(list(pool.map(score, range(options.first, options.first + options.seeds)))))


if __name__ == "__main__":
    main()
