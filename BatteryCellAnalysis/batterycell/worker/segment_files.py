"""Apply a model to files and folders of images, as ``batterycell segment`` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.errors import Cancelled
from batterycell.io import LoadOptions
from batterycell.progress import Progress

from .inputs import job_apply_settings, job_model
from .jobs import RESULT_FOLDER, write_json

ROWS_FILE = "rows.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Segment files.

    Settings: ``sources`` (a list of words as of `segment.apply.inputs.find_inputs`), ``model`` (its folder), ``out``
    (folder for the results); optional: ``overwrite``, ``reading`` (of `LoadOptions.to_json`), ``command``, and
    ``region``, ``uncertainty``, ``flips``, ``along``, ``device``, ``mixed_precision`` as of `segment`.
    """
    from batterycell.segment.apply.inputs import find_inputs
    from batterycell.segment_lot import SegmentLot, segment_lot

    settings = job["settings"]
    progress.report(0.0, "loading the model")
    model = job_model(settings["model"])
    images = find_inputs(settings["sources"], model.info.channel_names)
    reading = LoadOptions.from_json(settings.get("reading") or LoadOptions().to_json())
    how = job_apply_settings({**settings, "work": None}, None)
    command = settings.get("command", "")
    lot = SegmentLot(Path(settings["out"]), how, reading, settings.get("overwrite", False), command)
    try:
        rows = segment_lot(images, model, lot, progress)
    except Cancelled as stop:
        stop.hint = f"What was segmented is kept in {lot.out}: the same again goes on there."
        raise
    write_json(out / ROWS_FILE, {"rows": rows})


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """What a finished job made of each image, as of `segment_lot`."""
    values = json.loads((folder / RESULT_FOLDER / ROWS_FILE).read_text(encoding="utf-8"))
    return list(values["rows"])
