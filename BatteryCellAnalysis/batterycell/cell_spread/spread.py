"""A cell's measurement on a cluster: its pieces as tasks, kept in files, where the measurement itself finds them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from batterycell.cluster import Answer, Cluster, Task, run_tasks
from batterycell.errors import GOES_ON, InputError
from batterycell.io.kept import Keeper
from batterycell.progress import Elsewhere, Progress

from .work import CellRun, let_go

_PIECE = "batterycell.cell_spread.work:piece_task"


def spread_over(cluster: Cluster, run: CellRun) -> Elsewhere:
    """What does the pieces of a cell's measurement on the workers of a cluster (`Progress.elsewhere`).

    The tables are those of one process, as it looks for every piece among those that are kept in any case.

    Args:
        cluster: The cluster; its workers have the keeper's folder at the same place.
        run: The measurement.
    """
    return partial(_done, cluster, run)


def _done(cluster: Cluster, run: CellRun, names: Iterable[str], progress: Progress) -> None:
    keeper = Keeper(run.folder, run.job, joins=True)
    shared = {"cell": run.to_json(), "run": uuid.uuid4().hex}  # another run may find another cell at the same place
    tasks = [Task(_PIECE, {**shared, "piece": name}, name) for name in names if name not in keeper]
    try:
        answers = [answer for _, answer in run_tasks(cluster, tasks, progress)]
    finally:
        if cluster.client.status == "running":
            with suppress(OSError, TimeoutError):  # the scheduler may be lost in this very moment
                cluster.client.run(let_go, on_error="ignore")
    for answer in answers:
        _check(answer)


def _check(answer: Answer) -> None:
    """Stop after all but what is wrong with the cell: the measurement meets that again, and tells of it."""
    is_of_cell = isinstance(answer.error, InputError) and answer.error.code not in GOES_ON
    if not is_of_cell:
        answer.get()
