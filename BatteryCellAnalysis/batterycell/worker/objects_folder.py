"""The objects of a scene as a result folder, written as the command line writes it, without measuring again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.export.objects import ObjectsFiles, write_objects_folder
from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.provenance import Sources
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult

from .instances import job_labels
from .jobs import open_volume
from .stage_files import read_stages


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Write the folder, whole or not at all.

    The job's volume holds the labels. Settings: ``classes`` as of `instances.run`; ``instances``, a volume, or None;
    ``stages``, a folder of `stage_files.write_stages`; ``recipe``, ``log`` and ``edits`` of the objects; ``out``, the
    folder to be; ``files``, what the labels were read from; ``command``, what made the folder.
    """
    settings = job["settings"]
    labels, path = job_labels(job, progress), settings["instances"]
    instances = open_volume(Path(path), progress) if path else None
    stages = read_stages(Path(settings["stages"]))
    result = ObjectsResult(labels, instances, ObjectsRecipe(**settings["recipe"]), stages, tuple(settings["log"]))
    sources = Sources([Path(file) for file in settings["files"]], settings["command"])
    with result_folder(Path(settings["out"]), overwrite=False) as folder:
        files = ObjectsFiles(edits=settings["edits"])
        write_objects_folder(result, folder, sources, files, progress.part(0.05, 1.0))
