"""Read a project folder, and lay it down where the desktop maps it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.io.exchange import open_volume_json, write_volume_json, write_voxels
from batterycell.progress import Progress
from batterycell.segment.classes import SegmentClass
from batterycell.segment.data.contents import Project
from batterycell.segment.image import Image
from batterycell.volume import Volume

from .inputs import job_frame
from .jobs import RESULT_FOLDER, write_json

_FILE = "project.json"
_READ = 0.7


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Read; settings: ``folder``, and ``full``, whether all pixels are labelled where no frames are stated."""
    from batterycell.segment.data.project import read_project

    settings = job["settings"]
    project = read_project(Path(settings["folder"]), bool(settings.get("full")), None, progress.part(0.0, _READ))
    values = {
        "classes": [asdict(one) for one in project.classes],
        "images": [_write_image(image, n, out) for n, image in enumerate(project.images)],
        "labels": {name: _write(one, f"labels_{n}", out) for n, (name, one) in enumerate(project.labels.items())},
        "frames": [asdict(frame) for frame in project.frames],
    }
    progress.report(1.0, "handing the project over")
    write_json(out / _FILE, values)


def read_opened(folder: Path) -> Project:
    """The project of a finished job; its voxels are read when they are looked at."""
    result = folder / RESULT_FOLDER
    values = json.loads((result / _FILE).read_text(encoding="utf-8"))
    return Project(
        tuple(SegmentClass(**one) for one in values["classes"]),
        tuple(_open_image(one, result) for one in values["images"]),
        {name: open_volume_json(result / file) for name, file in values["labels"].items()},
        tuple(job_frame(one) for one in values["frames"]),
    )


def _write_image(image: Image, number: int, out: Path) -> dict[str, Any]:
    channels = [_write(channel, f"image_{number}_{n}", out) for n, channel in enumerate(image.channels)]
    return {"name": image.name, "channels": channels, "channel_names": image.channel_names}


def _open_image(values: dict[str, Any], result: Path) -> Image:
    channels = tuple(open_volume_json(result / file) for file in values["channels"])
    return Image(values["name"], channels, tuple(values["channel_names"]))


def _write(volume: Volume, stem: str, out: Path) -> str:
    """Write a volume; the name of its file."""
    voxels, path = out / f"{stem}.npy", out / f"{stem}.json"
    for _ in write_voxels(volume.array, voxels):
        pass
    write_volume_json(volume, voxels, path)
    return path.name
