"""Export of a scene: pictures, tables, report, and the scene itself, from a snapshot of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell import mrml
from batterycell.errors import InputError
from batterycell.export import ExportSettings, export_pictures, export_scene
from batterycell.mrml.snapshot import SCENE_FILE
from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.provenance import Sources

from .jobs import write_json

SNAPSHOT_FOLDER = "snapshot"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Export, whole or not at all.

    Args:
        job: Its settings: ``volume``, ID of the cell's volume; ``out``, the folder to be; ``overwrite``, whether it may
            replace an older result; ``pictures``, fields of `ExportSettings`; ``pictures_only``; ``files``, what the
            volume was read from; ``command``, what made the export. Beside them in the job's folder lies a snapshot of
            the scene, of `batterycell.mrml.snapshot.write_snapshot`.
        out: Holds ``export.json`` with the notes afterwards.
        progress: Told how far it is; asked whether to stop.
    """
    settings = job["settings"]
    with result_folder(Path(settings["out"]), settings["overwrite"]) as folder:
        write_json(out / "export.json", {"notes": _export(settings, out.parent / SNAPSHOT_FOLDER, folder, progress)})


def _export(settings: dict[str, Any], snapshot: Path, folder: Path, progress: Progress) -> list[str]:
    progress.report(0.0, "reading the scene")
    scene = mrml.new_scene()
    try:
        mrml.load_scene(scene, snapshot / SCENE_FILE)
        node, drawn = scene.GetNodeByID(settings["volume"]), ExportSettings(**settings["pictures"])
        if node is None:
            raise InputError("volume-gone", "The cell's volume was removed from the scene.", "Choose another volume.")
        if settings["pictures_only"]:
            return export_pictures(scene, node, folder, drawn, progress.part(0.05, 1.0))
        sources = Sources([Path(file) for file in settings["files"]], settings["command"], snapshot)
        return list(export_scene(scene, node, folder, drawn, sources, progress.part(0.05, 1.0))["notes"])
    finally:
        mrml.close_scene(scene)
