"""Who finds the objects of a label volume: this process slab by slab, or the workers of a cluster."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from batterycell.errors import GOES_ON, Cancelled, InputError

if TYPE_CHECKING:
    from batterycell.cluster import Cluster
    from batterycell.objects import Engine, LabelFile


@contextmanager
def kept_engine(cluster: Cluster | None, file: LabelFile, kept: Path, objects: Path) -> Iterator[Engine]:
    """An engine that keeps what it finds until the result is complete, or cannot be.

    Args:
        cluster: Whose workers find and measure; None for this process.
        file: The labels.
        kept: Where slabs are kept.
        objects: Where the objects are to lie.
    """
    from batterycell.objects.spread import spread_engine

    if cluster is not None:
        cluster.require_folder(objects)
        cluster.require_folder(kept)
        cluster.require_inputs([file.path])
    try:
        with spread_engine(cluster, file, kept) as engine:
            yield engine
    except InputError as error:
        if error.code not in GOES_ON:
            shutil.rmtree(kept, ignore_errors=True)
        raise
    except (Cancelled, KeyboardInterrupt) as stop:
        raise _cancelled(kept) from stop
    shutil.rmtree(kept, ignore_errors=True)


def _cancelled(kept: Path) -> Cancelled:
    cancelled = Cancelled()
    if any(kept.glob("*.npz")):
        cancelled.hint = f"What was found is kept in {kept}: the same command goes on there"
    else:
        shutil.rmtree(kept, ignore_errors=True)
    return cancelled
