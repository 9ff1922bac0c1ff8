"""Result folders held side by side, as the command line does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.export.compare import compare_folders
from batterycell.output import result_folder
from batterycell.progress import Progress

from .stage_files import write_stages


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Write the folder of the comparison, whole or not at all, and its stage into the job's result.

    Settings: ``results``, the result folders, the reference first; ``out``, the folder to be; ``command``, what made
    it. The job needs no volume.
    """
    settings = job["settings"]
    results = [Path(one) for one in settings["results"]]
    with result_folder(Path(settings["out"]), overwrite=False) as folder:
        stage, _summary = compare_folders(results, folder, settings["command"], progress)
    write_stages([stage], out)
