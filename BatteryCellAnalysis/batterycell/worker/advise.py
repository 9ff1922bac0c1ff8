"""Which frame or slice to label next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.progress import Progress

from .inputs import job_apply_settings, job_frame, job_image, job_model
from .jobs import RESULT_FOLDER, write_json

ADVICE_FILE = "advice.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Rank candidates.

    Settings: ``model`` (its folder); ``candidates``, a list of frames (``dataclasses.asdict`` of each), else slices
    along ``along`` ("k", "j", "i"); ``labelled``, a list of frames that have labels; the rest as of `segment`.
    """
    from batterycell.segment.apply import rank_frames, slice_frames

    settings = job["settings"]
    progress.report(0.0, "loading the model")
    model = job_model(settings["model"])
    image, levels = job_image(job, progress)
    how = job_apply_settings(settings, levels)
    labelled = [job_frame(values) for values in settings.get("labelled") or []]
    candidates = [job_frame(values) for values in settings.get("candidates") or []] or slice_frames(image, how.along)
    ranked = rank_frames({image.name: image}, candidates, model, labelled, how, progress)
    write_json(out / ADVICE_FILE, {"advice": [asdict(one) for one in ranked]})


def read_advice(folder: Path) -> list[dict[str, Any]]:
    """The advice of a finished job, best first.

    Returns:
        Of each: ``frame`` (a `Frame`), ``score``, ``uncertainty``, ``novelty``, ``reason``.
    """
    values = json.loads((folder / RESULT_FOLDER / ADVICE_FILE).read_text(encoding="utf-8"))["advice"]
    return [{**one, "frame": job_frame(one["frame"])} for one in values]
