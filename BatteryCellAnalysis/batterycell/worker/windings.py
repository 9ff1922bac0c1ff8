"""Trace the windings of a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.winding import trace_windings

from .jobs import read_job_volume
from .unroll import WINDINGS_FILE, job_cell, read_windings

__all__ = ["read_windings", "run"]


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Trace; settings: ``cell`` (of `result.cell_to_json`, else found)."""
    volume = read_job_volume(job, progress)
    cell = job_cell(job, volume, progress.part(0.05, 0.3))
    windings = trace_windings(volume, cell, progress.part(0.3, 1.0))
    (out / WINDINGS_FILE).write_text(windings.to_json(), encoding="utf-8")
