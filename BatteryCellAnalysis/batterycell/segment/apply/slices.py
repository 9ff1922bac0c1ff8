"""A model on an image slice by slice, or block by block in 3D: in bounded memory, going on where it was broken off."""

from __future__ import annotations

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
    run = (job.device.name, job.windows(signature["edge"]))
    store = Store(job.settings.work, signature, job.shape, job.names)
    left = [number for number in range(len(blocks)) if number not in store.finished]
    for done, number in enumerate(left):
        share = progress.part(_PREPARED, 1.0).part(done / len(left), (done + 1) / len(left))
        seen, told = Seen(job.image, job.levels, plan, blocks[number]), counted(share, number, len(blocks))
        _keep(store, plan.axis, (first, blocks[number]), judge_block(seen, job.model, run, told, job.names))
        store.finish(number)
    return store.arrays, [*_notes(job, plan), *kept_note(len(blocks) - len(left), len(blocks))]


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
