"""How well everything of a cell is measured on generated cells that are hard to measure.

    python Testing/Benchmarks/metrology_accuracy.py [--seeds 50] [--first 0] [--jobs 2] [--details]

Every seed draws a cell and a scan with one family of trouble by turns, and others that join in: noise, blur, tilt,
ovality, dents, tabs, collapsed cores, delamination, missing layers, curled and touching tips, coarse, fine and flat
voxels, upside down, both ends, foreign particles, no can. It is measured twice: as it is, by every stage of the road,
and its overhang once more with places at which the anode ends before the cathode. What fails is counted as a failure.
An overhang that is not read counts, in the stricter mean, as if it had been guessed as the median of those read.
The peers are bounding-box height and ellipse major axis of the *true* overhang regions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date

import numpy as np
from batterycell.phantom import FAMILIES
from metrology_scores import NEGATIVES, CellScore, score_cell
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FIGURES = (  # of the can and the windings: key, aim
    ("axis (deg)", ""), ("outer diameter (%)", "0.1"), ("inner diameter (%)", ""), ("wall (voxel)", ""),
    ("least wall (voxel)", ""), ("can_ovality_percent", ""), ("dent depth (voxel)", "0.5"),
    ("dent where none is (voxel)", "0.5"),
    ("dent map, mean abs. (voxel)", ""), ("winding_turns", ""), ("pitch (%)", ""), ("mean deviation (voxel)", ""),
    ("greatest deviation (voxel)", ""), ("core buckling (voxel)", ""), ("cathode's middle, mean abs. (voxel)", ""),
    ("particle size, mean (µm)", ""), ("gap size, mean (µm)", ""),
)  # fmt: skip


def joined(scores: Iterable[CellScore], take: Callable[[CellScore], Floats]) -> Floats:
    """One array of those of all cells."""
    return np.concatenate([np.empty(0), *map(take, scores)])


def bias_percent(scores: list[CellScore]) -> float:
    """Mean error over mean truth."""
    true = joined(scores, lambda s: s.true)
    return 100 * float(joined(scores, lambda s: s.error).mean() / true.mean()) if len(true) else np.nan


def mean_voxels(scores: list[CellScore], strict: bool) -> float:
    """Mean absolute error in voxels, of what was read or, strictly, of all that is there."""
    parts = joined(scores, lambda s: np.abs(s.error) / s.voxel_um)
    if strict:
        parts = np.concatenate([parts, joined(scores, lambda s: s.unread / s.voxel_um)])
    return float(parts.mean()) if len(parts) else np.nan


def coverage(scores: Iterable[CellScore]) -> float:
    """Share in percent of true overhangs that lie in their stated interval."""
    inside = joined(scores, lambda s: (np.abs(s.error) <= s.uncertainty).astype(float))
    return 100 * float(inside.mean()) if len(inside) else np.nan


def total(scores: Iterable[CellScore], name: str) -> int:
    """Sum of a count."""
    return sum(score.counts.get(name, 0) for score in scores)


def counted(scores: list[CellScore]) -> str:
    """Cells whose windings were counted exactly right, of all."""
    clean = [score for score in scores if not score.negatives]
    right = sum(score.numbers.get("winding_count") == 0 for score in clean)
    return f"{right} of {len(clean)}"


def line(*cells: object) -> None:
    """One row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |")


def report_overhang(scores: list[CellScore]) -> None:
    """The overhang beside its peers, and what the issue asks of it."""
    read, readable = len(joined(scores, lambda s: s.error)), sum(score.readable for score in scores)
    worst = min((score for score in scores if len(score.error)), key=lambda score: coverage([score]))
    clean = [score for score in scores if not score.negatives]
    line("overhang", "value", "aim")
    line("---", "---", "---")
    line("bias", f"{bias_percent(scores):+.2f} %", "≤ 2 %")
    for index, name in enumerate(("bounding-box height", "ellipse major axis")):
        peer = joined(clean, lambda s: s.peers[index])  # noqa: B023 - called at once
        line(
            f"... {name} of the true regions",
            f"{100 * peer.mean() / joined(clean, lambda s: s.true).mean():+.2f} %",
            "",
        )
    line("mean absolute error of what was read", f"{mean_voxels(scores, False):.3f} voxel", "≤ 0.5")
    line("... of all that is there, unread ones guessed", f"{mean_voxels(scores, True):.3f} voxel", "≤ 0.5")
    line("read of what is there", f"{100 * read / max(readable, 1):.1f} %", "")
    line("read where there is nothing", total(scores, "false read"), "0")
    line("95 % intervals cover", f"{coverage(scores):.1f} %", "93–97 %")
    line("... worst cell", f"{coverage([worst]):.0f} % (seed {worst.seed}: {', '.join(worst.families)})", "")
    line("negative overhangs found", f"{total(scores, 'negative found')} of {total(scores, 'negative')}", "all")
    line("... beyond half a voxel below zero", f"{total(scores, 'deep found')} of {total(scores, 'deep')}", "all")
    line("... places with any", f"{total(scores, 'places found')} of {total(scores, 'places')}", "all")
    line("false alarms on cells without", total(clean, "false negative"), "0")
    line("false alarms on cells with", total(scores, "false negative") - total(clean, "false negative"), "0")


