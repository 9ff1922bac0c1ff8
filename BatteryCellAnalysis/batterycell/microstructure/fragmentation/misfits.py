"""Particles that were taken for fragments of one: their outlines do not fit together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Tally, tally
from batterycell.instances.instances import Instances

from .cracks import CrackRule, Mask, fill_gaps, find_pieces

# Fragments fit together where their convex hull, but for them and the gaps between them, is smaller than so many times
# the second largest. On generated cathodes it is 0.2 (in volumes 0.5) for half of the broken particles, and 1.6 (6) for
# half of those that are several particles.
MISFIT = {2: 1.5, 3: 3.0}
Parts = NDArray[np.uint32]


def divide_misfits(instances: Instances, rule: CrackRule, least_voxels: float) -> Instances:
    """Make particles of their own of pieces that do not fit together.

    A broken particle's fragments have a common outline about as convex as a particle's. Particles that lie within a
    crack's width of each other have not.

    Args:
        instances: The particles; their labels are changed.
        rule: What is a crack.
        least_voxels: Pieces of fewer voxels are left out.

    Returns:
        The particles; new ones have the next numbers.
    """
    objects: dict[int, Tally] = {}
    divided, last = 0, instances.count
    for number in range(1, instances.count + 1):
        box = instances.box(number)
        parts = _find_misfits(instances.labels[box] == number, rule, least_voxels)
        if parts is not None:
            divided += 1
            numbers = [number, *range(last + 1, last + int(parts.max()))]
            last = max(last, *numbers)
            objects |= _renumber(instances, number, parts, numbers)
    if not divided:
        return instances
    told = f"Objects whose pieces do not fit together, taken for several particles, not for broken ones: {divided:,}."
    return instances.with_objects(objects, gone=(), told=told)


def _find_misfits(own: Mask, rule: CrackRule, least_voxels: float) -> Parts | None:
    """Parts of a particle, 1 the largest, 0 what is too small; None where all fit together."""
    flat = own[0] if len(rule.size_um) == 2 else own
    pieces, sizes = find_pieces(flat)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] >= rule.least_fragment * sizes.sum()]
    if len(order) < 2 or _fit(flat, float(sizes[order[1]]), rule):
        return None
    numbers = np.ones(len(sizes), np.uint32)  # specks stay with the largest
    numbers[order] = 0
    large = order[(sizes[order] >= least_voxels) | (order == order[0])]
    numbers[large] = np.arange(1, len(large) + 1)
    return np.append(np.uint32(0), numbers)[pieces].reshape(own.shape).astype(np.uint32)


def _fit(own: Mask, second: float, rule: CrackRule) -> bool:
    padded = np.pad(own, 1 + int(np.ceil(rule.width_um / 2 / min(rule.size_um))))
    beyond = _hull_voxels(own) - fill_gaps(padded, rule).sum()
    return bool(beyond < MISFIT[own.ndim] * second)


def _hull_voxels(own: Mask) -> float:
    """Voxels in the convex hull of the middles of a body's faces."""
    from scipy import ndimage
    from scipy.spatial import ConvexHull

    edge = np.argwhere(own & ~ndimage.binary_erosion(own))
    steps = np.concatenate([np.eye(own.ndim), -np.eye(own.ndim)]) / 2
    return float(ConvexHull((edge[:, None] + steps).reshape(-1, own.ndim)).volume)


def _renumber(instances: Instances, number: int, parts: Parts, numbers: list[int]) -> dict[int, Tally]:
    """Write the parts of a particle under their numbers, and say what is known of each."""
    box = instances.box(number)
    labels, inside = instances.labels[box], instances.labels[box] == number
    labels[inside] = np.array([0, *numbers], np.uint32)[parts[inside]]
    found = tally(parts, int(instances.classes[number]), len(numbers))
    corner = instances.boxes[number, :3]
    found.low[:] += corner
    found.high[:] += corner
    return {each: found.at(np.array([place])) for place, each in enumerate(numbers)}
