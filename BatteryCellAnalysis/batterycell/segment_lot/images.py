"""A lot of images through one model on a cluster: an image a task, with the files of one process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.cluster import Cluster, Task, run_tasks
from batterycell.io import LoadOptions
from batterycell.progress import Progress
from batterycell.segment.apply.inputs import ImageFiles
from batterycell.segment.apply.settings import ApplySettings

from .lot import failed_row, segment_one
from .notes import note_result
from .pieces import model_on_worker
from .settings import SegmentLot

if TYPE_CHECKING:
    from batterycell.segment.model.bundle import LoadedModel

Values = dict[str, Any]
_APPLY = ("uncertainty", "flips", "along", "device", "mixed_precision", "memory", "foreign")


def segment_lot_on(
    cluster: Cluster, images: Sequence[ImageFiles], model: LoadedModel, lot: SegmentLot, progress: Progress
) -> list[dict[str, Any]]:
    """Segment the images of a lot on the workers of a cluster; else as `segment_lot`.

    Args:
        cluster: The cluster; its workers have images, model and results at the same place.
        images: The images.
        model: The model.
        lot: How, and where to.
        progress: Told how far it is; asked whether to stop.
    """
    rows: list[dict[str, Any]] = [{} for _ in images]
    shared = {"model": [str(model.folder.resolve()), model.hash], "lot": _to_json(lot)}
    tasks = [Task("batterycell.segment_lot.images:image_task", {**shared, "image": _image(one)}) for one in images]
    for number, answer in run_tasks(cluster, tasks, progress):
        one = images[number]
        if answer.error is not None:
            inputs = [str(path) for path in one.files]
            rows[number] = {"image": one.name, "inputs": inputs, **failed_row(answer.error)}
            continue
        rows[number], entry = answer.get()
        note_result(lot.out, one.name, entry)
    return rows


def image_task(values: Values, progress: Progress) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Segment one image of a lot, as `segment_one`."""
    image, lot = values["image"], values["lot"]
    files = ImageFiles(image["name"], tuple(map(Path, image["files"])), tuple(image["channel_names"]))
    apply = ApplySettings(**{**lot["apply"], "region": _box(lot["apply"]["region"])})
    reading = LoadOptions.from_json(lot["reading"])
    model = model_on_worker(*values["model"])
    return segment_one(files, model, SegmentLot(Path(lot["out"]), apply, reading, *lot["rest"]), progress)


def _to_json(lot: SegmentLot) -> Values:
    apply = {name: getattr(lot.apply, name) for name in (*_APPLY, "region")}
    rest = [lot.overwrite, lot.command]
    return {"out": str(lot.out), "apply": apply, "reading": lot.reading.to_json(), "rest": rest}


def _image(files: ImageFiles) -> Values:
    paths = [str(path) for path in files.files]
    return {"name": files.name, "files": paths, "channel_names": files.channel_names}


def _box(values: Any) -> Any:
    return values and (tuple(values[0]), tuple(values[1]))
