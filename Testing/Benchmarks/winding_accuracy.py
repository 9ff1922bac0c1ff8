"""How well windings are traced on generated cells whose truth is known.

    python Testing/Benchmarks/winding_accuracy.py [--seeds 24] [--first 0]

Every seed draws a cell and a scan. Each quarter of a degree of the true cathode's middle is looked up in the traced
windings: how far off it lies, and whether its winding has the right number.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.orient import Cell, find_cell
from batterycell.phantom import Phantom, make_cell, random_cell
from batterycell.winding import trace_windings
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PER_TURN = 1440


@dataclass(frozen=True)
class Score:
    """One generated cell; errors in voxels across the axis."""

    error: Floats
    seen: float
    numbered: float
    turns_off: float
    seconds: float


def true_windings(made: Phantom, cell: Cell, height_mm: float, per_turn: int = PER_TURN) -> tuple[Floats, Floats]:
    """Turn coordinates (0 where the cathode begins) and RAS of the cathode's middle at a height of the found cell."""
    truth = made.winding_truth
    turns = np.arange(0, truth.turns, 1 / per_turn)
    turns = turns[truth.present(turns) & truth.present(turns - 0.02) & truth.present(turns + 0.02)]
    height = float(made.frame.to_cylindrical(cell.frame.origin + height_mm * cell.frame.up)[2])
    return turns, truth.ras(turns, height)


def score(seed: int) -> Score:
    made = make_cell(*random_cell(seed), seed, angles=4)
    cell = find_cell(made.volume)
    began = time.perf_counter()
    windings = trace_windings(made.volume, cell)
    seconds = time.perf_counter() - began
    turns, ras = true_windings(made, cell, float(windings.heights_mm.mean()))
    place = windings.winding_at(ras)
    voxel = float(np.sort(made.volume.spacing_mm)[1])
    clear = np.abs((turns + 0.5) % 1 - 0.5) > 0.02
    error = place.distance_um / 1000 / voxel
    numbered = float((place.winding == np.floor(turns) + 1)[clear].mean())
    off = windings.turns - made.winding_truth.turns
    return Score(error[np.isfinite(error)], float(np.isfinite(error).mean()), numbered, off, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    scores = [score(seed) for seed in range(args.first, args.first + args.seeds)]
    error = np.concatenate([item.error for item in scores])
    last = args.first + args.seeds - 1
    print(f"\n{date.today()}, generated cells, seeds {args.first} to {last}\n\n| figure | value |\n|---|---|")
    right = sum(abs(item.turns_off) < 0.1 for item in scores)
    print(f"| cells whose windings are counted right, to a tenth of a turn | {right} of {len(scores)} |")
    print(f"| places of the cathode with the right number | {100 * np.mean([s.numbered for s in scores]):.2f} % |")
    print(f"| ... the worst cell | {100 * min(item.numbered for item in scores):.2f} % |")
    print(f"| places found | {100 * np.mean([item.seen for item in scores]):.2f} % |")
    print(f"| bias of the radius | {error.mean():+.3f} voxel |")
    print(f"| 95 % within | {np.percentile(np.abs(error), 95):.2f} voxel |")
    print(f"| largest | {np.abs(error).max():.2f} voxel |")
    print(f"| length of the cathode, largest error | {max(abs(item.turns_off) for item in scores):.2f} turns |")
    print(f"| time to trace, median | {np.median([item.seconds for item in scores]):.2f} s |")


if __name__ == "__main__":
    main()
