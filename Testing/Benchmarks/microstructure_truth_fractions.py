"""How often intervals of fractions hold the truth: windows of large generated cathodes, beside peers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.microstructure.fractions import count_classes, measure_fractions
from batterycell.microstructure.representativity_cells import Cells
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from microstructure_cathodes import CLASSES, Cathode, random_cathode, true_fractions

SECTION, WINDOW, BLOCK, CUBE = 1536, 384, 192, 72


@dataclass(frozen=True)
class Held:
    """One fraction of one window: whether intervals hold the truth."""

    dimension: int
    phase: str
    half: float
    own: bool
    reported: bool
    pixels: bool
    quarters: bool


def score_fractions(seed: int) -> list[Held]:
    """Sections for all seeds, a volume for every third."""
    held = []
    parts = [((1, SECTION, SECTION), WINDOW)] + ([((BLOCK,) * 3, CUBE)] if seed % 3 == 0 else [])
    for shape, size in parts:
        cathode = random_cathode(seed, shape)
        truth = true_fractions(cathode)
        for corner in _corners(shape, size):
            held += _windows(cathode.window(*corner, size=size), truth)
    return held


def _corners(shape: tuple[int, int, int], size: int) -> list[tuple[int, ...]]:
    """Every other tile of a chessboard."""
    starts = [range(0, max(length - size, 0) + 1, size) for length in shape]
    grid = np.stack(np.meshgrid(*map(np.array, starts), indexing="ij"), -1).reshape(-1, 3)
    return [tuple(one) for one in grid[(grid // size).sum(axis=1) % 2 == 0].tolist()]


def _windows(part: Cathode, truth: dict[int, float]) -> list[Held]:
    source = SlabSource.of_array(part.labels)
    cells = Cells.of_volume(source.shape, part.voxel_um, part.dimension)
    found = measure_fractions(count_classes(source, CLASSES, cells, Progress()), CLASSES, source, None)
    held = []
    for value, one in found.items():
        true, got = truth[value], one.sampling
        peers = [abs(got.value - true) <= half for half in (_pixels(got.value, part), _quarters(part, value))]
        own = got.low <= true <= got.high
        reported = abs(got.value - true) <= one.half
        held.append(Held(part.dimension, CLASSES[value], one.half, own, reported, *peers))
    return held


def _pixels(value: float, part: Cathode) -> float:
    return float(1.96 * np.sqrt(value * (1 - value) / part.labels.size))


def _quarters(part: Cathode, value: int) -> float:
    """Half width of Student's interval of the mean of four quarters."""
    rows, columns = (length // 2 for length in part.labels.shape[1:])
    where = part.labels == value
    quarters = [where[:, j : j + rows, i : i + columns].mean() for j in (0, rows) for i in (0, columns)]
    return float(3.182 * np.std(quarters, ddof=1) / 2)


def report_fractions(held: list[Held]) -> None:
    """How often intervals hold the truth."""
    print(f"\n{date.today()}, fractions of three phases: windows of a large generated cathode\n")
    print("| | cases | interval holds the truth | as reported (±) | four quarters, Student | independent pixels "
          "| mean half width (points) |\n|" + "---|" * 7)  # fmt: skip
    for dimension, name in ((2, f"2D, {WINDOW}²"), (3, f"3D, {CUBE}³")):
        for phase in ("", *CLASSES.values()):
            some = [one for one in held if one.dimension == dimension and phase in ("", one.phase)]
            if some:
                print(_held(f"{name}, {phase or 'all'}", some))


def _held(name: str, some: list[Held]) -> str:
    kinds = ("own", "reported", "quarters", "pixels")
    shares = [f"{100 * np.mean([getattr(one, kind) for one in some]):.1f} %" for kind in kinds]
    return f"| {name} | {len(some)} | " + " | ".join(shares) + f" | {100 * np.mean([one.half for one in some]):.1f} |"