def report_numbers(scores: list[CellScore]) -> None:
    """Can, windings, particles and gaps: every cell once."""
    clean = [score for score in scores if not score.negatives]
    line("can and winding", "cells", "mean error", "95 % within", "worst (seed)", "in its interval", "aim")
    line(*["---"] * 7)
    line("layer count exactly right", counted(scores), "", "", "", "", "all")
    for name, aim in FIGURES:
        known = [score for score in clean if np.isfinite(score.numbers.get(name, np.nan))]
        if known:
            values = np.array([score.numbers[name] for score in known])
            worst = known[int(np.abs(values).argmax())]
            most = f"{values[np.abs(values).argmax()]:+.3f} ({worst.seed})"
            line(name, len(known), f"{values.mean():+.3f}", f"{np.percentile(np.abs(values), 95):.3f}", most, "", aim)
    for name in sorted({name for score in clean for name in score.covered}):
        held = [score.covered[name] for score in clean if name in score.covered]
        line(name, len(held), "", "", "", f"{100 * np.mean(held):.0f} %", "95 %")
    for kind in ("particle", "gap"):
        found = f"{total(clean, f'{kind} found')} of {total(clean, kind)} found"
        line(f"{kind}s", found, f"{total(clean, f'{kind} false')} false", "", "", "", "")


def report_families(scores: list[CellScore]) -> None:
    """A row a family: every cell in which it takes part."""
    line("family", "cells", "bias", "error (voxel)", "strict", "read", "covered", "counted", "deep negatives", "failed")
    line(*["---"] * 10)
    for family in FAMILIES:
        some = [score for score in scores if family in score.families]
        read, there = len(joined(some, lambda s: s.error)), max(sum(score.readable for score in some), 1)
        if some:
            line(family, len(some) // 2, f"{bias_percent(some):+.2f} %", f"{mean_voxels(some, False):.3f}",
                 f"{mean_voxels(some, True):.3f}", f"{100 * read / there:.1f} %", f"{coverage(some):.1f} %",
                 counted(some), f"{total(some, 'deep found')} of {total(some, 'deep')}",
                 sum(bool(score.failures) for score in some))  # fmt: skip


def report_cells(scores: list[CellScore]) -> None:
    """A row a cell."""
    line("seed", "families", "bias", "error", "strict", "read", "covered", "false alarms", "negatives", "count off")
    line(*["---"] * 10)
    for s in scores:
        line(s.seed, ", ".join(s.families), f"{bias_percent([s]):+.1f} %", f"{mean_voxels([s], False):.2f}",
             f"{mean_voxels([s], True):.2f}", f"{100 * len(s.error) / max(s.readable, 1):.0f} %",
             f"{coverage([s]):.0f} %", s.counts.get("false negative", ""),
             f"{s.counts.get('deep found', 0)} of {s.counts.get('deep', 0)}",
             s.numbers.get("winding_count", ""))  # fmt: skip


def report_failures(scores: list[CellScore]) -> None:
    """What stopped, and where."""
    failed = [score for score in scores if score.failures]
    print(f"\nFailures: {len(failed)} of {len(scores)} measurements.")
    for score in failed:
        for stage, message in score.failures.items():
            print(f"- seed {score.seed} ({', '.join(score.families)}), {stage}: {message}")


def tell(score: CellScore) -> None:
    """One line of progress."""
    words = [f"seed {score.seed}", f"{mean_voxels([score], True):.2f} voxel", f"covered {coverage([score]):.0f} %",
             *map(": ".join, score.failures.items())]  # fmt: skip
    print(", ".join(words), file=sys.stderr, flush=True)


def measure(options: argparse.Namespace) -> list[CellScore]:
    """All cells, in the order of their seeds."""
    seeds = [seed for seed in range(options.first, options.first + options.seeds) for _ in range(2)]
    negatives = [0, NEGATIVES] * options.seeds
    scores = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for score in pool.map(score_cell, seeds, negatives):
            scores.append(score)
            tell(score)
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--details", action="store_true", help="a row a cell as well")
    options = parser.parse_args()
    scores = measure(options)
    last = options.first + options.seeds - 1
    print(f"\n{date.today()}, hard generated cells, seeds {options.first} to {last}, with and without negatives\n")
    reports = [report_overhang, report_numbers, report_families, report_cells][: 4 if options.details else 3]
    for each in reports:
        each(scores)
        print()
    report_failures(scores)


if __name__ == "__main__":
    main()
