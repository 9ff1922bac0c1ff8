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
from batterycell.mrml.objects import note_of
from batterycell.provenance import input_files
from batterycell.worker.stage_files import write_stages

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, ensure

from .JobFolder import describeVolume
from .ObjectsWork import ObjectsWork

_COMMAND = "3D Slicer, module Battery Cell Analysis, Objects"


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
        out = folder / untaken(file_stem(name_of(objects)), {path.name.lower() for path in folder.iterdir()})
        path = None if is_segmentation(source) else input_path(source)

        def writeMore(job: Path) -> dict[str, Any]:
            write_stages(stages, job)
            hasVoxels = objects.GetImageData() is not None
            instances = str(describeVolume(objects, job / "objects.json")) if hasVoxels else None
            return {"stages": str(job), "instances": instances}

        settings = {
            "classes": [asdict(one) for one in note.classes],
            "recipe": asdict(note.recipe),
            "log": list(note.log),
            "edits": list(note.edits),
            "out": str(out.absolute()),
            "files": [str(file) for file in input_files(path)] if path else [],
            "command": _COMMAND,
        }
        self._work.run("objects_folder", source, settings, writeMore, lambda job: self._onWritten(out))

    def _onWritten(self, out: Path) -> None:
        link = qt.QUrl.fromLocalFile(str(out / "report.html")).toString()
        self._section.sayWithLink(_("Written to {folder}.").format(folder=out.name), link, _("Open the report"))
