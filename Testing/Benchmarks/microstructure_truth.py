"""Microstructure against the truth: generated three-phase cathodes with random parameters, beside peers.

    python Testing/Benchmarks/microstructure_truth.py [--seeds 12] [--first 1000] [--jobs 2] [--only particles]

Fractions: of each seed a large section (or volume) is made, whose fractions are exact; windows of a sixteenth of it are
measured as if no more had been imaged. Peers: the error of independent pixels; Student's interval of four quarters.
Particles: 60 % packing, without cracks (no gap is filled) and with (up to the stated width of the widest). Compared are
particles of at least twice that width. Peers: scikit-image (closing, distance, peaks, watershed, regionprops) and
porespy's SNOW, on the phase closed by the same width. Seeds from 1000 on were not looked at while anything was tuned.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from batterycell.instances.label import label_instances
from batterycell.instances.settings import LabelSettings
from batterycell.microstructure.fractions import count_classes, measure_fractions
from batterycell.microstructure.fragmentation import find_parents, measure_fragmentation, settled
from batterycell.microstructure.fragmentation_settings import FragmentationSettings
from batterycell.microstructure.representativity_cells import Cells
from batterycell.phantom.microstructure import Phase
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from microstructure_cathodes import CLASSES, Cathode, Counted, count_objects, random_cathode, true_fractions
from microstructure_peers import PEERS
from numpy.typing import NDArray

ACTIVE, PORE = int(Phase.ACTIVE_MATERIAL), int(Phase.PORE)
SECTION, WINDOW, BLOCK, CUBE = 1536, 384, 192, 72
IMAGE, VOLUME = (1, 768, 768), (112, 112, 112)
# Names of kinds: whether there are cracks, the shape.
KINDS = {
    "2D, whole": (False, IMAGE),
    "2D, cracked": (True, IMAGE),
    "3D, whole": (False, VOLUME),
    "3D, cracked": (True, VOLUME),
}


@dataclass(frozen=True)
class Held:
    """One fraction of one window: whether intervals hold the truth."""

    dimension: int
    phase: str
    error: float
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
        held.append(
            Held(
                part.dimension,
                CLASSES[value],
                got.value - true,
                one.half,
                own,
                abs(got.value - true) <= one.half,
                *peers,
            )
        )
    return held


def _pixels(value: float, part: Cathode) -> float:
    return float(1.96 * np.sqrt(value * (1 - value) / part.labels.size))


def _quarters(part: Cathode, value: int) -> float:
    """Half width of Student's interval of the mean of four quarters."""
    rows, columns = (length // 2 for length in part.labels.shape[1:])
    where = part.labels == value
    quarters = [where[:, j : j + rows, i : i + columns].mean() for j in (0, rows) for i in (0, columns)]
    return float(3.182 * np.std(quarters, ddof=1) / 2)


@dataclass(frozen=True)
class Compared:
    """One cathode, separated by one method."""

    kind: str
    method: str
    truth: Counted
    found: Counted


@dataclass(frozen=True)
class Fragments:
    """One cathode: shares in percent."""

    kind: str
    broken: float
    half: float
    true_broken: float
    crack: float
    true_crack: float


def score_particles(seed: int) -> tuple[list[Compared], list[Fragments]]:
    """Cathodes of 60 % packing."""
    compared, fragments = [], []
    for kind, (cracked, shape) in KINDS.items():
        made = random_cathode(seed, shape, cracked, fraction=0.6)
        settings = FragmentationSettings(crack_um=made.widest_um)
        settings = settled(settings, made.labels.shape, made.voxel_um)
        least = (settings.min_size_um or 0) / made.spec.voxel_um
        truth = count_objects(made.particles, least)
        find = _parents if cracked else _separated
        methods = {"BatteryCell": lambda one, find=find, how=settings: find(one, how), **PEERS}
        for name, separate in methods.items():
            found = separate(made)
            if found is not None:
                compared.append(Compared(kind, name, truth, count_objects(found, least)))
        fragments.append(_fragments(kind, made, settings, truth))
    return compared, fragments


def _parents(made: Cathode, settings: FragmentationSettings) -> NDArray[np.uint32]:
    source = SlabSource.of_array(made.labels)
    return find_parents(source, made.voxel_um, (ACTIVE, PORE), settings).labels


def _separated(made: Cathode, settings: FragmentationSettings) -> NDArray[np.uint32]:
    """Without cracks no gap is filled."""
    chosen = LabelSettings(
        made.dimension, classes=(ACTIVE,), separate="watershed", crack_um=0.0, min_size_um=settings.min_size_um or 0.0
    )
    return label_instances(SlabSource.of_array(made.labels), made.voxel_um, chosen).labels


def _fragments(kind: str, made: Cathode, settings: FragmentationSettings, truth: Counted) -> Fragments:
    stage = measure_fragmentation(made.labels, made.voxel_um, ACTIVE, PORE, settings)
    found = {one.name.removeprefix("microstructure_"): one for one in stage.quantities}
    broken, crack = found["broken_percent"], found["crack_fraction_percent"]
    shares = (broken.value, broken.uncertainty, 100 * float(truth.broken.mean()))
    return Fragments(kind, *shares, crack.value, made.crack_percent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=("fractions", "particles"))
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.only != "particles":
            report_fractions([one for some in pool.map(score_fractions, seeds) for one in some])
        if options.only != "fractions":
            scores = list(pool.map(score_particles, seeds))
            report_particles([one for some, _ in scores for one in some])
            report_fragments([one for _, some in scores for one in some])


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


def report_particles(compared: list[Compared]) -> None:
    """Counts, sizes and broken shares, all seeds together and seed by seed."""
    print(
        f"\n{date.today()}, particles of cathodes with 60 % packing, all seeds together (mean of seeds' deviations)\n"
    )
    print("| | method | particles | count | D50 by number | D50 by volume | broken: true | broken: off by (points) |\n|"
          + "---|" * 8)  # fmt: skip
    for kind in KINDS:
        for method in dict.fromkeys(one.method for one in compared):
            some = [one for one in compared if (one.kind, one.method) == (kind, method)]
            print(f"| {kind} | {method} | {sum(len(one.truth.sizes) for one in some)} | {_counts(some)} | "
                  + " | ".join(_sizes(some, n) for n in (0, 1)) + f" | {_broken(some)} |")  # fmt: skip


def _counts(some: list[Compared]) -> str:
    true, found = (np.array([len(getattr(one, what).sizes) for one in some]) for what in ("truth", "found"))
    return f"{100 * (found.sum() / true.sum() - 1):+.1f} % ({100 * np.mean(np.abs(found / true - 1)):.1f})"


def _sizes(some: list[Compared], which: int) -> str:
    ratio = np.array([one.found.d50[which] / one.truth.d50[which] for one in some])
    return f"{100 * (ratio.mean() - 1):+.1f} % ({100 * np.mean(np.abs(ratio - 1)):.1f})"


def _broken(some: list[Compared]) -> str:
    true, found = (np.concatenate([getattr(one, what).broken for one in some]) for what in ("truth", "found"))
    each = np.mean([abs(one.truth.broken.mean() - one.found.broken.mean()) for one in some])
    return f"{100 * true.mean():.1f} % | {100 * (found.mean() - true.mean()):+.1f} ({100 * each:.1f})"


def report_fragments(fragments: list[Fragments]) -> None:
    """Shares as the stage reports them: particles off the border, weighted for those on it."""
    print(f"\n{date.today()}, fragmentation as reported\n")
    print("| | broken: true | found | off by (points) | held by the interval | crack fraction: true | found |\n|"
          + "---|" * 7)  # fmt: skip
    for kind in KINDS:
        some = [one for one in fragments if one.kind == kind]
        error = np.array([one.broken - one.true_broken for one in some])
        held = np.mean([abs(one.broken - one.true_broken) <= one.half for one in some])
        names = ("true_broken", "broken", "true_crack", "crack")
        broken, found, crack, seen = (np.mean([getattr(one, name) for one in some]) for name in names)
        print(f"| {kind} | {broken:.1f} % | {found:.1f} % | {error.mean():+.1f} ({np.abs(error).mean():.1f}) "
              f"| {100 * held:.0f} % | {crack:.1f} % | {seen:.1f} % |")  # fmt: skip


if __name__ == "__main__":
    main()
