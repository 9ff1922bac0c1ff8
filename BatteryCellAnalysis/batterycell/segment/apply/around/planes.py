"""Half-planes through the network: while it judges some, the next are sampled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.segment.apply.blocks import Seen, resampled
from batterycell.segment.apply.job import Job
from batterycell.segment.apply.judge import JUDGES
from batterycell.segment.apply.plan import Plan, plan_frame
from batterycell.segment.apply.predict import predict

from .fan import Fan


def judge_blocks(
    job: Job, fan: Fan, blocks: Sequence[Sequence[int]], told: Callable[[int], Progress]
) -> Iterator[dict[str, NDArray[np.uint8]]]:
    """What a model says of blocks of half-planes, one after the other.

    Args:
        job: The image, the model, how.
        fan: The half-planes.
        blocks: The numbers of the half-planes of each block.
        told: Gives the progress of a block by its place.

    Yields:
        Of each block "labels" and "uncertainty", as far as asked for, (half-planes, rows, columns), uint8.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(_sample, job, fan, block) for block in blocks[:1]]
        for place, block in enumerate(blocks):
            pixels = waiting.pop().result()
            waiting += [pool.submit(_sample, job, fan, other) for other in blocks[place + 1 : place + 2]]
            yield _judge(job, [_plan(job, fan, number) for number in block], pixels, told(place))


def _plan(job: Job, fan: Fan, number: int) -> Plan:
    return plan_frame(fan.grid(number), job.model.info)


def _sample(job: Job, fan: Fan, numbers: Sequence[int]) -> NDArray[np.float32]:
    """What the network sees of half-planes, levels applied: (channels, half-planes, rows, columns)."""
    plans = [_plan(job, fan, number) for number in numbers]
    seen = [Seen(job.image, job.levels, plan, ((0, 0, 0), plan.image.shape)) for plan in plans]
    return np.concatenate([one.pixels(((0, 0, 0), one.plan.network.shape), 0) for one in seen], axis=1)


def _judge(
    job: Job, plans: Sequence[Plan], pixels: NDArray[np.float32], progress: Progress
) -> dict[str, NDArray[np.uint8]]:
    info, windows = job.model.info, job.windows(None)
    engine, found = predict(job.model.network, pixels, info.network, job.device.name, windows, progress)
    if not plans[0].is_resampled:
        return {name: np.asarray(engine.fetch(JUDGES[name](found, engine.xp)), np.uint8) for name in job.names}
    own = engine.fetch(found)
    each = [resampled(own[:, n : n + 1], plan.network, plan.image) for n, plan in enumerate(plans)]
    on_voxels = np.concatenate(each, axis=1)
    return {name: np.asarray(JUDGES[name](on_voxels), np.uint8) for name in job.names}
