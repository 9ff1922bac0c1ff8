"""Objects of the scene as a result folder, written by a worker as the command line writes it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import qt
from batterycell.file_names import file_stem, untaken
from batterycell.measured import Stage
from batterycell.mrml import input_path
from batterycell.mrml.names import name_of
from batterycell.mrml.object_labels import is_segmentation
from batterycell.mrml.objects import ObjectsNote, note_of
from batterycell.provenance import input_files
from batterycell.worker.stage_files import write_stages

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, ensure

from .JobFolder import describeVolume
from .ObjectsWork import ObjectsWork

_COMMAND = "3D Slicer, module Battery Cell Analysis, Objects"


def sayWritten(section: Any, out: Path, found: str = "") -> None:
    """Say in a section which folder was written, after what was found, with a link to its report."""
    link = qt.QUrl.fromLocalFile(str(out / "report.html")).toString()
    words = _("Written to {folder}.").format(folder=out.name)
    section.sayWithLink(f"{found} {words}".strip(), link, _("Open the report"))


def newFolder(folder: Path, name: str) -> Path:
    """A folder to be, by a name that nothing there has."""
    return folder / untaken(name, {path.name.lower() for path in folder.iterdir()})


class ObjectsExport:
    """Writes result folders.

    Args:
        work: Runs the worker.
        section: Says what was written.
    """

    def __init__(self, work: ObjectsWork, section: Any) -> None:
        self._work, self._section = work, section

    def start(self, labels: Any, objects: Any, stages: Sequence[Stage], folder: Path) -> None:
        """Write objects into a new folder.

        Args:
            labels: The labels, as of the section "Objects".
            objects: The node of the objects.
            stages: What was measured of them.
            folder: Where the new folder will be.

        Raises:
            BatteryCellError: if it cannot begin.
        """
        ensure(TO_EXPORT)
        note, source = note_of(objects), labels.node
        out = newFolder(folder, file_stem(name_of(objects)))

        def writeMore(job: Path) -> dict[str, Any]:
            write_stages(stages, job)
            hasVoxels = objects.GetImageData() is not None
            instances = str(describeVolume(objects, job / "objects.json")) if hasVoxels else None
            return {"stages": str(job), "instances": instances}

        settings = {**_told(note, source), "out": str(out.absolute()), "command": _COMMAND}
        self._work.run("objects_folder", source, settings, writeMore, lambda job: self._onWritten(out))

    def _onWritten(self, out: Path) -> None:
        sayWritten(self._section, out)


def _told(note: ObjectsNote, source: Any) -> dict[str, Any]:
    """How objects were made, and the files of the labels that they were found in."""
    path = None if is_segmentation(source) else input_path(source)
    return {
        "classes": [asdict(one) for one in note.classes],
        "recipe": asdict(note.recipe),
        "log": list(note.log),
        "edits": list(note.edits),
        "files": [str(file) for file in input_files(path)] if path else [],
    }
