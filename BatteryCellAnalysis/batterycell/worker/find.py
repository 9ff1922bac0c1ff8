"""Find the cell: its axis, its can and its top."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.orient import Cell, find_cell
from batterycell.progress import Progress
from batterycell.result import cell_from_json, cell_to_json

from .jobs import RESULT_FOLDER, read_job_volume, write_json

CELL_FILE = "cell.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Find; there are no settings."""
    volume = read_job_volume(job, progress)
    write_json(out / CELL_FILE, cell_to_json(find_cell(volume, progress.part(0.2, 1.0))))


def read_cell(folder: Path) -> Cell:
    """The cell of a finished job, in the RAS of the volume that the job was given."""
    return cell_from_json(json.loads((folder / RESULT_FOLDER / CELL_FILE).read_text(encoding="utf-8")))
