"""A lot of images through one model: labels and uncertainty as files, and where they come from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell.errors import Cancelled, OutputError, explain
from batterycell.io.segments import Segment, write_segments
from batterycell.mrml.files import write_volume
from batterycell.output import check_room, replace_file
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe
from batterycell.segment.apply import Segmented, segment_image
from batterycell.segment.apply.inputs import ImageFiles

from .notes import image_inputs, kept_row, note_result, segment_recipe, work_folder
from .settings import SegmentLot

if TYPE_CHECKING:
    from batterycell.segment.classes import SegmentClass
    from batterycell.segment.model.bundle import LoadedModel

LABELS, UNCERTAINTY = ".seg.nrrd", ".uncertainty.nrrd"
_READ, _SEGMENTED = 0.05, 0.95
_WRITTEN = "written"
Row = dict[str, Any]


def segment_lot(
    images: Sequence[ImageFiles], model: LoadedModel, lot: SegmentLot, progress: Progress
) -> list[dict[str, Any]]:
    """Segment image after image; one that cannot be segmented does not stop the others.

    What was made before from the same files with the same model and settings is kept; an image that was broken off goes
    on where it stood.

    Args:
        images: The images.
        model: The model.
        lot: How, and where to.
        progress: Told how far it is; asked whether to stop.

    Returns:
        One row an image: ``image``, ``status`` ("segmented", "kept" or "failed"), ``message``, ``notes``, ``labels``
        and ``uncertainty`` (files), ``parts`` (of the voxels, by class), ``seconds``.
    """
    rows = []
    for number, one in enumerate(images):
        part = progress.part(number / len(images), (number + 1) / len(images))
        row, entry = segment_one(one, model, lot, _named(part, one.name if len(images) > 1 else ""))
        note_result(lot.out, one.name, entry)
        rows.append(row)
    return rows


def write_labels(segmented: Segmented, classes: Sequence[SegmentClass], path: Path) -> None:
    """Write labels as a segmentation with the names and colours of its classes, ``.seg.nrrd``."""
    segments = [Segment(one.name, one.color, number + 1) for number, one in enumerate(classes)]
    replace_file(path, lambda partial: write_segments(segmented.labels, segments, partial))


def segment_one(files: ImageFiles, model: LoadedModel, lot: SegmentLot, progress: Progress) -> tuple[Row, Row | None]:
    """Segment one image of a lot, or keep what was made before.

    Returns:
        Its row, and where its result comes from, to be noted with `note_result`; None where nothing was made.
    """
    row = {"image": files.name, "inputs": [str(path) for path in files.files]}
    try:
        kept = None if lot.overwrite else kept_row(files, model, lot)
        made, entry = (kept, None) if kept else _segment(files, model, lot, progress)
        return {**row, **made}, entry
    except (Cancelled, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - one image must not stop a night's work
        return {**row, **failed_row(error)}, None


def failed_row(error: BaseException) -> Row:
    """What is told of an image that could not be segmented."""
    return {"status": "failed", "message": str(explain(error)), "notes": []}


def _segment(files: ImageFiles, model: LoadedModel, lot: SegmentLot, progress: Progress) -> tuple[Row, Row]:
    began = time.monotonic()
    labels, unsure = (lot.out / f"{files.name}{ending}" for ending in (LABELS, UNCERTAINTY))
    work = work_folder(lot.out, files.name)
    _check_free(labels, lot.overwrite or (work / _WRITTEN).is_file())
    image = files.read(lot.reading, work, progress.part(0.0, _READ))
    lot.out.mkdir(parents=True, exist_ok=True)
    check_room(lot.out, 2.0 * image.grid.array.size)
    settings = replace(lot.apply, work=work)
    segmented = segment_image(image, model, settings, progress.part(_READ, _SEGMENTED))
    progress.report(_SEGMENTED, "writing the labels")
    write_labels(segmented, model.info.classes, labels)
    if segmented.uncertainty is not None:
        write_volume(segmented.uncertainty, unsure)
    row = {
        "status": "segmented",
        "message": "",
        "notes": segmented.notes,
        "labels": str(labels),
        "uncertainty": str(unsure) if segmented.uncertainty is not None else None,
        "parts": _parts(segmented, model),
        "seconds": round(time.monotonic() - began, 1),
    }
    sources = Sources(image_inputs(files), lot.command, reading=lot.reading.to_json())
    entry = {**describe(image.grid, segment_recipe(model, lot), sources), "result": row}
    (work / _WRITTEN).touch()
    return row, entry


def _check_free(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        hint = "Replace it with --overwrite or choose another --out."
        raise OutputError("output-exists", f"{path} exists, and was made otherwise.", hint)


def _parts(segmented: Segmented, model: LoadedModel) -> dict[str, float]:
    """What part of the voxels each class has."""
    classes, array = model.info.classes, segmented.labels.array
    counts = np.sum([np.bincount(plane.ravel(), minlength=len(classes) + 1) for plane in array], axis=0)
    return {one.name: float(counts[number + 1] / array.size) for number, one in enumerate(classes)}


def _named(progress: Progress, name: str) -> Progress:
    """A progress whose messages begin with the image's name."""
    before = f"{name}: " if name else ""
    return Progress(lambda fraction, message: progress.report(fraction, before + message), progress.is_cancelled)
