"""Apply a model to frames, to a region or to a whole image."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.io.exchange import VOXELS_FILE, open_volume_json, write_volume_json, write_voxels
from batterycell.progress import Progress
from batterycell.volume import Volume

from .inputs import job_apply_settings, job_frame, job_image, job_model
from .jobs import RESULT_FOLDER, write_json

if TYPE_CHECKING:
    from batterycell.segment.apply import Segmented

SUMMARY_FILE = "segmented.json"
_WRITE = 0.95


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Segment.

    Settings: ``model`` (its folder); optional: ``frames`` (a list, of ``dataclasses.asdict`` of each `Frame`), else
    ``region`` ([first voxel, one past the last], k, j, i), else the whole image; ``uncertainty``, ``flips``, ``along``,
    ``device``, ``mixed_precision``, ``foreign`` as of `segment.apply.ApplySettings`; ``work``, a folder in which work
    that was broken off goes on, and which is removed once it is done; ``channels``, ``channel_names``, ``name``,
    ``levels`` as of `inputs.job_image`.
    """
    from batterycell.segment.apply import find_foreign, tell_foreign

    settings = job["settings"]
    progress.report(0.0, "loading the model")
    model = job_model(settings["model"])
    image, levels = job_image(job, progress)
    how = job_apply_settings(settings, levels)
    made = list(_segment(settings, (image, model, how), progress.part(0.0, _WRITE)))
    is_whole = not settings.get("frames")
    notes = [] if is_whole else [*tell_foreign(image, model, how), *find_foreign(image, model.info, levels)]
    for number, one in enumerate(made):
        share = progress.part(_WRITE, 1.0).part(number / len(made), (number + 1) / len(made))
        _write(one, out / str(number), share)
        notes += one.notes
    classes = [asdict(one) for one in model.info.classes]
    facts = {"model": model.info.name, "version": model.info.version, "hash": model.hash, "classes": classes}
    write_json(out / SUMMARY_FILE, {**facts, "count": len(made), "notes": notes})
    if how.work is not None:
        shutil.rmtree(how.work, ignore_errors=True)


def read_segmented(folder: Path) -> list[Segmented]:
    """What a finished job found: of each frame in order, or of the region or image; notes stand with the first."""
    from batterycell.segment.apply.settings import Segmented

    result = folder / RESULT_FOLDER
    summary = read_summary(folder)
    found = []
    for number in range(summary["count"]):
        labels = open_volume_json(result / str(number) / "labels.json")
        unsure = result / str(number) / "uncertainty.json"
        notes = summary["notes"] if number == 0 else []
        found.append(Segmented(labels, open_volume_json(unsure) if unsure.exists() else None, notes))
    return found


def read_summary(folder: Path) -> dict[str, Any]:
    """What a finished job tells: ``model``, ``version``, ``hash``, ``classes``, ``count`` of results, ``notes``."""
    values: dict[str, Any] = json.loads((folder / RESULT_FOLDER / SUMMARY_FILE).read_text(encoding="utf-8"))
    return values


def _segment(settings: dict[str, Any], what: tuple[Any, Any, Any], progress: Progress) -> Iterator[Segmented]:
    from batterycell.segment.apply import segment_frame, segment_image

    image, model, how = what
    frames = [job_frame(values) for values in settings.get("frames") or []]
    if not frames:
        yield segment_image(image, model, how, progress)
    for number, frame in enumerate(frames):
        share = progress.part(number / len(frames), (number + 1) / len(frames))
        yield segment_frame(image, frame, model, how, share)


def _write(segmented: Segmented, folder: Path, progress: Progress) -> None:
    folder.mkdir()
    _write_volume(segmented.labels, folder, "labels", progress)
    if segmented.uncertainty is not None:
        _write_volume(segmented.uncertainty, folder, "uncertainty", progress)


def _write_volume(volume: Volume, folder: Path, name: str, progress: Progress) -> None:
    voxels = folder / f"{name}_{VOXELS_FILE}"
    for fraction in write_voxels(volume.array, voxels):
        progress.report(fraction, "handing the result over")
    write_volume_json(volume, voxels, folder / f"{name}.json")
