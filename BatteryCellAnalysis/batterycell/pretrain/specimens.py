"""Generated specimens, drawn once by several processes and kept in files, so that broken-off drawing goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from batterycell.progress import Progress
from batterycell.segment.data.files import JSON_FILE, read_dataset, write_dataset
from batterycell.segment.frames import Role
from batterycell.segment.samples import Dataset, Sample

from .plan import SPLITS, Pretraining, Split

_ROLES: dict[Split, Role] = {"training": "training", "validation": "validation", "held-out": "validation"}
# A process computes with one thread: there are as many processes as threads.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Specimen:
    """One specimen to be drawn.

    Args:
        split: What it is for.
        seed: What it is drawn from.
        folder: Where its samples are kept.
    """

    split: Split
    seed: int
    folder: Path

    @property
    def is_drawn(self) -> bool:
        """Whether its samples are there: the file that completes them is."""
        return (self.folder / JSON_FILE).exists()


def list_specimens(cache: Path, seed: int, counts: Sequence[int]) -> list[Specimen]:
    """All specimens of a pretraining.

    Args:
        cache: Folder that keeps them.
        seed: Of the pretraining; another one shares no specimen with it.
        counts: How many train, validate and are held out.
    """
    seeds = {
        split: range(seed * 1_000_000, seed * 1_000_000 + count) for split, count in zip(SPLITS, counts, strict=True)
    }
    return [Specimen(split, one, cache / split / f"{one:08}") for split in SPLITS for one in seeds[split]]


def draw_specimens(plan: Pretraining, specimens: Sequence[Specimen], processes: int, progress: Progress) -> None:
    """Draw those that are not drawn yet.

    Args:
        plan: How they are drawn.
        specimens: Which.
        processes: How many draw at the same time; with one, this one does.
        progress: Told after each.

    Raises:
        OutputError: if they cannot be kept.
        Cancelled: if the user asked to stop; what is drawn is kept.
    """
    left = [one for one in specimens if not one.is_drawn]
    progress.report(1.0 - len(left) / max(1, len(specimens)), "drawing specimens")
    work = _each(plan, left) if processes == 1 else _together(plan, left, processes)
    for count, _ in enumerate(work, start=len(specimens) - len(left) + 1):
        progress.report(count / len(specimens), f"drawing specimens, {count} of {len(specimens)}")


def read_samples(specimens: Sequence[Specimen], split: Split) -> list[Sample]:
    """The samples of a split, in the order of their specimens.

    Raises:
        InputError: if a file is damaged.
    """
    return [sample for one in specimens if one.split == split for sample in read_dataset(one.folder).samples]


def _each(plan: Pretraining, specimens: Sequence[Specimen]) -> Iterator[None]:
    for one in specimens:
        _draw(plan, one)
        yield


def _together(plan: Pretraining, specimens: Sequence[Specimen], processes: int) -> Iterator[None]:
    spawn = multiprocessing.get_context("spawn")
    with _one_thread_each(), ProcessPoolExecutor(processes, spawn, _begin_process) as pool:
        futures: list[Future[None]] = [pool.submit(_draw, plan, one) for one in specimens]
        try:
            yield from (future.result() for future in as_completed(futures))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _draw(plan: Pretraining, specimen: Specimen) -> None:
    role = _ROLES[specimen.split]
    samples = [replace(one, role=role) for one in plan.draw(specimen.seed, specimen.split)]
    for sample in samples:
        check_sample(sample, plan)
    write_dataset(Dataset(plan.classes, tuple(samples)), specimen.folder)


def check_sample(sample: Sample, plan: Pretraining) -> None:
    """Check that a drawn sample is what a plan promises.

    Raises:
        ValueError: if it is not: a fault of the factory.
    """
    problems = {
        "is not flat, of one channel": sample.image.shape[:2] != (1, 1),
        "states no grey values of its image": len(sample.quantiles) != 1,
        "has labels of no class": bool(sample.labels.max() > len(plan.classes)) or sample.labels.dtype != np.uint8,
        "has no labels": not sample.labels.any(),
        "holds no numbers": not np.isfinite(sample.image).all(),
        "has pixels out of range": not all(
            plan.pixel_range_um[0] * 0.99 <= size <= plan.pixel_range_um[1] * 1.01 for size in sample.voxel_size_um[1:]
        ),
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(f"{plan.name}: {sample.source}/{sample.name} {problem}")


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started compute with one thread: libraries read that as they are loaded."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in before.items() if value is not None})
        for name in (name for name, value in before.items() if value is None):
            del os.environ[name]


def _begin_process() -> None:
    """Leave Ctrl-C to the process that was started by hand, and end where that one was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
