"""The truth about a generated electrode: phase fractions, and one row a particle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table

from .structure import Phase, Structure

# A fragment holds at least this part of what is seen of its particle; specks between crossing cracks are none.
LEAST_FRAGMENT = 0.02
PARTICLE_COLUMNS = (
    Column("image", "Image", "", "The image in which the particle is seen."),
    Column("particle", "Particle", "", "Its value in the instance labels; counts from 1 in each image."),
    Column("voxels", "Voxels", "", "Voxels of active material, without cracks and voids."),
    Column("diameter_um", "Equivalent diameter", "µm", "Of the circle (volume: sphere) of as much active material."),
    Column("cracked", "Cracked", "", "1 where voxels of a crack lie within its surface in this image, else 0."),
    Column("crack_voxels", "Crack voxels", "", "Voxels of cracks within its surface."),
    Column("void_voxels", "Void voxels", "", "Voxels of voids within its surface."),
    Column("fragments", "Fragments", "", "Pieces connected by faces that hold at least 2 % of its voxels."),
    Column("on_border", "On the border", "", "1 where the image's border cuts it, else 0."),
    Column("x_um", "x", "µm", "Centroid along the columns, from the centre of the first voxel."),
    Column("y_um", "y", "µm", "Centroid along the rows, from the centre of the first voxel."),
    Column("z_um", "z", "µm", "Centroid along the slices, from the centre of the first voxel."),
)


def measure_fractions(labels: NDArray[np.uint8], phases: int) -> dict[str, float]:
    """Exact parts of an image that each phase takes, by name of `Phase`, in lower case."""
    counts = np.bincount(labels.ravel(), minlength=phases + 1)
    return {phase.name.lower(): float(counts[phase] / labels.size) for phase in list(Phase)[:phases]}


def list_particles(structure: Structure, voxel_um: float, image: str) -> Table:
    """One row a particle in `PARTICLE_COLUMNS`.

    Args:
        structure: Particles numbered from 1 without gaps.
        voxel_um: Edge of a voxel.
        image: Name of the image.
    """
    instances = structure.instances
    count = int(instances.max(initial=0))
    voxels = np.bincount(instances.ravel(), minlength=count + 1)[1:]
    cracks, voids = (np.bincount(structure.owner[structure.hollow == kind], minlength=count + 1)[1:] for kind in (1, 2))
    z, y, x = _centroids(instances, voxels) * voxel_um
    data = {
        "image": np.full(count, image),
        "particle": np.arange(1, count + 1),
        "voxels": voxels,
        "diameter_um": _diameters(voxels, len(instances) == 1) * voxel_um,
        "cracked": (cracks > 0).astype(np.int64),
        "crack_voxels": cracks,
        "void_voxels": voids,
        "fragments": _count_fragments(instances),
        "on_border": _on_border(structure.owner, count),
        "x_um": x,
        "y_um": y,
        "z_um": z,
    }
    return Table(PARTICLE_COLUMNS, data)


def summarise_fragments(particles: Table) -> dict[str, float]:
    """Shares of particles that are broken (two fragments or more) and cracked, and of cracks in solid and cracks, %.

    Args:
        particles: In `PARTICLE_COLUMNS`.
    """
    solid, cracks = particles["voxels"].sum(), particles["crack_voxels"].sum()
    shares = {
        "broken_percent": np.mean(particles["fragments"] > 1) if len(particles) else 0.0,
        "cracked_percent": np.mean(particles["cracked"]) if len(particles) else 0.0,
        "crack_fraction_percent": cracks / max(solid + cracks, 1),
    }
    return {name: float(100 * share) for name, share in shares.items()}


def join(tables: list[Table]) -> Table:
    """The rows of several images' tables."""
    columns = tables[0].columns
    return Table(columns, {each.name: np.concatenate([table[each.name] for table in tables]) for each in columns})


def _diameters(voxels: NDArray[np.int64], flat: bool) -> NDArray[np.float64]:
    return np.asarray(2 * np.sqrt(voxels / np.pi) if flat else np.cbrt(6 * voxels / np.pi))


def _centroids(instances: NDArray[np.int32], voxels: NDArray[np.int64]) -> NDArray[np.float64]:
    """(3, n) along (k, j, i)."""
    places = np.nonzero(instances)
    owners = instances[places]
    sums = [np.bincount(owners, along, len(voxels) + 1)[1:] for along in places]
    return np.asarray(np.array(sums) / voxels)


def _count_fragments(instances: NDArray[np.int32]) -> NDArray[np.int64]:
    from scipy import ndimage

    counts = []
    for index, box in enumerate(ndimage.find_objects(instances), start=1):
        pieces, _ = ndimage.label(instances[box] == index)
        sizes = np.bincount(pieces.ravel())[1:]
        counts.append(int((sizes >= LEAST_FRAGMENT * sizes.sum()).sum()))
    return np.array(counts, np.int64)


def _on_border(owner: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    cut = np.zeros(count + 1, np.int64)
    for axis in range(owner.ndim):
        if owner.shape[axis] > 1:
            cut[np.take(owner, [0, -1], axis)] = 1
    return cut[1:]
