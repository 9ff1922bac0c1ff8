"""Which frame or slice to label next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .inputs import job_apply_settings, job_frame, job_image, job_model
from .jobs import RESULT_FOLDER, write_json

if TYPE_CHECKING:
    from batterycell.segment import Image
    from batterycell.segment.apply import ApplySettings
    from batterycell.segment.apply.settings import Along
    from batterycell.segment.model import ModelInfo

ADVICE_FILE = "advice.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Rank candidates.

    Settings: ``model`` (its folder); ``images``, a list of what `inputs.job_image` takes as settings, ``name`` being
    what frames call it, else the job's volume; ``candidates``, a list of frames (``dataclasses.asdict`` of each), else
    slices of every image along ``along`` ("k", "j", "i"; by default such as the model learned from); ``labelled``, a
    list of frames that have labels; the rest as of `segment`.
    """
    from batterycell.segment.apply import rank_frames, slice_frames

    settings = job["settings"]
    progress.report(0.0, "loading the model")
    model = job_model(settings["model"])
    jobs = [{**job, "settings": one} for one in settings.get("images") or [settings]]
    images = {image.name: image for image, _ in (job_image(one, progress) for one in jobs)}
    how = job_apply_settings(settings, None)
    labelled = [job_frame(values) for values in settings.get("labelled") or []]
    candidates = [job_frame(values) for values in settings.get("candidates") or []]
    if not candidates:
        candidates = [
            frame for image in images.values() for frame in slice_frames(image, _along(image, model.info, how))
        ]
    ranked = rank_frames(images, candidates, model, labelled, how, progress)
    write_json(out / ADVICE_FILE, {"advice": [asdict(one) for one in ranked]})


def _along(image: Image, info: ModelInfo, how: ApplySettings) -> Along:
    """The axis whose slices look like what the model learned from, where none is asked for."""
    from batterycell.segment.apply.plan import best_axis

    axes: tuple[Along, ...] = ("k", "j", "i")
    return axes[best_axis(image, info)] if how.along == "auto" else how.along


def read_advice(folder: Path) -> list[dict[str, Any]]:
    """The advice of a finished job, best first.

    Returns:
        Of each: ``frame`` (a `Frame`), ``score``, ``uncertainty``, ``novelty``, ``reason``.
    """
    values = json.loads((folder / RESULT_FOLDER / ADVICE_FILE).read_text(encoding="utf-8"))["advice"]
    return [{**one, "frame": job_frame(one["frame"])} for one in values]
