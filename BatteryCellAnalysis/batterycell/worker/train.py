"""Train a network from a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.segment.settings import TrainSettings

from .jobs import RESULT_FOLDER, write_json

# Files in the job's folder by which the desktop asks the training to wait, or to end with the best so far.
PAUSE_FILE, STOP_FILE = "pause", "stop"
SUMMARY_FILE = "training.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Train.

    Settings: ``dataset`` (folder, of `segment.data.files.write_dataset`); ``run`` (folder of the training, which holds
    ``training.csv`` and ``previews/`` while it runs, and from which it goes on after an end of any kind); all others
    optional: ``train`` (values of `TrainSettings`), ``start_from`` (folder of a model), ``name`` (of the model),
    ``model`` (folder for the model; it stays in ``run/model`` anyway).
    """
    from batterycell.segment.data.files import read_dataset
    from batterycell.segment.train import Controls, train

    settings, start_from = job["settings"], job["settings"].get("start_from")
    controls = Controls((out.parent / PAUSE_FILE).exists, (out.parent / STOP_FILE).exists)
    dataset, how = read_dataset(Path(settings["dataset"])), _settings(settings)
    progress.report(0.0, "loading the network's packages")
    folder = train(dataset, how, Path(settings["run"]), progress, controls, Path(start_from) if start_from else None)
    if settings.get("model"):
        copy_model(folder, Path(settings["model"]))
    write_json(out / SUMMARY_FILE, _summary(Path(settings.get("model") or folder)))


def copy_model(folder: Path, out: Path) -> None:
    """Copy a model's files to a folder, whole or not at all.

    Raises:
        OutputError: if the folder exists, or cannot be written.
    """
    from batterycell.segment.model.contents import copy_files

    with result_folder(out) as partial:
        copy_files(folder, partial)


def read_summary(folder: Path) -> dict[str, Any]:
    """What a finished job tells: ``model`` (folder), ``hash``, ``name``, ``dice`` (by class), ``training`` (facts)."""
    values: dict[str, Any] = json.loads((folder / RESULT_FOLDER / SUMMARY_FILE).read_text(encoding="utf-8"))
    return values


def _settings(values: dict[str, Any]) -> TrainSettings:
    try:
        return TrainSettings(**{**values.get("train", {}), "name": values.get("name") or ""})
    except TypeError as error:
        raise InputError("settings-unknown", f"These are no settings of a training: {error}.") from error


def _summary(folder: Path) -> dict[str, Any]:
    from batterycell.segment.model import model_hash, read_info

    info = read_info(folder)
    values = {"model": str(folder), "hash": model_hash(folder), "name": info.name}
    return {**values, "dice": info.dice, "training": info.training}
