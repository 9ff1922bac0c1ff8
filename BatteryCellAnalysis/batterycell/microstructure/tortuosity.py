"""Tortuosity factors of a class, by the solver of an existing library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .intervals import Estimate
from .representativity import student
from .representativity_cells import Cells
from .settings import MicrostructureSettings, slug

Floats = NDArray[np.float64]
ABSENT = (
    "The tortuosity factors need the package taufactor, which is not installed: "
    "pip install 'batterycell[microstructure]'."
)
_ITERATIONS = 3000


@dataclass(frozen=True)
class Tortuosity:
    """Tortuosity factors of a class.

    Args:
        name: The class.
        along: Factor along each axis; infinite where nothing percolates.
        voxel_um: Edge of the cubic voxels it was computed on.
        shape: How many they were (k, j, i).
    """

    name: str
    along: dict[str, Estimate]
    voxel_um: float
    shape: tuple[int, int, int]


def can_solve() -> bool:
    """Whether the library is there."""
    return find_spec("taufactor") is not None and find_spec("torch") is not None


def measure_tortuosity(
    labels: SlabSource, value: int, name: str, cells: Cells, settings: MicrostructureSettings, progress: Progress
) -> Tortuosity:  # fmt: skip
    """τ = fraction · D₀ / D_eff along each axis, no flux through the other sides.

    Steady diffusion through the class from end to end (TauFactor: Kench, Squires and Cooper 2023, J. Open Source
    Softw. 8, 5358; Cooper et al. 2016, SoftwareX 5), on cubic voxels, coarser than the
    volume's where those are more than the limit.
    The interval is that of four columns (in 2D two strips) side by side, each solved for itself: Student's, with one
    degree of freedom fewer. Memory: some 60 bytes a voxel of the coarse ones.
    """
    coarse, edge = _coarse(labels, value, cells, settings.tortuosity_voxels)
    axes = [axis for axis in range(3 - cells.dimension, 3) if coarse.shape[axis] > 1]
    along = {}
    for n, axis in enumerate(axes):
        progress.report(n / len(axes), f"solving for the tortuosity along {'zyx'[axis]}")
        along["zyx"[axis]] = _factor(np.moveaxis(coarse, axis, 0))
    k, j, i = coarse.shape
    return Tortuosity(name, along, edge, (k, j, i))


def _coarse(labels: SlabSource, value: int, cells: Cells, most: int) -> tuple[NDArray[np.bool_], float]:
    """The class on cubic voxels: of each the one voxel that its middle lies in, which keeps fractions unbiased."""
    size = np.array(labels.shape) * np.array(cells.voxel_um)
    flat = 1 if cells.dimension == 2 else 0
    edge = max(min(cells.voxel_um[flat:]), float((size[flat:].prod() / most) ** (1 / (3 - flat))))
    counts = np.maximum(1, np.round(size / edge)).astype(int)
    if flat:
        counts[0] = 1
    places = [((np.arange(n) + 0.5) * have / n).astype(int) for n, have in zip(counts, labels.shape, strict=True)]
    planes = [labels.read(k, k + 1)[0][np.ix_(places[1], places[2])] == value for k in places[0].tolist()]
    return np.stack(planes), edge


def _factor(phase: NDArray[np.bool_]) -> Estimate:
    """Of the first axis."""
    if not _percolates(phase):
        return Estimate(float("inf"), float("nan"), float("nan"))
    whole = _solve(phase[None])[0]
    columns = _columns(phase)
    if not np.isfinite(whole) or len(columns) < 2 or not all(_percolates(one) for one in columns):
        return Estimate(whole, float("nan"), float("nan"))
    parts = _solve(columns)
    # A mean conducts like the columns side by side: the scatter is that of the conductances.
    reach = student(len(parts) - 1) * np.std(np.log(parts), ddof=1) / np.sqrt(len(parts))
    return Estimate(whole, whole * float(np.exp(-reach)), whole * float(np.exp(reach)))


def _percolates(phase: NDArray[np.bool_]) -> bool:
    """Whether a path over faces of voxels leads along the first axis from end to end."""
    from cc3d import connected_components

    parts = connected_components(phase, connectivity=6)
    return bool(np.intersect1d(parts[0][phase[0]], parts[-1][phase[-1]]).size)


def _columns(phase: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Columns along the first axis, of equal size, two across each other axis; shape (columns, …)."""
    parts = [phase]
    for axis in (1, 2):
        half = phase.shape[axis] // 2
        if half >= 2:
            parts = [np.take(one, range(n * half, (n + 1) * half), axis) for one in parts for n in (0, 1)]
    return np.stack(parts)


def _solve(phases: NDArray[np.bool_]) -> Floats:
    """Factors along the second axis of some volumes, shape (volumes,); NaN where the solver finds no end."""
    from taufactor import Solver

    with redirect_stdout(StringIO()):
        solver = Solver(phases.astype(np.float32), device="cpu")
        solver.solve(iter_limit=_ITERATIONS, verbose=False)
    factors = np.asarray(solver.tau, float)
    return factors if solver.converged else np.full(len(factors), np.nan)


def tortuosity_quantities(found: Tortuosity) -> Iterator[Quantity]:
    """One quantity an axis."""
    size = " × ".join(map(str, found.shape))
    for axis, factor in found.along.items():
        told = (
            f"τ = fraction · D₀ / D_eff of steady diffusion through {found.name} along {axis} (TauFactor; Kench et al. "
            f"2023), on {size} voxels of {found.voxel_um:.3g} µm; interval by columns side by side. Empty where "
            "nothing percolates."
        )
        value = factor.value if np.isfinite(factor.value) else float("nan")
        name = f"microstructure_{slug(found.name)}_tortuosity_{axis}"
        yield Quantity(name, f"{found.name}: tortuosity factor along {axis}", value, factor.half, "", told)
