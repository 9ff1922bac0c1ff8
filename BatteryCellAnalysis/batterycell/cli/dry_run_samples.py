"""``--dry-run`` of the verbs whose pace is measured on a sample of the very volume before anything is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress

if TYPE_CHECKING:
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io import LoadOptions
    from batterycell.io.labels import LabelVolume
    from batterycell.objects import Asked
    from batterycell.segment.apply.inputs import ImageFiles
    from batterycell.segment.model.bundle import LoadedModel

_SAMPLE_VOXELS, _LEAST_SLICES = 1 << 22, 4
_NUMBER_BYTES, _SLAB_BYTES, _CELL_BYTES = 4, 50, 8
_BASE_BYTES = 0.3e9
# A network's windows overlap, and blocks have a rim of context.
_RIM = 1.3
_LABEL_BYTES = 2
_FLAT, _SOLID = (1, 512, 512), (64, 64, 64)


def instances_dry_run(labels: LabelVolume, asked: Asked, workers: int) -> DryRun:
    """What it would take to find and measure the objects of a label volume.

    Args:
        labels: The labels.
        asked: What is to be measured.
        workers: How many workers there would be.
    """
    from batterycell.cluster.dry_run import DryRun
    from batterycell.instances.find.label import slab_voxels_of
    from batterycell.io.memory import preview_limit

    sample = _middle(labels)
    (count, columns), seconds = _timed(lambda: _measured(sample, asked))
    share = labels.source.voxels / sample.source.voxels
    slab = slab_voxels_of(labels.shape)
    table = _CELL_BYTES * count * columns * share
    numbers = _NUMBER_BYTES * labels.source.voxels
    is_large = numbers > preview_limit()
    return DryRun(
        ceil(labels.source.voxels / slab),
        "slabs",
        labels.source.voxels,
        _BASE_BYTES + _SLAB_BYTES * slab + 2 * table + (0 if is_large else numbers),
        2 * numbers,
        [seconds * share],
        workers,
        f"{sample.shape[0]} slices from the middle, labelled and measured just now in {seconds:.2g} s",
        [f"About {round(count * share, -1):,.0f} objects, as in that sample."],
    )


def _measured(sample: LabelVolume, asked: Asked) -> tuple[int, int]:
    """Measure a sample: its objects, and the columns of their table; none where it lacks a class."""
    from batterycell.objects import measure_objects

    try:
        table = measure_objects(sample, asked, Progress()).table
    except InputError:
        return 0, 0
    return (len(table), len(table.columns)) if table else (0, 0)


def segment_dry_run(
    images: Sequence[ImageFiles], model: LoadedModel, options: LoadOptions, how: dict[str, Any]
) -> DryRun:
    """What it would take to segment images.

    Args:
        images: The images.
        model: The model.
        options: How the images are read.
        how: ``settings``, as of `ApplySettings`, and ``workers``, how many there would be.
    """
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io.estimate import estimate

    settings, workers = how["settings"], how["workers"]
    sizes = [estimate(one.files[0], replace(options, single=True)) for one in images]
    voxels = sum(prod(one.shape) // options.step**3 for one in sizes)
    window, seconds, why = _window_seconds(model, settings.device)
    rate = seconds / prod(window) * (4 if settings.flips else 1) * _RIM
    largest = max(one.bytes_at(options.step) for one in sizes)
    edges = " × ".join(map(str, window))
    return DryRun(
        max(len(images), ceil(voxels / 4_000_000)),
        "blocks",
        voxels,
        _BASE_BYTES + min(largest, _memory_limit()) + settings.memory,
        _LABEL_BYTES * (2 if settings.uncertainty else 1) * voxels,
        [rate * voxels],
        workers,
        f"a window of {edges} pixels through {model.info.name} just now in {seconds:.2g} s; {why}",
        ["Where voxels are not of the training's size, they are resampled, and there are more or fewer pixels."],
    )


def _middle(labels: LabelVolume) -> LabelVolume:
    """Some slices from the middle of a label volume."""
    slices, rows, columns = labels.shape
    count = min(slices, max(_LEAST_SLICES, _SAMPLE_VOXELS // (rows * columns)))
    first = (slices - count) // 2

    def part(source: Any) -> Any:
        return replace(source, shape=(count, rows, columns), read=lambda a, b: source.read(first + a, first + b))

    return replace(labels, source=part(labels.source), numbers=labels.numbers and part(labels.numbers))


def _window_seconds(model: LoadedModel, device: str) -> tuple[tuple[int, int, int], float, str]:
    """A window, how long a model takes for it once it is warm, and what computed."""
    from batterycell.segment.apply.engine import prepared
    from batterycell.segment.apply.predict import predict_probabilities

    ready, found = prepared(model, device)
    spec = model.info.network
    window = _SOLID if spec.dimension == "3d" else _FLAT
    noise = np.random.default_rng(0).uniform(-1, 1, (spec.channels, *window)).astype(np.float32)

    def once() -> Any:
        return predict_probabilities(ready.network, noise, spec, found.name)

    once()
    return window, _timed(once)[1], found.why


def _memory_limit() -> int:
    from batterycell.io.memory import preview_limit

    return preview_limit()


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    value = work()
    return value, time.monotonic() - began
