"""One row an instance: every measure that was asked for, in one pass over the volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.find.boxes import Boxes
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource
from batterycell.tables import Column, Table

from .context import Accumulator, Companions, Context, Measure, MeasureSlab
from .registry import COMMON, find_measures

# Voxels of a slab: what is worked out of them stays in the processor's memory, and is small beside any volume.
SLAB_VOXELS = 1 << 21
_THREADS = 2
# Share of the time until the volume went by; what needs whole objects is worked out after.
_PASS = 0.6
_LEADING = (
    Column("n", "Object", "", "Number of the object, its value in the label volume."),
    Column("class", "Class", "", "Number of the object's class in the labels."),
    Column(
        "slice", "Slice", "", "Index of the slice the object lies in, 0 being the first; -1 where it has no voxels."
    ),
)


def measure_instances(
    instances: SlabSource,
    count: int,
    voxel_um: tuple[float, float, float],
    measures: Sequence[str] = COMMON,
    companions: Companions | None = None,
    progress: Progress | None = None,
) -> Table:
    """Measure instances, as many as there are, in one pass over the slabs of their label volume.

    Args:
        instances: Label volume (k, j, i); 0 is nothing, n is instance n.
        count: Number of instances, the largest label.
        voxel_um: Voxel size (z, y, x) in µm.
        measures: Names of measures, as in `batterycell.instances.measures.registry.MEASURES`.
        companions: Dimension, place, classes and grey volumes.
        progress: Told of every slab.

    Returns:
        A row for each of 1..count in that order: ``n``, and each measure's columns. A label that does not occur has
        no voxels, and NaN elsewhere.

    Raises:
        UsageError: if a measure's name is unknown.
        InputError: if a label is not in 0..count, or a companion is not of the instances' grid.
        Cancelled: if the user asked to stop.
    """
    chosen = find_measures(measures)
    context = Context(count, voxel_um, instances, companions or Companions())
    _check_grids(context)
    if context.dimension == 2:
        context.share(Boxes)
    made = [measure.make(context) for measure in chosen]
    progress = progress or Progress()
    _pass(context, made, progress.part(0.0, _PASS))
    return _table(context, dict(zip(chosen, made, strict=True)), progress.part(_PASS, 1.0))


def _check_grids(context: Context) -> None:
    if context.source.dtype.kind not in "iu":
        message = f"Instances are whole numbers, these are {context.source.dtype}."
        raise InputError("instances-type", message, "Give a label volume.")
    along = {"the classes": context.companions.class_labels, **context.companions.images}
    for name, source in along.items():
        if source is not None and source.shape != context.source.shape:
            sizes = [" × ".join(map(str, shape)) for shape in (source.shape, context.source.shape)]
            message = f"{name} has {sizes[0]} voxels (k, j, i), the instances have {sizes[1]}."
            raise InputError("instances-shape", message, "Give volumes of the same grid.")


def _pass(context: Context, made: Sequence[Accumulator], progress: Progress) -> None:
    """Show every slab to every accumulator once, and make the next one ready meanwhile."""
    takers = list({id(one): one for one in (*context.parts.values(), *made)}.values())
    slices = context.source.shape[0]
    coming = _slabs(context, any(getattr(taker, "by_class", False) for taker in takers))
    with ThreadPoolExecutor(_THREADS) as pool:
        slab = next(coming, None)
        while slab is not None:
            progress.report(slab.slab.start / slices, "Measuring objects")
            after = pool.submit(next, coming, None)
            for shown, some in _shown(slab, takers):
                _check_labels(shown, context.count)
                list(pool.map(lambda taker, shown=shown: taker.add(shown), some))
            slab = after.result()


def _slabs(context: Context, with_classes: bool) -> Iterator[MeasureSlab]:
    classes = context.companions.class_labels if with_classes else None
    others = classes.slabs(SLAB_VOXELS) if classes else None
    for slab in context.source.slabs(SLAB_VOXELS):
        stop, class_slab = slab.start + len(slab.array), next(others) if others else None
        if _is_empty(slab):
            continue
        images = {name: image.read(slab.start, stop) for name, image in context.companions.images.items()}
        found = MeasureSlab(slab, class_slab, images)
        if slab.array.size <= SLAB_VOXELS:
            _ = found.runs  # found while the measures are at the slab before
        yield found


def _is_empty(slab: Slab) -> bool:
    """Whether a slab, and the slice after it, hold no object."""
    return not slab.array.any() and (slab.following is None or not slab.following.any())


def _shown(slab: MeasureSlab, takers: list[Accumulator]) -> Iterator[tuple[MeasureSlab, list[Accumulator]]]:
    """What is shown to whom: a large slice in blocks of rows to those that take them."""
    if slab.slab.array.size <= SLAB_VOXELS:
        yield slab, takers
        return
    by_rows = [taker for taker in takers if getattr(taker, "by_rows", False)]
    for block in slab.blocks(SLAB_VOXELS):
        yield block, by_rows
    others = [taker for taker in takers if not getattr(taker, "by_rows", False)]
    if others:
        yield slab, others


def _check_labels(slab: MeasureSlab, count: int) -> None:
    least, most = slab.runs.lowest, int(slab.runs.label.max(initial=0))
    if least < 0 or most > count:
        label = least if least < 0 else most
        message = f"There is a label {label} among {count} instances, which are 1 to {count}."
        raise InputError("instances-count", message, "Number the instances again.")


def _table(context: Context, made: Mapping[Measure, Accumulator], progress: Progress) -> Table:
    columns, data = list(_LEADING[:1]), {"n": np.arange(1, context.count + 1)}
    if context.companions.classes is not None:
        columns.append(_LEADING[1])
        data["class"] = np.asarray(context.companions.classes, np.int64)[1:]
    if context.dimension == 2:
        columns.append(_LEADING[2])
        data["slice"] = _slices(context)
    for done, (measure, accumulator) in enumerate(made.items()):
        progress.report(done / len(made), measure.title)
        if finish := getattr(accumulator, "finish", None):
            finish(progress.part(done / len(made), (done + 1) / len(made)))
        columns.extend(measure.columns(context))
        data.update(accumulator.result())
    return Table(tuple(columns), data)


def _slices(context: Context) -> NDArray[np.int64]:
    """The slice of each instance."""
    boxes = context.share(Boxes)
    first, last = boxes.low[:, 2], boxes.high[:, 2]
    if (first != last).any():
        message = f"Object {int(np.argmax(first != last)) + 1} lies in several slices."
        raise InputError("instances-not-flat", message, "Label the slices one by one, or measure in 3D.")
    return first
