"""Instances: a volume of numbered objects, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.border import border_weights, touches_border
from batterycell.instances.find.join import Ints, Tally
from batterycell.instances.find.room import read_slabs
from batterycell.slabs import SlabSource

from .settings import Border, LabelSettings

Labels = NDArray[np.uint32]


@dataclass(frozen=True)
class Instances:
    """Objects numbered from 1; entry 0 of each array is unused.

    Numbers have no gaps, except after edits: an object that was removed or merged away keeps its entry, with 0 voxels,
    until `compact` numbers all anew.

    Args:
        labels: Shape (k, j, i): 0 is nothing, n is instance n.
        classes: Class of each, shape (n + 1,); 0 for none.
        on_border: Whether the volume's border, in 2D the slice's, may cut it; shape (n + 1,).
        log: What was done and what must be told, in order.
        voxels: Voxels of each, shape (n + 1,).
        boxes: First (k, j, i) and last, itself included, of each, shape (n + 1, 6).
        dimension: 3, or 2 where each slice has objects of its own.
        border: How objects on the border count.
    """

    labels: Labels
    classes: Ints
    on_border: NDArray[np.bool_]
    log: tuple[str, ...]
    voxels: Ints
    boxes: Ints
    dimension: int = 3
    border: Border = "flag"

    @classmethod
    def of(cls, labels: Labels, found: Tally, settings: LabelSettings, log: tuple[str, ...] = ()) -> Instances:
        """Instances of which all is known.

        Args:
            labels: Shape (k, j, i).
            found: Object n at n - 1.
            settings: Their dimension and border.
            log: What must be told.
        """
        cut = touches_border(found, _shape(labels), settings.dimension)
        boxes = np.concatenate([found.low, found.high], axis=1)
        columns = [_from_one(values) for values in (found.classes, cut, found.voxels, boxes)]
        return cls(labels, columns[0], columns[1], log, columns[2], columns[3], settings.dimension, settings.border)

    @property
    def count(self) -> int:
        """The largest number."""
        return len(self.classes) - 1

    @property
    def tally(self) -> Tally:
        """What is known of object n, at n - 1; the place of the first voxel is not."""
        low, high = self.boxes[1:, :3], self.boxes[1:, 3:]
        return Tally(self.voxels[1:], np.zeros(self.count, np.int64), low, high, self.classes[1:])

    @property
    def weights(self) -> NDArray[np.float64]:
        """How many objects each one stands for in counts and distributions, shape (n + 1,); see `border_weights`."""
        if self.border == "keep":
            return (self.voxels > 0).astype(float)
        weights = border_weights(self.tally, _shape(self.labels), self.dimension)
        return _from_one(np.where(self.voxels[1:] > 0, weights, 0.0))

    def box(self, number: int) -> tuple[slice, slice, slice]:
        """Where in the labels an object lies."""
        k, j, i = (slice(low, high + 1) for low, high in self.boxes[number].reshape(2, 3).T.tolist())
        return k, j, i

    def tally_of(self, numbers: Sequence[int]) -> Tally:
        """What is known of some objects, taken as one."""
        rows = np.array(numbers) - 1
        return self.tally.at(rows).grouped(np.zeros(len(rows), np.int64), 1)

    def with_objects(self, objects: Mapping[int, Tally], gone: Sequence[int], told: str) -> Instances:
        """The same with some objects anew, after their voxels were changed.

        Args:
            objects: What is known of each, by number; new numbers follow the largest.
            gone: Numbers of objects without voxels.
            told: What was done.
        """
        new = max(0, max(objects, default=0) - self.count)
        columns = (self.classes, self.on_border, self.voxels, self.boxes)
        classes, cut, voxels, boxes = (
            np.concatenate([one, np.zeros((new, *one.shape[1:]), one.dtype)]) for one in columns
        )
        for number in gone:
            classes[number], cut[number], voxels[number], boxes[number] = 0, False, 0, 0
        for number, one in objects.items():
            classes[number], voxels[number] = one.classes[0], one.voxels[0]
            boxes[number] = np.concatenate([one.low[0], one.high[0]])
            cut[number] = touches_border(one, _shape(self.labels), self.dimension)[0]
        return replace(self, classes=classes, on_border=cut, voxels=voxels, boxes=boxes, log=(*self.log, told))

    @property
    def source(self) -> SlabSource:
        """The label volume in slabs; one in a file is read from there, not held."""
        return read_slabs(self.labels)


def _shape(labels: NDArray[Any]) -> tuple[int, int, int]:
    k, j, i = labels.shape
    return k, j, i


def _from_one(values: NDArray[Any]) -> NDArray[Any]:
    """The same with an unused entry in front."""
    return np.concatenate([np.zeros((1, *values.shape[1:]), values.dtype), values])
