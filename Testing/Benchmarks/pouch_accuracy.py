"""How well stacks of sheets are measured on generated pouch and prismatic cells whose truth is known.

    python Testing/Benchmarks/pouch_accuracy.py [--seeds 50] [--first 0] [--jobs 2]

Every seed draws a cell and a scan (size, layers, tabs, bent sheets, tilt, rotation, part of the cell, voxels, blur,
noise ...) and is measured twice: clean, and with two anodes that slipped until one of their edges ends before the
cathodes. The peers are bounding-box length and ellipse major axis of the *true* overhang regions, so they carry no
error of segmentation, which a real program adds.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from batterycell.errors import InputError
from batterycell.phantom import CellLabel, Phantom, make_cell
from batterycell.phantom.pouch_stack import PouchStack, make_stack
from batterycell.phantom.random_pouches import random_pouch
from batterycell.pouch import Pouch, find_kind, find_pouch, measure_pouch
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from numpy.typing import NDArray
from pouch_matching import PouchMatches, match_pouch
from skimage.measure import label, regionprops

os.environ.setdefault("OMP_NUM_THREADS", "1")
Floats = NDArray[np.float64]
POSITIONS = 24
NEGATIVES = 2


@dataclass(frozen=True)
class Score:
    """What was found on one generated cell; lengths in µm."""

    seed: int
    negatives: int
    voxel: float = np.nan
    failure: str = ""
    counts: tuple[int, int] = (0, 0)
    true_counts: tuple[int, int] = (0, 0)
    rows: PouchMatches | None = None
    offset: Floats = field(default_factory=lambda: np.empty((0, 2)))
    turn: Floats = field(default_factory=lambda: np.empty((0, 2)))
    peers: Floats = field(default_factory=lambda: np.empty((0, 2)))
    seconds: float = 0.0
    megavoxels: float = 0.0


def score(seed: int, negatives: int) -> Score:
    """Make, measure and compare one cell."""
    phantom = make_cell(*random_pouch(seed, negatives), seed)
    spec, voxel = phantom.spec, float(phantom.volume.spacing_mm.max()) * UM_PER_MM
    size = phantom.volume.array.size / 1e6
    start = time.perf_counter()
    try:
        if find_kind(phantom.volume) != "pouch":
            return Score(seed, negatives, failure="taken for a cylindrical cell")
        pouch = find_pouch(phantom.volume)
        stage = measure_pouch(phantom.volume, pouch, positions=POSITIONS)
    except InputError as error:
        return Score(seed, negatives, failure=str(error))
    seconds = time.perf_counter() - start
    layers = stage.tables["layers"]
    counts = tuple(int((layers["sheet"] == kind).sum()) for kind in ("cathode", "anode"))
    true_counts = (spec.cathodes, spec.cathodes + 1)
    if counts != true_counts:
        return Score(seed, negatives, voxel, f"counted {counts} of {true_counts}", counts, true_counts)
    stack = make_stack(spec, np.random.default_rng([seed, 0]))
    rows = match_pouch(phantom, stack, pouch, stage)
    offset, turn = misalignment(phantom, stack, pouch, layers)
    return Score(seed, negatives, voxel, "", counts, true_counts, rows, offset, turn,
                 peers(phantom) if not negatives else np.empty((0, 2)), seconds, size)  # fmt: skip


def misalignment(phantom: Phantom, stack: PouchStack, pouch: Pouch, layers: Table) -> tuple[Floats, Floats]:
    """Errors and stated uncertainties of the sheets' offsets in µm and rotations in degrees, shape (n, 2) each."""
    turned = (pouch.frame.basis.T @ phantom.frame.basis).round()
    order = slice(None, None, int(turned[2, 2]))
    sheets = (stack.cathodes, stack.anodes)
    shift = np.concatenate([s.shift[order] for s in sheets]) * np.diag(turned)[:2]
    turn = np.concatenate([s.turn[order] for s in sheets]) * turned[0, 0] * turned[1, 1]
    kinds = layers["sheet"]
    offset = []
    for n, axis in enumerate("xy"):
        length = layers[f"length_{axis}_mm"]
        own = [kinds == kind for kind in ("cathode", "anode")]
        groups = [own[0] | own[1]] if all(np.isfinite(length[group]).any() for group in own) else own
        for group in groups:
            true = UM_PER_MM * (shift[group, n] - shift[group, n].mean())
            measured, u = (layers[f"{name}offset_{axis}_um"][group] for name in ("", "u_"))
            # Where a sheet's length across is not seen, its offset is told at another place along it than the truth's.
            seen = np.isfinite(layers[f"length_{'yx'[n]}_mm"][group])
            offset.append(np.column_stack([measured - true, np.where(seen, u, np.nan)]))
    error = layers["rotation_deg"] - np.degrees(turn - turn.mean())
    return np.concatenate(offset), np.column_stack([error, layers["u_rotation_deg"]])


