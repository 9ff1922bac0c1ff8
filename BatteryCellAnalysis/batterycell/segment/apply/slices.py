"""A model on an image slice by slice, or block by block in 3D: in bounded memory, going on where it was broken off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.data.grid import Grid

from .blocks import Seen, judge_block
from .job import Job
from .plan import AXES, Plan, axis_first, cut_blocks
from .settings import Box
from .store import Store

_PREPARED = 0.03
# The blocks that are left by number, how many there are in all, and the edge of the windows.
_What = tuple[dict[int, Box], int, int]
_Found = Iterator[tuple[int, dict[str, NDArray[np.uint8]]]]


def segment_slices(job: Job, plan: Plan, progress: Progress) -> tuple[dict[str, NDArray[np.uint8]], list[str]]:
    """What a model says of an image's voxels, and how it saw them, one sentence each.

    Args:
        job: The image, the model, how.
        plan: On which pixels it sees the image.
        progress: Told after every block; asked whether to stop.
    """
    signature = job.signature(job.settings.work, progress.part(0.0, _PREPARED))
    first, last = (axis_first(place, plan.axis) for place in job.region)
    blocks = cut_blocks((first, last), job.model.info.network, plan.scale, signature["memory"])
    store = Store(job.settings.work, signature, job.shape, job.names)
    left = {number: block for number, block in enumerate(blocks) if number not in store.finished}
    judge = _spread if job.settings.spread else _judge
    for number, found in judge(job, plan, (left, len(blocks), signature["edge"]), progress.part(_PREPARED, 1.0)):
        _keep(store, plan.axis, (first, blocks[number]), found)
        store.finish(number)
    return store.arrays, [*_notes(job, plan), *kept_note(len(blocks) - len(left), len(blocks))]


def _judge(job: Job, plan: Plan, what: _What, progress: Progress) -> _Found:
    """The blocks that are left, one after the other."""
    left, count, edge = what
    run = (job.device.name, job.windows(edge))
    for done, (number, block) in enumerate(left.items()):
        told = counted(progress.part(done / len(left), (done + 1) / len(left)), number, count)
        yield number, judge_block(Seen(job.image, job.levels, plan, block), job.model, run, told, job.names)


def _spread(job: Job, plan: Plan, what: _What, progress: Progress) -> _Found:
    """The blocks that are left, side by side, in any order."""
    from .pieces import Piece

    left, _, edge = what
    found: _Found = job.settings.spread(job, {n: Piece(edge, block) for n, block in left.items()}, progress)
    return found


def counted(progress: Progress, number: int, count: int) -> Progress:
    """The progress of one block of several."""
    message = f"segmenting block {number + 1} of {count}"
    return Progress(lambda fraction, _: progress.report(fraction, message), progress.is_cancelled)


def kept_note(kept: int, count: int) -> list[str]:
    """How much was kept from work that was broken off, for people; nothing where nothing was."""
    return [f"{kept} of {count} blocks were kept from work that was broken off."] if kept else []


def _keep(
    store: Store, axis: int, places: tuple[tuple[int, int, int], Box], found: dict[str, NDArray[np.uint8]]
) -> None:
    corner, block = places
    place = tuple(slice(a - first, b - first) for a, b, first in zip(*block, corner, strict=True))
    for name, array in store.arrays.items():
        np.moveaxis(array, axis, 0)[place] = found[name]


def _notes(job: Job, plan: Plan) -> list[str]:
    notes = []
    if job.model.info.network.dimension != "3d" and plan.axis:
        notes.append(f"Slices were taken along the image's axis {AXES[plan.axis]}.")
    if plan.is_resampled:
        old, new = (_micrometres(grid) for grid in (plan.image, plan.network))
        notes.append(f"Voxels of {old} were resampled to {new}, those of the training; labels are on the image's own.")
    return notes


def _micrometres(grid: Grid) -> str:
    return " × ".join(f"{size:.4g}" for size in grid.voxel_size_um) + " µm"
