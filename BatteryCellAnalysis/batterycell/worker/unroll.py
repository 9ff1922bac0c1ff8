"""Unroll a cell around its axis or along its winding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.io.exchange import VOXELS_FILE, open_volume_json, write_volume_json, write_voxels
from batterycell.orient import Cell, find_cell
from batterycell.progress import Progress
from batterycell.reslice import Unrolled, UnrolledMap, UnrollSettings, unroll_around
from batterycell.result import cell_from_json
from batterycell.volume import Volume
from batterycell.winding import Windings, trace_windings, unroll_winding

from .jobs import RESULT_FOLDER, read_job_volume

VOLUME_FILE = "unrolled.json"
MAP_FILE = "map.json"
WINDINGS_FILE = "windings.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Unroll.

    Settings, all of them optional: ``along`` ("axis", the default, or "winding"); ``radius_mm``; ``winding`` (first and
    last, all without); ``depth_mm``, ``step_mm``, ``heights_mm`` as of `UnrollSettings`; ``cell`` (of
    `result.cell_to_json`, else found) and ``windings`` (text of `Windings.to_json`, else traced).
    """
    volume = read_job_volume(job, progress)
    cell = job_cell(job, volume, progress.part(0.05, 0.1))
    unrolled = _unroll(volume, cell, job["settings"], out, progress.part(0.1, 0.95))
    for fraction in write_voxels(unrolled.volume.array, out / VOXELS_FILE):
        progress.part(0.95, 1.0).report(fraction, "handing the volume over")
    write_volume_json(unrolled.volume, out / VOXELS_FILE, out / VOLUME_FILE)
    (out / MAP_FILE).write_text(unrolled.map.to_json(), encoding="utf-8")


def job_cell(job: dict[str, Any], volume: Volume, progress: Progress) -> Cell:
    """The cell that the job's settings hold, or else the one in the volume."""
    values = job["settings"].get("cell")
    return cell_from_json(values) if values else find_cell(volume, progress)


def read_unrolled(folder: Path) -> Unrolled:
    """The unrolled volume of a finished job; its voxels are read when they are looked at."""
    result = folder / RESULT_FOLDER
    text = (result / MAP_FILE).read_text(encoding="utf-8")
    return Unrolled(open_volume_json(result / VOLUME_FILE), UnrolledMap.from_json(text))


def read_windings(folder: Path) -> Windings | None:
    """The windings of a finished job; None where it needed none."""
    path = folder / RESULT_FOLDER / WINDINGS_FILE
    return Windings.from_json(path.read_text(encoding="utf-8")) if path.is_file() else None


def _unroll(volume: Volume, cell: Cell, settings: dict[str, Any], out: Path, progress: Progress) -> Unrolled:
    heights = settings.get("heights_mm")
    how = UnrollSettings(settings.get("depth_mm"), settings.get("step_mm"), tuple(heights) if heights else None)
    if settings.get("along", "axis") == "axis":
        return unroll_around(volume, cell, settings.get("radius_mm"), how, progress)
    text, span = settings.get("windings"), settings.get("winding")
    windings = Windings.from_json(text) if text else trace_windings(volume, cell, progress.part(0.0, 0.3))
    (out / WINDINGS_FILE).write_text(windings.to_json(), encoding="utf-8")
    return unroll_winding(volume, cell, windings, tuple(span) if span else None, how, progress.part(0.3, 1.0))
