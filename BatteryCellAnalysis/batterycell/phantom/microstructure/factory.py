"""Generate images and volumes of electrodes with their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.checks import require
from batterycell.progress import Progress
from batterycell.segment import PRESETS, SegmentClass
from batterycell.tables import Table
from batterycell.volume import Volume

from .imaging import take_image
from .microscope import Microscope
from .settings import Microstructure
from .structure import Structure, make_structure, vary
from .truth import list_particles, measure_fractions

# What lies deeper than so many times the depth of shining through is not seen.
DEPTHS = 1.6
SOURCE = "phantom"
# About 50 bytes a voxel are held at a time: 7 GB for the largest volume.
MOST_VOXELS = 2**27
SMALLEST = 16


@dataclass(frozen=True)
class Micrograph:
    """A generated image (one slice) or volume of an electrode.

    Args:
        grey: What is seen, uint8.
        labels: `Phase`: n + 1 for class n of ``classes``; never 0. uint8.
        instances: Number of the particle of each voxel of active material, else 0. uint16, or int32 where needed.
        cracks: Number of the particle of each voxel of a crack, else 0. Of the same type.
        particles: One row a particle in `PARTICLE_COLUMNS`.
        fractions: Exact part of each phase.
        classes: The classes in order.
    """

    grey: Volume
    labels: Volume
    instances: Volume
    cracks: Volume
    particles: Table
    fractions: dict[str, float]
    classes: tuple[SegmentClass, ...]


def make_micrograph(
    spec: Microstructure,
    microscope: Microscope,
    shape: tuple[int, int, int],
    seed: tuple[int, int] = (1, 0),
    name: str = "micrograph",
    progress: Progress | None = None,
) -> Micrograph:
    """Generate a section or a volume of an electrode.

    A section is cut through a block, so that particles' sections have all sizes and what lies behind shines through.

    Args:
        spec: The electrode.
        microscope: How it is looked at.
        shape: (k, j, i); one slice for an image.
        seed: The seed, and the number of the image: the same image comes out however many are made.
        name: Its name.
        progress: Listener.

    Raises:
        UsageError: if the shape is too small or too large.
    """
    progress = progress or Progress()
    deep = int(np.ceil(DEPTHS * microscope.shine_depth_um / spec.voxel_um)) if microscope.shine else 0
    _check_shape(shape, deep)
    solid, light = (np.random.default_rng([*seed, stream]) for stream in range(2))
    structure = make_structure(vary(spec, solid), (shape[0] + deep, *shape[1:]), solid, progress.part(0, 0.7))
    progress.report(0.7, "looking through the microscope")
    grey = take_image(structure.labels, shape[0], spec.voxel_um, microscope, light)
    progress.report(0.95, "listing the particles")
    return _micrograph(spec, structure.first_slices(shape[0]), grey, name)


def _micrograph(spec: Microstructure, seen: Structure, grey: NDArray[np.uint8], name: str) -> Micrograph:
    kind = np.uint16 if seen.owner.max(initial=0) < 2**16 else np.int32
    size = (spec.voxel_um,) * 3
    return Micrograph(
        Volume.from_stack(grey, size, SOURCE, name),
        Volume.from_stack(seen.labels, size, SOURCE, "labels"),
        Volume.from_stack(seen.instances.astype(kind), size, SOURCE, "instances"),
        Volume.from_stack(seen.cracks.astype(kind), size, SOURCE, "cracks"),
        list_particles(seen, spec.voxel_um, name),
        measure_fractions(seen.labels, spec.phases),
        classes_of(spec),
    )


def classes_of(spec: Microstructure) -> tuple[SegmentClass, ...]:
    """Its classes in order: those of the preset with the additive apart, additive only where there is some."""
    return PRESETS["cathode microstructure, additive apart"][: spec.phases]


def _check_shape(shape: tuple[int, int, int], deep: int) -> None:
    text = " × ".join(map(str, shape))
    smallest = min(shape[1:]) if shape[0] == 1 else min(shape)
    require(smallest >= SMALLEST, f"{text} voxels are too few.", f"Give at least {SMALLEST} along each axis.")
    hint = f"Give at most {MOST_VOXELS / 1e6:.0f} million, the {deep} slices counted that shine through from behind."
    require((shape[0] + deep) * shape[1] * shape[2] <= MOST_VOXELS, f"{text} voxels are too many.", hint)