def peers(phantom: Phantom) -> Floats:
    """Errors in µm of bounding-box length and ellipse major axis of the true overhang regions on cuts, shape (n, 2)."""
    truth, frame, volume = phantom.truth, phantom.frame, phantom.labels
    step = float(volume.spacing_mm.min())
    errors: list[tuple[float, float]] = []
    for edge in np.unique(truth["edge"]):
        axis, sign = "xy".index(edge[0]), 1 if edge[1] == "+" else -1
        for number in (1, 3):
            rows = truth["edge"] == edge
            along = np.sort(np.unique(truth["position_mm"][rows].round(3)))[number]
            rows &= (truth["position_mm"].round(3) == along) & (truth["flag"] == "ok")
            if not rows.any():
                continue
            end = (np.column_stack([truth[f"anode_{a}_mm"][rows] for a in "ras"]) - frame.origin) @ frame.basis
            outward = np.arange((sign * end[:, axis]).min() - 1.5, (sign * end[:, axis]).max() + 0.5, step)
            up = np.arange(end[:, 2].min() - 0.3, end[:, 2].max() + 0.3, step)
            grid = np.zeros((len(outward), len(up), 3))
            grid[..., axis], grid[..., 1 - axis], grid[..., 2] = sign * outward[:, None], end[:, 1 - axis].mean(), up
            index = np.round(volume.to_ijk(grid @ frame.basis.T + frame.origin)[..., ::-1]).astype(int)
            inside = np.all((index >= 0) & (index < volume.array.shape), axis=-1)
            index = np.clip(index, 0, np.array(volume.array.shape) - 1)
            picture = (volume.array[tuple(np.moveaxis(index, -1, 0))] == CellLabel.OVERHANG) & inside
            for region in regionprops(label(picture, connectivity=2), spacing=(step, step)):
                height, tip = up[region.coords[:, 1]].mean(), outward[region.bbox[2] - 1]
                near = np.hypot(end[:, 2] - height, sign * end[:, axis] - tip)
                if near.min() < 0.15 and region.area > 6 * step * step:
                    length = truth["overhang_um"][rows][near < near.min() + 1e-3].mean()
                    box = (region.bbox[2] - region.bbox[0]) * step * UM_PER_MM
                    errors.append((box - length, region.axis_major_length * UM_PER_MM - length))
    return np.array(errors).reshape(-1, 2)


def row(name: str, error: Floats, mean: float, voxel: Floats) -> str:
    """One line of the table: bias, mean absolute error, 95th percentile."""
    voxels = np.abs(error) / voxel
    return (f"| {name} | {len(error)} | {error.mean():+.1f} µm ({100 * error.mean() / mean:+.2f} %) "
            f"| {voxels.mean():.3f} | {np.percentile(voxels, 95):.2f} |")  # fmt: skip


def pooled(scores: list[Score]) -> tuple[Floats, Floats, Floats, Floats]:
    """Errors, stated half widths, true values and voxel sizes of all places that were read, µm."""
    parts = []
    for s in scores:
        read = s.rows.read & ~s.rows.tab & s.rows.expected
        true = s.rows.true[read]
        parts.append(
            np.column_stack([s.rows.measured[read] - true, s.rows.uncertainty[read], true, true * 0 + s.voxel])
        )
    error, u, true, voxel = np.concatenate(parts).T
    return error, u, true, voxel


