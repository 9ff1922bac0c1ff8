"""The table of particles, their cracks and their fragments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.instances import Instances
from batterycell.tables import Column, Table

from .parents import Parents
from .settings import FragmentationSettings

_FIRST = (
    Column("particle", "Particle", "", "Number of the particle, whole again where it is broken."),
    *(
        Column(f"{axis}_mm", axis.upper(), "mm", f"{axis.upper()} of its centroid in the volume's RAS.")
        for axis in "ras"
    ),
    *(Column(axis, f"Centroid {axis}", "", f"Mean voxel index along {axis} of its material.") for axis in "kji"),
    Column("equivalent_diameter_um", "Equivalent diameter", "µm", "Of the sphere (2D: circle) of as much material."),
)
_AREAS = (
    Column("solid_um2", "Material", "µm²", "Area of its material, without cracks and voids."),
    Column("crack_um2", "Cracks", "µm²", "Area of its cracks."),
    Column(
        "void_um2", "Voids", "µm²", "Area of its voids that a crack's width would fill; wider ones are not counted."
    ),
)
_VOLUMES = (
    Column("solid_um3", "Material", "µm³", "Volume of its material, without cracks and voids."),
    Column("crack_um3", "Cracks", "µm³", "Volume of its cracks."),
    Column(
        "void_um3", "Voids", "µm³", "Volume of its voids that a crack's width would fill; wider ones are not counted."
    ),
)
_LAST = (
    Column("crack_percent", "Crack fraction", "%", "Cracks as a share of material, cracks and voids."),
    Column("cracks", "Number of cracks", "", "Regions of cracks that do not meet."),
    Column("crack_length_um", "Longest crack", "µm", "Length of the rod of the largest crack's second moment."),
    Column(
        "crack_width_um", "Crack width", "µm", "Mean width: twice the cracks' volume (2D: area) over their surface."
    ),
    Column("cracked", "Cracked", "", "1 where a crack is longer than the stated length, else 0."),
    Column("fragments", "Fragments", "", "Pieces of material with at least the stated part (2 %) of it."),
    Column("broken", "Broken", "", "1 where there are two fragments or more, else 0."),
    Column("on_border", "On border", "", "1 where the border of what was imaged may cut it."),
    Column("weight", "Weight", "", "How many particles it stands for; 0 on the border, more than 1 for large ones."),
)
FRAGMENT_COLUMNS = {2: (*_FIRST, *_AREAS, *_LAST), 3: (*_FIRST, *_VOLUMES, *_LAST)}


def fragments_table(found: Parents, parents: Instances, settings: FragmentationSettings) -> Table:
    """One row a particle; places in the world are left open.

    Args:
        found: What is known of each.
        parents: The particles.
        settings: Nothing in them left open.
    """
    power = "um2" if settings.dimension == 2 else "um3"
    open_place = np.full(len(found.solid), np.nan)
    data: dict[str, NDArray[Any]] = {
        "particle": np.arange(1, parents.count + 1),
        **{f"{axis}_mm": open_place for axis in "ras"},
        **{axis: getattr(found, axis) for axis in "kji"},
        "equivalent_diameter_um": _diameters(found.solid, settings.dimension),
        f"solid_{power}": found.solid,
        f"crack_{power}": found.crack,
        f"void_{power}": found.hollow,
        "crack_percent": 100 * found.crack / (found.solid + found.crack + found.hollow),
        "cracks": found.cracks,
        "crack_length_um": np.where(found.cracks > 0, found.length, np.nan),
        "crack_width_um": np.divide(2 * found.crack, found.surface, out=open_place.copy(), where=found.surface > 0),
        "cracked": (found.length > (settings.crack_length_um or 0.0)).astype(np.int64),
        "fragments": found.fragments,
        "broken": (found.fragments > 1).astype(np.int64),
        "on_border": parents.on_border[1:].astype(np.int64),
        "weight": parents.weights[1:],
    }
    return Table(FRAGMENT_COLUMNS[settings.dimension], data)


def _diameters(volumes: NDArray[np.float64], dimension: int) -> NDArray[np.float64]:
    return np.asarray(2 * np.sqrt(volumes / np.pi) if dimension == 2 else np.cbrt(6 * volumes / np.pi))
