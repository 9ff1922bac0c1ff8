"""Corrections by hand: objects merged, split or removed, each one logged, and kept as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from batterycell.instances.find.room import renumber
from batterycell.instances.instances import Instances
from batterycell.progress import Progress

from .do import do
from .kinds import Edit, read_edits

__all__ = ["Edit", "apply_edits", "compact", "read_edits"]


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
        now = do(now, edit, voxel_um)
    return now


def compact(instances: Instances) -> Instances:
    """The instances numbered without gaps, in the order of their numbers; for writing.

    The labels are changed in place.
    """
    stays = instances.voxels > 0
    if stays[1:].all():
        return instances
    table = np.where(stays, np.cumsum(stays), 0).astype(np.uint32)
    renumber(instances.labels, table, instances.labels[0].size)
    stays[0] = True
    names = ("classes", "on_border", "voxels", "boxes")
    return replace(instances, **{name: getattr(instances, name)[stays] for name in names})
