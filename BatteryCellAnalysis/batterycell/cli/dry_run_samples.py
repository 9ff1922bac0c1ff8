"""``--dry-run`` of the verbs whose pace is measured on a sample before anything is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress

from .objects_call import INSTANCE_BYTES, PACKED

if TYPE_CHECKING:
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io.labels import LabelVolume
    from batterycell.objects import Asked
    from batterycell.result import ObjectsResult
    from batterycell.segment.apply import ApplySettings
    from batterycell.segment.apply.inputs import ImageFiles
    from batterycell.segment.model.bundle import LoadedModel
    from batterycell.segment_lot import SegmentLot

# Of the program and its libraries.
_BASE_BYTES = 0.3e9
_SAMPLE_VOXELS, _LEAST_SLICES = 1 << 22, 4
_SLAB_BYTES, _CELL_BYTES = 50, 8
# Of pictures, tables and report of 1,000 to 30,000 objects: seconds of a processor.
_WRITTEN_S = 3.0
# Voxels of a block, `segment.apply.plan`; its rim of context, and windows that overlap.
_BLOCK_VOXELS, _RIM = 4_000_000, 1.3
_TIMES = 3
_FLAT, _SOLID = (1, 512, 512), (64, 64, 64)
_RESAMPLED = "Where voxels are not of the training's size, they are resampled, and there are more or fewer pixels."


@dataclass(frozen=True)
class _Sample:
    """What some slices of a label volume took: slices, objects, columns of their table, seconds."""

    slices: int
    objects: int
    columns: int
    seconds: float


def instances_dry_run(labels: LabelVolume, asked: Asked, workers: int) -> DryRun:
    """What it would take to find and measure the objects of a label volume.

    Args:
        labels: The labels.
        asked: What is to be measured.
        workers: How many workers there would be.
    """
    from batterycell.cluster.dry_run import DryRun
    from batterycell.instances.find.label import slab_voxels_of

    sample, voxels, slab = _sample(labels, asked), labels.source.voxels, slab_voxels_of(labels.shape)
    share = labels.shape[0] / sample.slices
    table = _CELL_BYTES * sample.objects * sample.columns * share
    return DryRun(
        ceil(voxels / slab),
        "slabs",
        voxels,
        _BASE_BYTES + _finding(labels, asked, slab) + 2 * table + _held(INSTANCE_BYTES * voxels),
        2 * PACKED * INSTANCE_BYTES * voxels,
        [sample.seconds * share],
        workers,
        f"{sample.slices} slices from the middle, labelled and measured just now in {sample.seconds:.2g} s",
        [f"About {float(f'{sample.objects * share:.2g}'):,.0f} objects, as in that sample.", *_alone(asked)],
        _WRITTEN_S,
    )


def _finding(labels: LabelVolume, asked: Asked, slab: int) -> int:
    """Bytes held while objects are found in a slab of so many voxels, or in a block of slabs parted."""
    from batterycell.instances.find.way import slab_slices
    from batterycell.instances.separate.depth_slabs import block_bytes

    whole = _SLAB_BYTES * min(slab, labels.source.voxels)
    if asked.recipe.separate == "none":
        return whole
    return max(whole, block_bytes(labels.shape, slab_slices(labels.shape, slab)))


def _alone(asked: Asked) -> list[str]:
    """What workers do not share."""
    told = "Touching objects are parted by one process, whatever the workers; these share what is measured of them."
    return [] if asked.recipe.separate == "none" else [told]


def segment_dry_run(images: Sequence[ImageFiles], model: LoadedModel, lot: SegmentLot, workers: int) -> DryRun:
    """What it would take to segment images.

    Args:
        images: The images.
        model: The model.
        lot: How.
        workers: How many workers there would be.
    """
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io.estimate import estimate

    sizes = [estimate(one.files[0], replace(lot.reading, single=True)) for one in images]
    voxels = sum(prod(one.shape) // lot.reading.step**3 for one in sizes)
    pixel_s, known = _pixel_seconds(model, lot.apply)
    largest = max(one.bytes_at(lot.reading.step) for one in sizes)
    return DryRun(
        max(len(images), ceil(voxels / _BLOCK_VOXELS)),
        "blocks",
        voxels,
        _BASE_BYTES + _held(largest) + lot.apply.memory,
        (4 if lot.apply.uncertainty else 2) * voxels,  # while it works, and as a file
        [pixel_s * _RIM * voxels],
        workers,
        known,
        [_RESAMPLED],
    )


def _sample(labels: LabelVolume, asked: Asked) -> _Sample:
    """Measure some slices; a sample that lacks a class counts as one without objects."""
    from batterycell.objects import measure_objects
    from batterycell.objects.chosen import dimension_of

    part, began = _middle(labels), time.monotonic()
    try:
        found = measure_objects(part, asked, Progress())
    except InputError:
        return _Sample(part.shape[0], 0, 0, time.monotonic() - began)
    seconds, columns = time.monotonic() - began, len(found.table.columns) if found.table else 0
    is_cut = part.shape != labels.shape and dimension_of(labels, asked.recipe) > 2
    return _Sample(part.shape[0], _begun(found, is_cut), columns, seconds)


def _begun(found: ObjectsResult, is_cut: bool) -> int:
    """How many objects begin in a sample; of one that is cut out, those of the first slice began before it."""
    if found.table is None or found.instances is None or not is_cut:
        return len(found.table or ())
    first = found.instances.array[0]
    return len(found.table) - np.unique(first[first > 0]).size


def _middle(labels: LabelVolume) -> LabelVolume:
    """Some slices from the middle of a label volume."""
    slices, rows, columns = labels.shape
    count = min(slices, max(_LEAST_SLICES, _SAMPLE_VOXELS // (rows * columns)))
    first = (slices - count) // 2

    def part(source: Any) -> Any:
        return replace(source, shape=(count, rows, columns), read=lambda a, b: source.read(first + a, first + b))

    return replace(labels, source=part(labels.source), numbers=labels.numbers and part(labels.numbers))


def _pixel_seconds(model: LoadedModel, settings: ApplySettings) -> tuple[float, str]:
    """Seconds a pixel that a model takes once it is warm, and how that is known."""
    from batterycell.segment.apply.engine import prepared
    from batterycell.segment.apply.predict import Windows, predict_probabilities

    ready, device = prepared(model, settings.device)
    spec = model.info.network
    window = _SOLID if spec.dimension == "3d" else _FLAT
    noise = np.random.default_rng(0).uniform(-1, 1, (spec.channels, *window)).astype(np.float32)
    how = Windows(flips=settings.flips, mixed_precision=device.mixed_precision)

    def once() -> Any:
        return predict_probabilities(ready.network, noise, spec, device.name, how)

    once()
    seconds = min(_timed(once) for _ in range(_TIMES))  # what others do on the machine only adds to it
    edges = " × ".join(map(str, window))
    known = f"a window of {edges} pixels through {model.info.name} just now in {seconds:.2g} s; {device.why}"
    return seconds / prod(window), known


def _held(wanted: float) -> float:
    """Bytes of an array that are held in memory: none, where it is so large that it stays in a file."""
    from batterycell.io.memory import preview_limit

    return wanted if wanted <= preview_limit() else 0.0


def _timed(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
