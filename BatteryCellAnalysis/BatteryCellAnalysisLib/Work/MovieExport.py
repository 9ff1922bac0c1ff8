"""The files of a movie's result as a folder of one's own: those that the command line writes."""

import shutil
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import OutputError
from batterycell.file_names import file_stem
from batterycell.mrml.movie.results import note_of

from BatteryCellAnalysisLib.I18n import _

from .ObjectsExport import newFolder


def exportMovie(owner: Any, folder: Path) -> Path:
    """Copy the folders of all steps into a new folder there.

    Raises:
        OutputError: if the files are gone, or cannot be written.
    """
    note = note_of(owner)
    source = Path(note.folder)
    if not note.folder or not source.is_dir():
        raise OutputError("movie-files", _("The files of this result are gone."), _("Measure again, then export."))
    out = newFolder(folder, file_stem(note.sample, "movie"))
    try:
        shutil.copytree(source, out)
    except OSError as error:
        words = _("{folder} cannot be written: {reason}.").format(folder=out, reason=error.strerror or error)
        raise OutputError("output-write", words, _("Choose another folder.")) from error
    return out


def reportOf(out: Path) -> str:
    """Link to the report of the last step."""
    reports = sorted(out.glob("**/report.html"), key=lambda path: path.stat().st_mtime)
    return str(qt.QUrl.fromLocalFile(str(reports[-1] if reports else out)).toString())
