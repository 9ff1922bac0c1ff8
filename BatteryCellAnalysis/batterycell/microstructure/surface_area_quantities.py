"""Specific surface areas, interfaces and mean chords as quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity

from .intervals import Estimate, estimate_ratio
from .representativity_cells import Cells
from .settings import slug
from .surface_area import Interfaces

Floats = NDArray[np.float64]
# What the finite number of directions leaves uncertain, relative, 95 % (instances.outlines.surface, for large objects).
_DIRECTIONS = {2: 0.02, 3: 0.03}
# Surface per volume from boundary length per area (Underwood 1970, Quantitative Stereology, 2.3).
_STEREOLOGY = {2: 4 / np.pi, 3: 1.0}


def surface_quantities(
    found: Interfaces, counts: Mapping[int, Floats], classes: Mapping[int, str], cells: Cells
) -> Iterator[Quantity]:  # fmt: skip
    """Surface of each class per total and per own volume, mean chords, and the interfaces of pairs."""
    size = float(np.prod(cells.voxel_um[3 - cells.dimension :]))
    factor = _STEREOLOGY[cells.dimension]
    whole = np.asarray(np.sum(list(counts.values()), axis=0) * size)
    present = {value: name for value, name in classes.items() if counts[value].any()}
    for value, name in present.items():
        area = found.of_class(value)
        start = f"microstructure_{slug(name)}"
        total, own = (estimate_ratio(area, volume).times(factor) for volume in (whole, counts[value] * size))
        yield _quantity(f"{start}_surface_per_um", f"{name}: surface per total volume", total, cells, "all classes")
        yield _quantity(f"{start}_surface_per_own_um", f"{name}: surface per own volume", own, cells, f"{name} alone")
        yield from _chords(found, value, name, (float(counts[value].sum()), own), cells)
    for a, b in found.pairs:
        if a in present and b in present:
            shared = estimate_ratio(found.of_pair(a, b), whole).times(factor)
            name = f"microstructure_interface_{slug(classes[a])}_{slug(classes[b])}_per_um"
            title = f"{classes[a]} to {classes[b]}: interface per total volume"
            yield _quantity(name, title, shared, cells, "all classes")


def _quantity(name: str, title: str, one: Estimate, cells: Cells, per: str) -> Quantity:
    directions = 13 if cells.dimension == 3 else 4
    told = (
        f"Area between classes per volume of {per}, µm²/µm³, by Crofton's formula in {directions} directions (Lehmann "
        "and Legland 2012); where the class meets the end of the image there is no surface."
    )
    if cells.dimension == 2:
        told += " From sections: S_V = 4/π · L_A, boundary length per area (Underwood 1970), for isotropic structures."
    told += f" Interval: representativity, and {100 * _DIRECTIONS[cells.dimension]:.0f} % for the directions."
    half = float(np.hypot(one.half, _DIRECTIONS[cells.dimension] * one.value))
    return Quantity(name, title, one.value, half, "1/µm", told)


def _chords(
    found: Interfaces, value: int, name: str, amount: tuple[float, Estimate], cells: Cells
) -> Iterator[Quantity]:
    voxels, surface = amount
    for axis in range(3 - cells.dimension, 3):
        crossings = found.crossings_of(value)[axis] * found.share_inside(axis)
        chord = 2 * voxels * cells.voxel_um[axis] / crossings if crossings else float("nan")
        told = (
            f"Mean length of straight lines along {'zyx'[axis]} through {name}: voxels times their size over half the "
            "number of changes of class (Underwood 1970); relative interval as of the surface per own volume."
        )
        title = f"{name}: mean chord along {'zyx'[axis]}"
        half = chord * surface.half / surface.value if surface.value else float("nan")
        yield Quantity(f"microstructure_{slug(name)}_chord_{'zyx'[axis]}_um", title, chord, half, "µm", told)
