"""Result folders held side by side by a worker, as the command line does it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from batterycell.measured import Stage
from batterycell.worker import RESULT_FOLDER
from batterycell.worker.stage_files import read_stages

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, ensure

from .ObjectsExport import newFolder, sayWritten
from .ObjectsWork import ObjectsWork

_COMMAND = "3D Slicer, module Battery Cell Analysis, Objects, Compare results"
_NAME = "comparison"


class ObjectsCompare:
    """Compares result folders.

    Args:
        work: Runs the worker.
        section: Says what was found and written.
        show: Called with what came of a comparison.
    """

    def __init__(self, work: ObjectsWork, section: Any, show: Callable[[Stage], None]) -> None:
        self._work, self._section, self._show = work, section, show

    def start(self, results: Sequence[Path], folder: Path) -> None:
        """Compare, and write into a new folder.

        Args:
            results: The result folders, the reference first.
            folder: Where the new folder will be.

        Raises:
            BatteryCellError: if it cannot begin.
        """
        ensure(TO_EXPORT)
        out = newFolder(folder, _NAME)
        settings = {
            "results": [str(one.absolute()) for one in results],
            "out": str(out.absolute()),
            "command": _COMMAND,
        }
        self._work.run("compare", None, settings, lambda job: {}, lambda job: self._onCompared(job, out))

    def _onCompared(self, job: Path, out: Path) -> None:
        (stage,) = read_stages(job / RESULT_FOLDER)
        self._show(stage)
        compared, differing = (round(one.value) for one in stage.quantities)
        words = _("{differing} of {compared} numbers differ at 95 %.").format(differing=differing, compared=compared)
        sayWritten(self._section, out, words)
