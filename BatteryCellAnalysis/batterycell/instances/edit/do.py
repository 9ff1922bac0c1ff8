"""One correction done: objects merged, split or removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import tally
from batterycell.instances.instances import Instances

from .kinds import Edit, require
from .split import Parts, Sizes, split_at, split_in_two


def do(now: Instances, edit: Edit, voxel_um: Sizes) -> Instances:
    """The instances after one edit; their labels are changed in place.

    Raises:
        InputError: if an object does not exist, if a point is not in it, or if objects of two classes are merged.
    """
    _check(now, edit)
    return _DOERS[edit.kind](now, edit, voxel_um)


def _check(now: Instances, edit: Edit) -> None:
    for number in edit.ids:
        exists = 0 < number <= now.count and now.voxels[number] > 0
        require(exists, f"There is no object {number} to {edit.kind}", "Edits before may have merged or removed it.")


def _merge(now: Instances, edit: Edit, _: Sizes) -> Instances:
    ids = sorted(edit.ids)
    classes = sorted({int(now.classes[number]) for number in ids})
    require(len(classes) == 1, f"Objects {_list(ids)} are of classes {_list(classes)}", "An object has one class.")
    slices = {int(now.boxes[number, 0]) for number in ids}
    require(now.dimension == 3 or len(slices) == 1, f"Objects {_list(ids)} lie in different slices", "Measure in 3D.")
    for number in ids[1:]:
        _replace(now, number, ids[0])
    return now.with_objects({ids[0]: now.tally_of(ids)}, gone=ids[1:], told=f"Merged {_list(ids)} into {ids[0]}.")


def _remove(now: Instances, edit: Edit, _: Sizes) -> Instances:
    for number in edit.ids:
        _replace(now, number, 0)
    return now.with_objects({}, gone=edit.ids, told=f"Removed {_list(edit.ids)}.")


def _split(now: Instances, edit: Edit, voxel_um: Sizes) -> Instances:
    (number,) = edit.ids
    box = now.box(number)
    part = now.labels[box]
    inside = part == number
    parts = _divide(now, edit, inside, voxel_um)
    count = int(parts.max())
    numbers = [number, *range(now.count + 1, now.count + count)]
    now.labels[box] = np.where(inside, np.array([0, *numbers], np.uint32)[parts], part)
    corner = now.boxes[number, :3]
    found = tally(parts, int(now.classes[number]), count)
    found.low[:] += corner
    found.high[:] += corner
    objects = {each: found.at(np.array([place])) for place, each in enumerate(numbers)}
    return now.with_objects(objects, gone=(), told=f"Split {number} into {_list(numbers)}.")


def _divide(now: Instances, edit: Edit, inside: NDArray[np.bool_], voxel_um: Sizes) -> Parts:
    (number,) = edit.ids
    require(now.voxels[number] > 1, f"Object {number} is a single voxel", "Remove it instead.")
    if not edit.points:
        return split_in_two(inside, voxel_um, now.dimension)
    points = np.array(edit.points)[:, ::-1] - now.boxes[number, :3]
    for given, (k, j, i) in zip(edit.points, points.tolist(), strict=True):
        held = min(k, j, i) >= 0 and (np.array([k, j, i]) < inside.shape).all() and inside[k, j, i]
        require(bool(held), f"The point {given} is not in object {number}", "Points are voxels (i, j, k) in it.")
    require(len(np.unique(points, axis=0)) == len(points), "A point is named twice", "Give a voxel for each part.")
    return split_at(inside, points, voxel_um, now.dimension)


def _replace(now: Instances, number: int, other: int) -> None:
    box = now.box(number)
    part = now.labels[box]
    now.labels[box] = np.where(part == number, np.uint32(other), part)


_DOERS: dict[str, Callable[[Instances, Edit, Sizes], Instances]] = {"merge": _merge, "split": _split, "remove": _remove}


def _list(values: Iterable[int]) -> str:
    return ", ".join(map(str, values))
