"""Generated three-phase cathodes with random parameters, for benchmarks: what is seen, and what is true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from batterycell.phantom.microstructure import Binder, Microstructure, Particles, Phase
from batterycell.phantom.microstructure.structure import Structure, make_structure
from batterycell.progress import Progress
from numpy.typing import NDArray

CLASSES = {int(Phase.PORE): "Pore", int(Phase.ACTIVE_MATERIAL): "Active material", int(Phase.BINDER): "Binder"}
# The widest crack in mean widths: widths are lognormal (deviation 0.4), and cracks cross.
WIDEST = 2.4
LEAST_FRAGMENT = 0.02


@dataclass(frozen=True)
class Cathode:
    """A generated cathode.

    Args:
        spec: Its parameters.
        labels: Its classes, shape (k, j, i).
        particles: Number of the particle of each voxel of active material, else 0.
        cracks: Number of the particle of each voxel of a crack, else 0.
    """

    spec: Microstructure
    labels: NDArray[np.uint8]
    particles: NDArray[np.int32]
    cracks: NDArray[np.int32]

    @property
    def dimension(self) -> int:
        return 2 if len(self.labels) == 1 else 3

    @property
    def voxel_um(self) -> tuple[float, float, float]:
        return (self.spec.voxel_um,) * 3

    @property
    def crack_percent(self) -> float:
        """Cracks in what is active material or crack."""
        solid, cracks = np.count_nonzero(self.particles), np.count_nonzero(self.cracks)
        return 100 * cracks / (solid + cracks)

    @property
    def widest_um(self) -> float:
        """The width that a user would state."""
        return WIDEST * self.spec.particles.crack_um

    def window(self, *corner: int, size: int) -> Cathode:
        """A part, as if no more had been imaged."""
        part = tuple(slice(start, start + size) if length > 1 else slice(None)
                     for start, length in zip(corner, self.labels.shape, strict=True))  # fmt: skip
        return replace(self, labels=self.labels[part], particles=self.particles[part], cracks=self.cracks[part])


def random_cathode(seed: int, shape: tuple[int, int, int], cracks: bool = True, **given: Any) -> Cathode:
    """A cathode with parameters drawn from the seed.

    Args:
        seed: Everything random follows from it.
        shape: (k, j, i); one slice is a section through a packing.
        cracks: Whether there are cracks and voids.
        given: Parameters of `Particles` that are not drawn.
    """
    rng = np.random.default_rng([seed, 3])
    flat = shape[0] == 1
    median = 3.2
    voxel = median / (rng.uniform(24, 40) if flat else rng.uniform(12, 18))
    thin = 2.0 * voxel if flat else 1.7 * voxel
    drawn: dict[str, Any] = {
        "fraction": rng.uniform(0.4, 0.62),
        "spread": rng.uniform(0.2, 0.4),
        "aspect": rng.uniform(0.8, 0.95),
        "lumps": rng.uniform(0.01, 0.04),
        "cracked": rng.uniform(0.1, 0.6),
        "crack_um": max(thin, rng.uniform(0.05, 0.1) * median),
        "voids": rng.uniform(0, 0.006),
        "void_um": rng.uniform(0.06, 0.12) * median,
    }
    if not cracks:
        drawn |= {"cracked": 0.0, "voids": 0.0}
    particles = Particles(median_um=median, largest_um=2.5 * median, settled=True, **(drawn | given))
    binder = Binder(fraction=rng.uniform(0.08, 0.2), clump_um=rng.uniform(1, 2), affinity=rng.uniform(0, 3))
    spec = Microstructure(particles, binder, voxel_um=voxel, variation=0.0)
    return _made(spec, make_structure(spec, shape, np.random.default_rng([seed, 0]), Progress()))


def _made(spec: Microstructure, structure: Structure) -> Cathode:
    numbered = structure.first_slices(len(structure.labels))
    return Cathode(spec, numbered.labels, numbered.instances, numbered.cracks)


def true_fractions(cathode: Cathode) -> dict[int, float]:
    counts = np.bincount(cathode.labels.ravel(), minlength=4)
    return {value: float(counts[value] / cathode.labels.size) for value in CLASSES}


@dataclass(frozen=True)
class Counted:
    """Objects in numbers.

    Args:
        sizes: Equivalent diameters in voxels, of those that are large enough.
        broken: Whether each is in two or more fragments.
        off_border: Whether each lies off the border.
    """

    sizes: NDArray[np.float64]
    broken: NDArray[np.bool_]
    off_border: NDArray[np.bool_]

    @property
    def d50(self) -> tuple[float, float]:
        """By number, and by volume (2D: area)."""
        sizes = np.sort(self.sizes)
        amounts = np.cumsum(sizes**self.power)
        return float(np.median(sizes)), float(sizes[np.searchsorted(amounts, amounts[-1] / 2)])

    power: int = 3


def count_objects(objects: NDArray[Any], least: float) -> Counted:
    """Number, sizes and fragments of objects, numbered from 1, of at least a diameter in voxels."""
    from scipy import ndimage

    flat = objects.ndim == 2 or len(objects) == 1
    objects = objects[0] if flat and objects.ndim == 3 else objects
    rows = [
        (*_pieces(objects[box] == n), _inside(box, objects.shape))
        for n, box in enumerate(ndimage.find_objects(objects), start=1) if box is not None
    ]  # fmt: skip
    voxels, broken, inside = (np.array(column) for column in zip(*rows, strict=True))
    sizes = 2 * np.sqrt(voxels / np.pi) if flat else np.cbrt(6 * voxels / np.pi)
    kept = sizes >= least
    return Counted(sizes[kept], broken[kept], inside[kept], 2 if flat else 3)


def _pieces(own: NDArray[np.bool_]) -> tuple[int, bool]:
    from scipy import ndimage

    sizes = np.bincount(ndimage.label(own)[0].ravel())[1:]
    return int(sizes.sum()), bool((sizes >= LEAST_FRAGMENT * sizes.sum()).sum() > 1)


def _inside(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    return all(one.start > 0 and one.stop < length for one, length in zip(box, shape, strict=True))