def recall(s: Score) -> tuple[int, int, int]:
    """Negative places that are there, that were found, and that were found where there are none."""
    negative = (s.rows.true < 0) & s.rows.expected & ~s.rows.tab
    found = negative & s.rows.flagged
    return int(negative.sum()), int(found.sum()), int((s.rows.flagged & (s.rows.true > 0)).sum())


def report(scores: list[Score]) -> None:
    """Print the tables."""
    good = [s for s in scores if not s.failure]
    error, u, true, voxel = pooled(good)
    seeds = len({s.seed for s in scores})
    print(f"\n{date.today()}, {seeds} seeds, each clean and with slipped anodes, {POSITIONS} places a side\n")
    print("| method | overhangs | bias | mean abs. error (voxel) | 95 % within (voxel) |\n|---|---|---|---|---|")
    print(row("BatteryCell, along the sheet", error, true.mean(), voxel))
    for n, name in enumerate(("bounding-box length", "ellipse major axis")):
        peer = [s for s in good if len(s.peers)]
        errors = np.concatenate([s.peers[:, n] for s in peer])
        print(row(f"{name} (of the true regions)", errors, true.mean(),
                  np.concatenate([np.full(len(s.peers), s.voxel) for s in peer])))  # fmt: skip
    print("\n| figure | value |\n|---|---|")
    print(f"| cells with every layer counted | {len(good)} of {len(scores)} |")
    print(f"| stated 95 % intervals cover | {100 * np.mean(np.abs(error) <= u):.1f} % of the truth |")
    print(f"| median half width of the interval | {np.median(u):.1f} µm ({np.median(u / voxel):.2f} voxel) |")
    there = [s.rows.expected & ~s.rows.tab for s in good]
    read = sum((s.rows.read & e).sum() for s, e in zip(good, there, strict=True))
    print(f"| read of what is there | {100 * read / sum(e.sum() for e in there):.1f} % |")
    hidden = [s.rows.tab & s.rows.read & (np.abs(s.rows.measured - s.rows.true) > 2 * s.voxel) for s in good]
    print(
        f"| a tab taken for the sheet's end | {sum(h.sum() for h in hidden)} of {sum(s.rows.tab.sum() for s in good)} |"
    )
    for name, these in (("clean cells", [s for s in good if not s.negatives]),
                        ("cells with slipped anodes", [s for s in good if s.negatives])):  # fmt: skip
        there_, found, false = (sum(values) for values in zip(*map(recall, these), strict=True))
        print(f"| negative overhangs found, {name} | {found} of {there_}, {false} false |")
    for name, unit, values in (("offset of a sheet", "µm", [s.offset for s in good]),
                               ("rotation of a sheet", "°", [s.turn for s in good])):  # fmt: skip
        all_ = np.concatenate(values)
        all_ = all_[np.isfinite(all_).all(axis=1)]
        print(f"| {name}: mean abs. error | {np.abs(all_[:, 0]).mean():.3g} {unit}, intervals cover "
              f"{100 * np.mean(np.abs(all_[:, 0]) <= all_[:, 1]):.1f} % |")  # fmt: skip
    print(f"| time | {np.median([s.seconds for s in good]):.1f} s a cell of "
          f"{np.median([s.megavoxels for s in good]):.1f} million voxels (median) |")  # fmt: skip
    print("\n| seed | bias (µm) | mean abs. error (voxel) | covered | read | negative |\n|---|---|---|---|---|---|")
    for s in scores:
        print(f"| {s.seed} | {s.failure} |" if s.failure else seed_row(s))


def seed_row(s: Score) -> str:
    """One line for a cell."""
    error, u, _, voxel = pooled([s])
    expected = s.rows.expected & ~s.rows.tab
    there, found, false = recall(s)
    return (f"| {s.seed} | {error.mean():+.1f} | {np.abs(error / voxel).mean():.3f} "
            f"| {100 * np.mean(np.abs(error) <= u):.0f} % | {100 * s.rows.read[expected].mean():.0f} % "
            f"| {found} of {there}, {false} false |")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        clean = list(pool.map(score, seeds, [0] * len(seeds)))
        slipped = list(pool.map(score, seeds, [NEGATIVES] * len(seeds)))
    report(clean + slipped)


if __name__ == "__main__":
    main()
