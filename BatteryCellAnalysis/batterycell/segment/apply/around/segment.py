"""A whole cylindrical cell: half-planes through the network, and back onto the image's voxels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.output import check_room
from batterycell.progress import Progress
from batterycell.segment.apply.job import Job
from batterycell.segment.apply.slices import counted, kept_note
from batterycell.segment.apply.store import Store
from batterycell.segment.classes import SegmentClass

from .fan import Fan
from .planes import judge_blocks
from .voxels import used_planes, write_voxels

_PREPARED, _JUDGED = 0.03, 0.85
# Pixels a block, so that a break costs little.
_BLOCK = 1_000_000

Arrays = dict[str, NDArray[np.uint8]]


def segment_around(job: Job, cell: Cell, progress: Progress) -> tuple[Arrays, list[str]]:
    """What a model says of the voxels of a cell, each as the nearest half-plane shows it, and for people how.

    Args:
        job: The image, the model, how.
        cell: Where the cell stands in it.
        progress: Told after every block of half-planes; asked whether to stop.
    """
    beyond, work = _background(job.model.info.classes), job.settings.work
    fan = Fan.of(job.image.grid, cell, whole=beyond == 0)
    planes_work = work / "planes" if work else None
    if planes_work and not planes_work.exists():
        planes_work.parent.mkdir(parents=True, exist_ok=True)
        # Half-planes overlap near the axis: there are more of their pixels than voxels.
        check_room(planes_work.parent, float(len(job.names) * math.prod(fan.shape)))
    signature = job.signature(planes_work, progress.part(0.0, _PREPARED)) | {"planes": list(fan.shape)}
    planes = Store(planes_work, signature, fan.shape, job.names)
    kept = _judge(job, fan, planes, progress.part(_PREPARED, _JUDGED))
    voxels = Store(work, signature, job.shape, job.names)
    write_voxels((job.image.grid, job.region), fan, (planes.arrays, voxels.arrays), beyond, progress.part(_JUDGED, 1.0))
    return voxels.arrays, [_note(fan, job, beyond), *kept]


def _judge(job: Job, fan: Fan, store: Store, progress: Progress) -> list[str]:
    """Segment the half-planes that are not finished yet; for people, how many were."""
    count, rows, columns = fan.shape
    several = max(1, _BLOCK // (rows * columns))
    used = used_planes(fan, job.image.grid, job.region)
    blocks = {
        number: [n for n in range(first, min(first + several, count)) if used[n]]
        for number, first in enumerate(range(0, count, several))
    }
    wanted = {number: planes for number, planes in blocks.items() if planes}
    left = {number: planes for number, planes in wanted.items() if number not in store.finished}

    def told(done: int) -> Progress:
        return counted(progress.part(done / len(left), (done + 1) / len(left)), done, len(left))

    if job.settings.spread:
        found = _spread(job, fan, left, progress)
    else:
        found = zip(left, judge_blocks(job, fan, list(left.values()), told), strict=True)
    for number, made in found:
        for name, array in store.arrays.items():
            array[left[number]] = made[name]
        store.finish(number)
    return kept_note(len(wanted) - len(left), len(wanted))


def _spread(job: Job, fan: Fan, left: dict[int, list[int]], progress: Progress) -> Iterator[tuple[int, Arrays]]:
    """The half-planes that are left, side by side, in any order."""
    from batterycell.segment.apply.pieces import Piece

    pieces = {number: Piece(planes=tuple(planes), fan=fan) for number, planes in left.items()}
    found: Iterator[tuple[int, Arrays]] = job.settings.spread(job, pieces, progress)
    return found


def _background(classes: Sequence[SegmentClass]) -> int:
    """The label of what lies beyond the can; 0 where no class is called so."""
    return next((number for number, one in enumerate(classes, 1) if one.name.strip().lower() == "background"), 0)


def _note(fan: Fan, job: Job, beyond: int) -> str:
    rest = f"; beyond the can all is {job.model.info.classes[beyond - 1].name}" if beyond else ""
    return f"It was seen in {fan.shape[0]} half-planes around the cell's axis{rest}."
