"""Long work of the desktop in a process of its own: ``python -m batterycell.worker JOBFOLDER``.

In: ``job.json``, ``{"verb", "volume", "settings"}``, and the volume it names. Out, on stdout, one JSON object a line:
``{"fraction", "message"}`` or ``{"error": {"code", "message", "hint"}}``; in the folder, complete or not at all:
``result/``. A file ``cancel`` in the folder asks the worker to stop.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from batterycell.errors import explain
from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.volume import Volume

# Each is a module of this package with run(job, out, progress).
VERBS = (
    "advise",
    "analyze",
    "compare",
    "device",
    "evaluate",
    "export",
    "find",
    "install",
    "instances",
    "load",
    "microstructure",
    "movie",
    "movie_frames",
    "movie_steps",
    "objects_folder",
    "project",
    "segment",
    "segment_files",
    "train",
    "unroll",
    "windings",
)
JOB_FILE = "job.json"
CANCEL_FILE = "cancel"
RESULT_FOLDER = "result"
# Folders of jobs, and of volumes that were loaded, are named <prefix>.<host>.<process of the desktop>.<rest>.
JOB_PREFIX = "batterycell-job"


def write_job(folder: Path, verb: str, volume_path: Path | None, settings: dict[str, Any]) -> None:
    """Write what the worker needs to know.

    Args:
        folder: The job's folder.
        verb: What to do, one of ``VERBS``.
        volume_path: The volume, as of `io.exchange.write_volume_json` or in a file of Slicer's (NRRD); None where the
            work needs none.
        settings: What the verb asks for, in JSON's types.
    """
    path = None if volume_path is None else volume_path.absolute().as_posix()
    write_json(folder / JOB_FILE, {"verb": verb, "volume": path, "settings": settings})


def read_job_volume(job: dict[str, Any], progress: Progress) -> Volume:
    """The volume of a job, once it is there.

    Raises:
        InputError: if nothing can be measured in it; Slicer's own loaders do not look.
    """
    from batterycell.io.checks import check_volume

    volume = open_volume(Path(job["volume"]), progress)
    check_volume(volume, Path(volume.name), Progress(is_cancelled=progress.is_cancelled))
    return volume


def open_volume(path: Path, progress: Progress) -> Volume:
    """A volume of a job, mapped where it can be, once it is there; nobody looked whether it can be measured.

    Raises:
        InputError: if it cannot be read.
    """
    from batterycell.io.exchange import open_volume_json
    from batterycell.mrml.files import read_volume

    progress.report(0.0, "reading the volume")
    return open_volume_json(path, progress) if path.suffix == ".json" else read_volume(path)


def run(folder: Path) -> int:
    """Run the job in a folder, telling stdout how far it is.

    Returns:
        Exit code, as of the command line.
    """
    try:
        _run(folder, Progress(_tell, (folder / CANCEL_FILE).exists))
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the desktop must learn of everything
        traceback.print_exception(error, file=sys.stderr)
        explained = explain(error)
        say({"error": {"code": explained.code, "message": explained.message, "hint": explained.hint}})
        return explained.exit_code
    return 0


def _run(folder: Path, progress: Progress) -> None:
    progress.report(0.0, "starting")
    job = json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
    if job["verb"] not in VERBS:
        raise ValueError(f"no such work: {job['verb']}")
    verb = importlib.import_module(f"batterycell.worker.{job['verb']}")
    with result_folder(folder / RESULT_FOLDER, overwrite=True) as out:
        verb.run(job, out, progress.part(0.0, 0.99))
    progress.report(1.0, "done")


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write JSON for people and programs."""
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tell(fraction: float, message: str) -> None:
    say({"fraction": round(fraction, 4), "message": message})


def say(values: dict[str, Any]) -> None:
    """Tell the desktop, one JSON object a line."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
