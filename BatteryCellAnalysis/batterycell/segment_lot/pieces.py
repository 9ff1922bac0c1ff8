"""A model on an image on a cluster: its blocks as tasks, with the labels of one process."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.cluster import Cluster, Task, run_tasks
from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.apply.engine import prepared
from batterycell.segment.apply.job import Job
from batterycell.segment.apply.pieces import Arrays, Piece, Spread, judge_piece
from batterycell.segment.apply.settings import ApplySettings
from batterycell.segment.device import Device
from batterycell.segment.image import Image, Levels
from batterycell.segment.model import LoadedModel, load_model
from batterycell.volume import Volume

Values = dict[str, Any]
_SETTINGS = ("uncertainty", "flips", "along", "mixed_precision")


def spread_over(cluster: Cluster, folder: Path) -> Spread:
    """What judges the pieces of an image on the workers of a cluster.

    Args:
        cluster: The cluster; its workers have the model and the folder at the same place.
        folder: Where the image's voxels lie meanwhile, for all of them.
    """
    return partial(_judged, cluster, folder)


def piece_task(values: Values, progress: Progress) -> Arrays:
    """What a model says of one piece of an image."""
    job = _job(json.dumps(values["job"]))
    return judge_piece(job, Piece.from_json(values["piece"]), progress)


def _judged(
    cluster: Cluster, folder: Path, job: Job, pieces: Mapping[int, Piece], progress: Progress
) -> Iterator[tuple[int, Arrays]]:
    numbers = list(pieces)
    with _shared(job, folder) as values:
        tasks = [
            Task("batterycell.segment_lot.pieces:piece_task", {"job": values, "piece": pieces[number].to_json()})
            for number in numbers
        ]
        for place, answer in run_tasks(cluster, tasks, progress):
            yield numbers[place], answer.get()


@contextmanager
def _shared(job: Job, folder: Path) -> Iterator[Values]:
    """What workers need to know of a job; voxels that lie in no file are put into one."""
    folder.mkdir(parents=True, exist_ok=True)
    paths, own = [], []
    try:
        for channel in job.image.channels:
            path = _file_of(channel.array)
            if path is None:
                path = folder / f".{uuid.uuid4().hex}.npy"
                own.append(path)
                np.save(path, channel.array)
            paths.append(str(path))
        yield _described(job, paths)
    finally:
        for path in own:
            path.unlink(missing_ok=True)


def _file_of(array: Any) -> Path | None:
    """The ``.npy`` file that a whole array is mapped from; None where there is none."""
    if not isinstance(array, np.memmap) or not str(array.filename).endswith(".npy"):
        return None
    path = Path(str(array.filename))
    array.flush()
    whole = np.load(path, mmap_mode="r")
    same = (whole.shape, whole.dtype, whole.strides) == (array.shape, array.dtype, array.strides)
    return path if same else None


def _described(job: Job, paths: list[str]) -> Values:
    image = job.image
    return {
        "run": uuid.uuid4().hex,
        "name": image.name,
        "files": paths,
        "channel_names": image.channel_names,
        "ijk_to_ras": image.grid.ijk_to_ras.tolist(),
        "voxel_size_source": image.grid.voxel_size_source,
        "model": str(job.model.folder),
        "hash": job.model.hash,
        "settings": {name: getattr(job.settings, name) for name in _SETTINGS},
        "levels": [[float(one.low), float(one.high)] for one in job.levels],
        "device": job.device.name,
        "region": job.region,
    }


@lru_cache(maxsize=1)
def _job(text: str) -> Job:
    """The job of a run, made once a worker; another run may find another model at the same place."""
    values = json.loads(text)
    matrix = np.array(values["ijk_to_ras"], float)
    source, name = values["voxel_size_source"], values["name"]
    channels = tuple(Volume(np.load(path, mmap_mode="r"), matrix, source, name) for path in values["files"])
    image = Image(name, channels, tuple(values["channel_names"]))
    model, device = _ready(values["model"], values["hash"], values["device"])
    levels = tuple(Levels(low, high) for low, high in values["levels"])
    (k, j, i), (back, bottom, right) = values["region"]
    settings = replace(ApplySettings(**values["settings"]), levels=levels)
    return Job(image, model, settings, levels, device, ((k, j, i), (back, bottom, right)))


@lru_cache(maxsize=1)
def model_on_worker(folder: str, hash_: str) -> LoadedModel:
    """The model that the client has, loaded once a worker.

    Raises:
        InputError: if it is another one here.
    """
    model = load_model(Path(folder))
    if model.hash != hash_:
        message = f"The model in {folder} is another one on this worker."
        raise InputError("model-changed", message, "The workers need the same model at the same place.")
    return model


@lru_cache(maxsize=1)
def _ready(folder: str, hash_: str, device: str) -> tuple[LoadedModel, Device]:
    return prepared(model_on_worker(folder, hash_), device)
