"""The main job in its own process: ``python -m batterycell.worker JOBFOLDER``, for the desktop.

In: ``job.json`` and the volume it names. Out, on stdout, one JSON object a line: ``{"fraction", "message"}`` or
``{"error": {"code", "message", "hint"}}``; in the folder, complete or not at all: ``result/``. A file ``cancel`` in the
folder asks the worker to stop.
"""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .errors import explain
from .output import result_folder
from .overhang.columns import OVERHANG_COLUMNS, OVERHANG_DTYPES
from .pipeline import analyze
from .progress import Progress
from .recipe import AnalyzeRecipe
from .result import CellResult, cell_from_json, cell_to_json
from .tables import read_csv, write_csv
from .volume import Volume

JOB_FILE = "job.json"
CANCEL_FILE = "cancel"
RESULT_FOLDER = "result"


def write_job(folder: Path, volume_path: Path, recipe: AnalyzeRecipe) -> None:
    """Write what the worker needs to know.

    Args:
        folder: The job's folder.
        volume_path: The volume, in a file of Slicer's (NRRD); in the folder or elsewhere.
        recipe: The settings.
    """
    path = volume_path.relative_to(folder) if volume_path.is_relative_to(folder) else volume_path.absolute()
    _write_json(folder / JOB_FILE, {"volume": path.as_posix(), "recipe": asdict(recipe)})


def read_result(folder: Path, volume: Volume) -> CellResult:
    """The result of a finished job on ``volume``."""
    result = folder / RESULT_FOLDER
    values = json.loads((result / "result.json").read_text(encoding="utf-8"))
    overhang = read_csv(result / "overhang.csv", OVERHANG_COLUMNS, OVERHANG_DTYPES)
    return CellResult(volume, cell_from_json(values["cell"]), overhang, AnalyzeRecipe(**values["recipe"]))


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
        _say({"error": {"code": explained.code, "message": explained.message, "hint": explained.hint}})
        return explained.exit_code
    return 0


def _run(folder: Path, progress: Progress) -> None:
    from .mrml.files import read_volume

    progress.report(0.0, "reading the volume")
    job = json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
    volume = read_volume(folder / job["volume"])
    result = analyze(volume, AnalyzeRecipe(**job["recipe"]), progress.part(0.05, 0.98))
    with result_folder(folder / RESULT_FOLDER, overwrite=True) as partial:
        write_csv(result.overhang, partial / "overhang.csv")
        _write_json(partial / "result.json", {"cell": cell_to_json(result.cell), "recipe": asdict(result.recipe)})
    progress.report(1.0, "done")


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tell(fraction: float, message: str) -> None:
    _say({"fraction": round(fraction, 4), "message": message})


def _say(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
