"""Images, models and frames of jobs; what a worker that serves many would find out again and again stays at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image, Levels
from batterycell.volume import Volume

from .jobs import open_volume

if TYPE_CHECKING:
    from batterycell.segment.apply.settings import ApplySettings
    from batterycell.segment.model.bundle import LoadedModel

_MOST_KNOWN = 32
_known: dict[tuple[Any, ...], Levels] = {}


def job_image(job: Mapping[str, Any], progress: Progress) -> tuple[Image, tuple[Levels, ...]]:
    """The image of a job and its levels.

    Args:
        job: Its volume is the only channel, unless its settings hold ``channels``, a list of volumes as of
            `jobs.write_job`; optional settings: ``name``, ``channel_names``, and ``levels``, a list of (low, high).
        progress: Told while voxels are awaited.
    """
    settings = job["settings"]
    paths = [Path(path) for path in settings.get("channels") or [job["volume"]]]
    channels = tuple(open_volume(path, progress) for path in paths)
    image = Image(settings.get("name") or channels[0].name, channels, _names(settings, len(paths)))
    given = settings.get("levels")
    if given:
        return image, tuple(Levels(low, high) for low, high in given)
    return image, tuple(_levels(path, channel) for path, channel in zip(paths, channels, strict=True))


def job_model(folder: str) -> LoadedModel:
    """The model in a folder, read anew once its weights are others."""
    from batterycell.segment.model.bundle import model_hash

    return _load(Path(folder), model_hash(Path(folder)))


def job_frame(values: Mapping[str, Any]) -> Frame:
    """A frame of which ``dataclasses.asdict`` went to JSON and came back."""
    x, y, z = values["centre_mm"]
    width, height, depth = values["size_mm"]
    axes = tuple((a, b, c) for a, b, c in values["axes"])
    return Frame(**{**values, "centre_mm": (x, y, z), "size_mm": (width, height, depth), "axes": axes})


def job_apply_settings(values: Mapping[str, Any], levels: tuple[Levels, ...] | None) -> ApplySettings:
    """How a model is applied: the fields of `ApplySettings` that the job's settings hold."""
    from batterycell.segment.apply import ApplySettings

    names = ("uncertainty", "flips", "along", "device", "mixed_precision", "foreign")
    given = {name: values[name] for name in names if name in values}
    region, work = values.get("region"), values.get("work")
    box = (tuple(region[0]), tuple(region[1])) if region else None
    return ApplySettings(**given, region=box, levels=levels, work=Path(work) if work else None)


@lru_cache(maxsize=1)
def _load(folder: Path, weights: str) -> LoadedModel:
    from batterycell.segment.model.bundle import load_model

    return load_model(folder)


def _names(settings: Mapping[str, Any], count: int) -> tuple[str, ...]:
    given = settings.get("channel_names")
    return tuple(given) if given else ("grey",) if count == 1 else tuple(f"channel {n + 1}" for n in range(count))


def _levels(path: Path, channel: Volume) -> Levels:
    from batterycell.segment.data.levels import measure_levels

    stamp = _stamp(path)
    if stamp not in _known:
        while len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known)))
        _known[stamp] = measure_levels(channel)
    return _known[stamp]


def _stamp(path: Path) -> tuple[Any, ...]:
    """What tells whether voxels are still the same: the file they lie in, its date and its size."""
    if path.suffix == ".json":
        path = path.parent / json.loads(path.read_text(encoding="utf-8"))["voxels"]
    state = path.stat()
    return str(path), state.st_mtime_ns, state.st_size
