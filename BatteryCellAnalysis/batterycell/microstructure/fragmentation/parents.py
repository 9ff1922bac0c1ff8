"""Particles one after the other: their cracks and fragments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.instances import Instances
from batterycell.progress import Progress
from batterycell.reslice.sampling import in_threads
from batterycell.slabs import SlabSource

from .cracks import CrackRule, Mask, count_fragments, find_cracks

Box = tuple[slice, slice, slice]
# Particles that are looked at together, so that their slices are read once.
_GROUP = 128


@dataclass(frozen=True)
class Parents:
    """What is known of particles, arrays of shape (n,); volumes are areas in 2D, surfaces are lengths.

    Args:
        solid: Volume of the material.
        crack: Volume of its cracks.
        hollow: Volume of its voids.
        surface: Of its cracks, both sides.
        length: Of its longest crack.
        cracks: How many there are.
        fragments: How many pieces hold enough of its material.
        k: Centroid of the material, in voxels.
        j: The same along the rows' axis.
        i: The same along the columns' axis.
    """

    solid: NDArray[np.float64]
    crack: NDArray[np.float64]
    hollow: NDArray[np.float64]
    surface: NDArray[np.float64]
    length: NDArray[np.float64]
    cracks: NDArray[np.int64]
    fragments: NDArray[np.int64]
    k: NDArray[np.float64]
    j: NDArray[np.float64]
    i: NDArray[np.float64]


def measure_parents(
    instances: Instances, labels: SlabSource, pore: int, rule: CrackRule, progress: Progress
) -> Parents:
    """Cracks and fragments of every particle.

    Args:
        instances: The particles; what separates them is closed over cracks.
        labels: The classes.
        pore: Which of them is pore.
        rule: What is a crack.
        progress: Told how far it is.
    """
    groups = _groups(instances, rule)
    rows: list[list[dict[str, Any]]] = [[] for _ in groups]

    def measure(n: int) -> None:
        cut = _cut(instances, labels, pore, groups[n])
        rows[n] = [_measure(own, pores, rule, [one.start for one in box]) for _, box, own, pores in cut]

    in_threads(measure, len(groups), progress, "looking for cracks")
    order = np.argsort([number for group in groups for number, _ in group])
    every = [row for group in rows for row in group]
    found = [every[place] for place in order.tolist()]
    kinds = {"cracks": int, "fragments": int}
    names = [one.name for one in fields(Parents)]
    return Parents(**{name: np.array([row[name] for row in found], kinds.get(name, float)) for name in names})


def find_crack_masks(
    instances: Instances, labels: SlabSource, pore: int, rule: CrackRule
) -> Iterator[tuple[int, Box, Mask]]:
    """Where the cracks of each cracked particle are: its number, a box of the volume, and the mask within it."""
    for group in _groups(instances, rule):
        for number, box, own, pores in _cut(instances, labels, pore, group):
            mask = find_cracks(*_flat(own, pores, rule), rule).mask.reshape(own.shape)
            if mask.any():
                yield number, box, mask


def _groups(instances: Instances, rule: CrackRule) -> list[list[tuple[int, Box]]]:
    """Particles and their boxes, in the order of their first slice."""
    numbers = (np.argsort(instances.boxes[1:, 0], kind="stable") + 1).tolist()
    boxes = [(number, _around(instances, number, rule)) for number in numbers]
    return [boxes[start : start + _GROUP] for start in range(0, len(boxes), _GROUP)]


def _around(instances: Instances, number: int, rule: CrackRule) -> Box:
    """Its box with room for closing."""
    margin = [int(np.ceil(rule.width_um / 2 / size)) + 2 for size in rule.size_um]
    margins = [0] * (3 - len(margin)) + margin
    ends = zip(instances.box(number), margins, instances.labels.shape, strict=True)
    k, j, i = (slice(max(one.start - more, 0), min(one.stop + more, length)) for one, more, length in ends)
    return k, j, i


def _cut(
    instances: Instances, labels: SlabSource, pore: int, group: list[tuple[int, Box]]
) -> Iterator[tuple[int, Box, Mask, Mask]]:
    """Each particle of a group, its box, where it is and where pore is; their slices are read once."""
    start, stop = min(box[0].start for _, box in group), max(box[0].stop for _, box in group)
    values = labels.read(start, stop)
    for number, box in group:
        k, j, i = box
        pores = values[k.start - start : k.stop - start, j, i] == pore
        yield number, box, instances.labels[box] == number, pores


def _flat(own: Mask, pore: Mask, rule: CrackRule) -> tuple[Mask, Mask]:
    """In 2D, the only slice."""
    return (own[0], pore[0]) if len(rule.size_um) == 2 else (own, pore)


def _measure(own: Mask, pore: Mask, rule: CrackRule, start: list[int]) -> dict[str, Any]:
    """One row of `Parents`."""
    voxel = float(np.prod(rule.size_um))
    centre = [first + _middle(own, axis) for axis, first in enumerate(start)]
    own, pore = _flat(own, pore, rule)
    found = find_cracks(own, pore, rule)
    return {
        "solid": own.sum() * voxel,
        "crack": found.volumes.sum(),
        "hollow": found.hollow,
        "surface": found.surfaces.sum(),
        "length": found.lengths.max(initial=0.0),
        "cracks": len(found.volumes),
        "fragments": count_fragments(own, rule.least_fragment),
        **dict(zip("kji", centre, strict=True)),
    }


def _middle(own: Mask, axis: int) -> float:
    """Mean index along an axis."""
    counts = own.sum(axis=tuple(other for other in range(own.ndim) if other != axis))
    return float(np.average(np.arange(len(counts)), weights=counts))
