"""Corrections by hand: objects merged, split or removed, each one logged, and kept as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress

from .edits_split import Parts, Sizes, split_at, split_in_two
from .instances import Instances
from .join import tally

Kind = Literal["merge", "split", "remove"]
_HINT = 'Give [{"kind": "merge", "ids": [3, 8]}, {"kind": "split", "ids": [5], "points": [[i, j, k], ...]}, ...].'


@dataclass(frozen=True)
class Edit:
    """One correction.

    Args:
        kind: "merge" makes all of ``ids`` the one of the lowest number; "split" divides the only one of ``ids``, at its
            narrowest place into two, or into one part a point; "remove" turns ``ids`` into nothing.
        ids: Numbers of the objects, as they are when all edits before were done.
        points: Voxels (i, j, k) inside the object, one in each part; for a split only.

    Raises:
        InputError: if it makes no sense.
    """

    kind: Kind
    ids: tuple[int, ...]
    points: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        _require(self.kind in get_args(Kind), f"There is no edit {self.kind!r}")
        _require(len(set(self.ids)) == len(self.ids), f"An object is named twice in {self.kind} {self.ids}")
        _require(self.kind != "merge" or len(self.ids) > 1, "One object alone cannot be merged")
        _require(self.kind != "split" or len(self.ids) == 1, "Objects are split one at a time")
        _require(self.kind != "remove" or bool(self.ids), "No object is named that is to be removed")
        _require(self.kind == "split" or not self.points, f"Points make no sense in {self.kind}")
        _require(len(self.points) != 1, "One point does not split an object")

    @classmethod
    def from_json(cls, value: Any) -> Edit:
        """An edit as `to_json` gives it.

        Raises:
            InputError: if it is none.
        """
        _require(isinstance(value, dict) and set(value) <= {"kind", "ids", "points"}, f"{value!r} is no edit")
        ids, points = value.get("ids", ()), value.get("points", ())
        _require(_are_whole(ids), f"{ids!r} are no numbers of objects")
        _require(isinstance(points, list | tuple) and all(_are_whole(one, 3) for one in points), "Points are (i, j, k)")
        return cls(value.get("kind"), tuple(ids), tuple((i, j, k) for i, j, k in points))

    def to_json(self) -> dict[str, Any]:
        """The edit in JSON's types."""
        points = {"points": [list(one) for one in self.points]} if self.points else {}
        return {"kind": self.kind, "ids": list(self.ids), **points}


def read_edits(values: Any) -> tuple[Edit, ...]:
    """Edits as JSON lists them.

    Raises:
        InputError: if they are none.
    """
    _require(isinstance(values, list | tuple), "Edits are a list")
    return tuple(one if isinstance(one, Edit) else Edit.from_json(one) for one in values)


def apply_edits(
    instances: Instances,
    edits: Sequence[Edit],
    voxel_um: tuple[float, float, float],
    progress: Progress | None = None,
    in_place: bool = False,
) -> Instances:
    """The instances after corrections, each one told in the log.

    Numbers stay: a merged object keeps the lowest, parts of a split one get the next numbers after the largest (the
    largest part, or that of the first point, keeps the old one), and numbers that were left are not used again. To
    undo the last edit, apply all the others to the original. `compact` numbers without gaps.

    Args:
        instances: The original.
        edits: In order.
        voxel_um: Voxel size (z, y, x) in µm.
        progress: Told of every edit.
        in_place: Change the labels of ``instances`` themselves, for volumes that cannot be held twice.

    Raises:
        InputError: if an object does not exist, if a point is not in it, or if objects of two classes are merged.
    """
    progress = progress or Progress()
    labels = instances.labels if in_place else np.array(instances.labels)
    now = replace(instances, labels=labels)
    for place, edit in enumerate(edits):
        progress.report(place / len(edits), "Editing objects")
        _check(now, edit)
        now = _DOERS[edit.kind](now, edit, voxel_um)
    return now


def compact(instances: Instances) -> Instances:
    """The instances numbered without gaps, in the order of their numbers; for writing.

    The labels are changed in place.
    """
    stays = instances.voxels > 0
    if stays[1:].all():
        return instances
    table = np.where(stays, np.cumsum(stays), 0).astype(np.uint32)
    for each in instances.labels:
        each[...] = table[each]
    stays[0] = True
    names = ("classes", "on_border", "voxels", "boxes")
    return replace(instances, **{name: getattr(instances, name)[stays] for name in names})


def _check(now: Instances, edit: Edit) -> None:
    for number in edit.ids:
        exists = 0 < number <= now.count and now.voxels[number] > 0
        _require(exists, f"There is no object {number} to {edit.kind}", "Edits before may have merged or removed it.")


def _merge(now: Instances, edit: Edit, _: Sizes) -> Instances:
    ids = sorted(edit.ids)
    classes = sorted({int(now.classes[number]) for number in ids})
    _require(len(classes) == 1, f"Objects {_list(ids)} are of classes {_list(classes)}", "An object has one class.")
    slices = {int(now.boxes[number, 0]) for number in ids}
    _require(now.dimension == 3 or len(slices) == 1, f"Objects {_list(ids)} lie in different slices", "Measure in 3D.")
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
    part[inside] = np.array([0, *numbers], np.uint32)[parts[inside]]
    corner = now.boxes[number, :3]
    found = tally(parts, int(now.classes[number]), count)
    found.low[:] += corner
    found.high[:] += corner
    objects = {each: found.at(np.array([place])) for place, each in enumerate(numbers)}
    return now.with_objects(objects, gone=(), told=f"Split {number} into {_list(numbers)}.")


def _divide(now: Instances, edit: Edit, inside: NDArray[np.bool_], voxel_um: Sizes) -> Parts:
    (number,) = edit.ids
    _require(now.voxels[number] > 1, f"Object {number} is a single voxel", "Remove it instead.")
    if not edit.points:
        return split_in_two(inside, voxel_um, now.dimension)
    points = np.array(edit.points)[:, ::-1] - now.boxes[number, :3]
    for given, (k, j, i) in zip(edit.points, points.tolist(), strict=True):
        held = min(k, j, i) >= 0 and (np.array([k, j, i]) < inside.shape).all() and inside[k, j, i]
        _require(bool(held), f"The point {given} is not in object {number}", "Points are voxels (i, j, k) in it.")
    _require(len(np.unique(points, axis=0)) == len(points), "A point is named twice", "Give a voxel for each part.")
    return split_at(inside, points, voxel_um, now.dimension)


def _replace(now: Instances, number: int, other: int) -> None:
    part = now.labels[now.box(number)]
    part[part == number] = other


_DOERS: dict[str, Callable[[Instances, Edit, Sizes], Instances]] = {"merge": _merge, "split": _split, "remove": _remove}


def _list(values: Iterable[int]) -> str:
    return ", ".join(map(str, values))


def _are_whole(values: Any, count: int = -1) -> bool:
    whole = isinstance(values, list | tuple) and all(type(one) is int and one >= 0 for one in values)
    return whole and count in (-1, len(values))


def _require(holds: bool, message: str, hint: str = _HINT) -> None:
    if not holds:
        raise InputError("instances-edit", f"{message}.", hint)
