"""Numbers of a microstructure against known ones and against peers.

    python Testing/Benchmarks/microstructure_values.py [--seeds 100] [--size 64] [--only intervals|values|real]

Intervals: how often those of fractions hold the truth on random structures of known fractions, at seeds from 10,000 on
that were not looked at while anything was chosen; beside them the intervals of independent voxels and of four quarters.
Values: surfaces against the Boolean model's own and scikit-image's mesh; pore sizes (porespy's less half a voxel) and
percolating shares against porespy, tortuosity factors against taufactor itself, which is run once instead of three
times with columns; seconds beside. Real: the electrodes of ../shared/data/electrode_labels as a whole. Generated
cathodes: microstructure_truth.py.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from batterycell.microstructure import MicrostructureSettings, measure_microstructure
from batterycell.microstructure.connectivity import measure_connection
from batterycell.microstructure.intervals import estimate_share
from batterycell.microstructure.pores import measure_pores
from batterycell.microstructure.representativity_cells import Cells
from batterycell.microstructure.surface_area import Interfaces
from batterycell.microstructure.tortuosity import can_solve, measure_tortuosity
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from microstructure_made import boolean_spheres, boolean_surface, gaussian_phase
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
CUBE = (1.0, 1.0, 1.0)
FIRST_SEED = 10_000
DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[3] / "shared/data")) / "electrode_labels"
STRUCTURES: dict[str, tuple[Callable[[int], Mask], float]] = {
    "2D, 128²": (lambda seed: gaussian_phase((1, 128, 128), (0, 4, 4), 0.3, seed), 0.3),
    "2D, 256², fine": (lambda seed: gaussian_phase((1, 256, 256), (0, 3, 3), 0.5, seed), 0.5),
    "2D, small: 64²": (lambda seed: gaussian_phase((1, 64, 64), (0, 5, 5), 0.4, seed), 0.4),
    "2D, small and sparse": (lambda seed: gaussian_phase((1, 64, 64), (0, 3, 3), 0.08, seed), 0.08),
    "2D, anisotropic": (lambda seed: gaussian_phase((1, 160, 160), (0, 3, 12), 0.4, seed), 0.4),
    "2D, discs": (lambda seed: boolean_spheres((1, 128, 128), CUBE, 9, 0.6, seed), 0.6),
    "3D, 40³": (lambda seed: gaussian_phase((40, 40, 40), (2.5, 2.5, 2.5), 0.4, seed), 0.4),
    "3D, anisotropic": (lambda seed: gaussian_phase((40, 40, 40), (1.5, 3, 6), 0.2, seed), 0.2),
    "3D, few slices": (lambda seed: gaussian_phase((12, 72, 72), (2.5, 2.5, 2.5), 0.5, seed), 0.5),
    "3D, balls": (lambda seed: boolean_spheres((40, 40, 40), CUBE, 5, 0.4, seed), 0.4),
}
REAL = {
    "cathode_sem_3phase_628x758.tif": ({0: "Pore", 1: "NMC", 2: "Binder"}, 0.1),
    "nmc_xct_cbd_3phase_251x301x301.tif": ({0: "Pore", 1: "NMC", 2: "Binder"}, 0.4),
    "electrode_3phase_256.tif": ({0: "Pore", 85: "Active", 170: "Binder"}, 0.4),
    "nmc_xct_2phase_128.tif": ({0: "Pore", 1: "NMC"}, 0.4),
}


def cells_of(phase: Mask, voxel: tuple[float, float, float] = CUBE) -> Cells:
    return Cells.of_volume(phase.shape, voxel, 2 if len(phase) == 1 else 3)


def report_intervals(seeds: int) -> None:
    print(f"\n{date.today()}, 95 % intervals of a fraction, {seeds} images each\n")
    print("| structure | holds the truth | as reported (±) | half width / scatter | quarters | independent voxels |")
    print("|" + "---|" * 6)
    rows = {name: _held(make, true, seeds) for name, (make, true) in STRUCTURES.items()}
    for name, row in {**rows, "**all**": np.mean(list(rows.values()), axis=0)}.items():
        own, reported, width, quarters, voxels = row
        print(f"| {name} | {100 * own:.0f} % | {100 * reported:.0f} % | {width:.2f} | {100 * quarters:.0f} % "
              f"| {100 * voxels:.0f} % |")  # fmt: skip


def _held(make: Callable[[int], Mask], true: float, seeds: int) -> NDArray[np.float64]:
    rows = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        phase = make(seed)
        cells, source = cells_of(phase), SlabSource.of_array(phase)
        share = estimate_share(cells.total(source, lambda a: a), cells.total(source, np.ones_like))
        error = share.value - true
        voxels = 1.96 * np.sqrt(share.value * (1 - share.value) / phase.size)
        held = (share.low <= true <= share.high, abs(error) <= share.half)
        rows.append((*held, share.half, abs(error) <= _quarters(phase), abs(error) <= voxels, error))
    means = np.array(rows, float).mean(axis=0)
    scatter = np.sqrt(np.mean([row[-1] ** 2 for row in rows]))
    return np.array([means[0], means[1], means[2] / scatter, means[3], means[4]])


def _quarters(phase: Mask) -> float:
    rows, columns = phase.shape[1] // 2, phase.shape[2] // 2
    parts = [phase[:, j : j + rows, i : i + columns].mean() for j in (0, rows) for i in (0, columns)]
    return float(3.182 * np.std(parts, ddof=1) / 2)


def timed(measure: Callable[[], float]) -> tuple[float, float]:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        start = perf_counter()
        value = measure()
    return float(value), perf_counter() - start


def report_values(size: int) -> None:
    print(f"\n{date.today()}, values, {size}³ voxels\n")
    print("| quantity | truth or peer | its value | BatteryCell | deviation | seconds: peer | BatteryCell |")
    print("|" + "---|" * 7)
    for name, peer, theirs, ours in _comparisons(size):
        value, seconds = timed(ours)
        other, other_seconds = timed(theirs)
        took = f"{other_seconds:.2f}" if other_seconds > 1e-3 else "–"
        print(f"| {name} | {peer} | {other:.4g} | {value:.4g} | {100 * (value / other - 1):+.1f} % | {took} "
              f"| {seconds:.2f} |", flush=True)  # fmt: skip


Comparison = tuple[str, str, Callable[[], float], Callable[[], float]]


def _comparisons(size: int) -> Iterator[Comparison]:
    yield from _surfaces(size)
    pore = gaussian_phase((size,) * 3, (3, 3, 3), 0.5, FIRST_SEED)
    flat = gaussian_phase((1, 4 * size, 4 * size), (0, 4, 4), 0.5, FIRST_SEED)
    if find_spec("porespy"):
        yield "pores, mean size, 3D", "porespy local thickness", lambda: _porespy_size(pore), lambda: _pore_size(pore)
        yield (
            "pores, mean size, 2D",
            "porespy local thickness",
            lambda: _porespy_size(flat[0]),
            lambda: _pore_size(flat),
        )
        thin = gaussian_phase((size,) * 3, (2, 2, 2), 0.2, FIRST_SEED)
        yield "percolating share, %", "porespy", lambda: _porespy_share(thin), lambda: _share(thin)
    if can_solve():
        import taufactor  # noqa: F401 - seconds that are neither's

        yield "tortuosity, 3D", "taufactor itself", lambda: _taufactor(pore), lambda: _tortuosity(pore)


def _surfaces(size: int) -> Iterator[Comparison]:
    solid, thick = (_balls((size,) * 3, CUBE), _balls((size // 2, size, size), (2.0, 1.0, 1.0)))
    flat = [boolean_spheres((1, 4 * size, 4 * size), CUBE, 8, 0.4, FIRST_SEED + n) for n in range(4)]
    true = boolean_surface(8, 0.4, flat=False)
    yield "surface, 1/µm", "Boolean model", lambda: true, lambda: _surface(solid, CUBE)
    yield "surface, voxels 2 × 1 × 1", "Boolean model", lambda: true, lambda: _surface(thick, (2.0, 1.0, 1.0))
    true_flat = boolean_surface(8, 0.4, flat=True)
    yield "boundary, 2D, 1/µm", "Boolean model", lambda: true_flat, lambda: _surface(flat, CUBE)
    if find_spec("skimage"):
        yield "surface, 1/µm", "scikit-image mesh", lambda: _mesh(solid), lambda: _surface(solid, CUBE)


def _balls(shape: tuple[int, int, int], voxel: tuple[float, float, float]) -> list[Mask]:
    return [boolean_spheres(shape, voxel, 8, 0.4, FIRST_SEED + n) for n in range(6)]


def _surface(phases: list[Mask], voxel: tuple[float, float, float]) -> float:
    found = []
    for phase in phases:
        cells = cells_of(phase, voxel)
        interfaces = Interfaces(SlabSource.of_array(phase.view(np.uint8)), (0, 1), cells, cells.dimension)
        interfaces.measure(Progress())
        found.append(interfaces.of_pair(0, 1).sum() / phase.size / np.prod(voxel[3 - cells.dimension :]))
    return float(np.mean(found))


def _mesh(phases: list[Mask]) -> float:
    from skimage import measure

    meshes = (measure.marching_cubes(phase.astype(np.float32), 0.5)[:2] for phase in phases)
    return float(np.mean([measure.mesh_surface_area(*mesh) for mesh in meshes]) / phases[0].size)


def _pore_size(pore: Mask) -> float:
    settings = MicrostructureSettings(dimension=2 if len(pore) == 1 else 3)
    found = measure_pores(SlabSource.of_array(pore.view(np.uint8)), 1, "Pore", cells_of(pore), settings, Progress())
    return float(np.diff(found.below, prepend=0) @ found.diameters_um) if found else float("nan")


def _porespy_size(pore: Mask) -> float:
    from porespy.filters import local_thickness

    sizes = local_thickness(pore, method="dt")[pore]
    return float(2 * np.mean(sizes) - 0.5)


def _share(pore: Mask) -> float:
    found = measure_connection(SlabSource.of_array(pore.view(np.uint8)), 1, "Pore", cells_of(pore), Progress())
    return 100 * found.shares["x", "through"].value


def _porespy_share(pore: Mask) -> float:
    from porespy.filters import trim_nonpercolating_paths

    left = trim_nonpercolating_paths(pore, axis=2)
    return float(100 * left.sum() / pore.sum())


def _tortuosity(pore: Mask) -> float:
    settings = MicrostructureSettings(tortuosity_voxels=pore.size)
    found = measure_tortuosity(
        SlabSource.of_array(pore.view(np.uint8)), 1, "Pore", cells_of(pore), settings, Progress()
    )
    return found.along["z"].value


def _taufactor(pore: Mask) -> float:
    from taufactor import Solver

    return float(Solver(pore.astype(np.float32), device="cpu").solve(verbose=False)[0])


def report_real() -> None:
    print(f"\n{date.today()}, real electrodes (voxel sizes are guesses), as a whole\n")
    print("| file | fractions, % | pores D50, µm | surface of pores, 1/µm | percolating x, % | tortuosity z | numbers "
          "| of them with interval | seconds |\n|" + "---|" * 9)  # fmt: skip
    for name in REAL:
        if (DATA / name).is_file():
            print(_real_row(name), flush=True)
        else:
            print(f"| {name}: not there |")


def _real_row(name: str) -> str:
    import tifffile

    classes, voxel = REAL[name]
    labels: NDArray[Any] = tifffile.imread(DATA / name)
    start = perf_counter()
    stage = measure_microstructure(labels, (voxel,) * 3, classes)
    seconds = perf_counter() - start
    found = {one.name.removeprefix("microstructure_"): one for one in stage.quantities}
    fractions = ", ".join(_said(found[f"fraction_{word.casefold()}_percent"]) for word in classes.values())
    names = ("pore_opening_d50_um", "pore_surface_per_um", "pore_percolating_x_percent", "pore_tortuosity_z")
    others = " | ".join(_said(found[key]) if key in found else "–" for key in names)
    held = sum(np.isfinite(one.uncertainty) for one in found.values())
    return f"| {name} | {fractions} | {others} | {len(found)} | {held} | {seconds:.0f} |"


def _said(one: Any) -> str:
    return f"{one.value:.3g} ± {one.uncertainty:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--only", choices=("intervals", "values", "real"))
    options = parser.parse_args()
    if options.only in (None, "intervals"):
        report_intervals(options.seeds)
    if options.only in (None, "values"):
        report_values(options.size)
    if options.only in (None, "real"):
        report_real()


if __name__ == "__main__":
    main()
