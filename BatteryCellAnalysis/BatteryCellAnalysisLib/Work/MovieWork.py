"""One piece of work on a movie at a time, in a worker: its frames are read, or it is measured step by step."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import qt
from batterycell.movie.load.result import read_movie_results
from batterycell.movie.recipe import MovieRecipe
from batterycell.mrml.movie.frames import add_frames
from batterycell.mrml.movie.results import MovieNote, add_results, note_of, remove_movie, remove_results, result_of
from batterycell.worker import RESULT_FOLDER
from batterycell.worker.jobs import JOB_PREFIX
from batterycell.worker.movie_frames import read_frames

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, TO_READ_HDF5, TO_READ_PICTURES, TO_READ_TIFF, ensure
from BatteryCellAnalysisLib.Signal import Signal

from .JobFolder import makeJobFolder, makeScratchFolder, removeJobFolder

_HDF5 = (".h5", ".hdf5", ".hdf", ".nxs", ".nx")
_COMMAND = "3D Slicer, module Battery Cell Analysis, X-ray movie"


class MovieWork:
    """Runs workers on movies.

    ``loaded(sequence)`` tells that frames are in the scene, ``measured(particles)`` that results are.

    Args:
        panel: Gives the job and the scene.
        section: Shows what goes wrong.
    """

    def __init__(self, panel: Any, section: Any) -> None:
        self.loaded, self.measured = Signal(), Signal()
        self._panel, self._section = panel, section
        self.job = panel.makeJob()
        self._onDone: Callable[[Path], bool] = lambda folder: False
        self._searches: dict[str, Path] = {}
        self.job.finished.connect(self._onFinished)
        self.job.failed.connect(self._onFailed)

    def load(self, path: Path, reading: dict[str, Any], replaced: Any = None) -> None:
        """Begin to read frames.

        Args:
            path: File or folder.
            reading: What is said about it, the fields of `MovieOptions` in JSON's types.
            replaced: Frames that go once the new ones are there; None for none.

        Raises:
            BatteryCellError: if a package to read it with is missing.
        """
        ensure(packagesFor(path))
        self._onDone = lambda folder: self._keepFrames(folder, path, replaced)
        self.job.start(makeJobFolder("movie_frames", None, {"input": str(path), "reading": reading}))

    def measure(self, movie: Any, given: dict[str, Any], recipe: MovieRecipe, before: Sequence[Any]) -> None:
        """Begin to measure.

        Args:
            movie: What was chosen: its ``frames`` (None where a result came without), ``name``, and earlier ``result``.
            given: ``inputs``, ``steps``, ``reading`` and ``beside`` of the worker.
            recipe: The settings.
            before: Folders of earlier steps, that stay part of the result.

        Raises:
            BatteryCellError: if a package is missing.
        """
        ensure((*TO_EXPORT, *packagesFor(Path(given["inputs"][0]))))
        settings = {**given, "recipe": asdict(recipe), "command": _COMMAND, "keep": self._keep(given["inputs"][0])}
        note, frames, earlier = MovieNote(movie.name, tuple(given["steps"]), "", settings), movie.frames, movie.result
        self._onDone = lambda folder: self._keepResults(folder, note, before, (frames, earlier))
        self.job.start(makeJobFolder("movie_steps", None, settings))

    def _keep(self, source: str) -> str:
        """Where an interrupted search for the law goes on, as long as Slicer runs."""
        if source not in self._searches:
            self._searches[source] = makeScratchFolder()
        return str(self._searches[source] / "search")

    def _keepFrames(self, folder: Path, path: Path, replaced: Any) -> bool:
        stack, facts = read_frames(folder)
        if replaced is not None and replaced.GetScene() is not None:
            forgetFiles(result_of(replaced))
            remove_movie(replaced)
        node = add_frames(self._panel.scene, stack, facts, path)
        qt.QTimer.singleShot(0, lambda: self.loaded.emit(node))
        return False

    def _keepResults(self, folder: Path, note: MovieNote, before: Sequence[Any], nodes: tuple[Any, Any]) -> bool:
        result = folder / RESULT_FOLDER
        found = [*before, *read_movie_results(result)]
        frames, earlier = (node if node is not None and node.GetScene() is not None else None for node in nodes)
        if earlier is not None:
            forgetFiles(earlier)
            remove_results(earlier)
        owner = add_results(self._panel.scene, frames, found, replace(note, folder=str(result)))
        qt.QTimer.singleShot(0, lambda: self.measured.emit(owner))
        return True  # the files are there to be exported

    def _onFinished(self, folder: Path) -> None:
        isKept = False
        with self._section.reporting(_("The result cannot be shown."), keepMessage=True):
            isKept = self._onDone(folder)
        if not isKept:
            removeJobFolder(folder)
        qt.QTimer.singleShot(0, self._panel.refresh)

    def _onFailed(self, error: Any) -> None:
        self._section.showError(error)
        removeJobFolder(self.job.folder)
        self._panel.refresh()


def forgetFiles(owner: Any) -> None:
    """Remove the files of a result that a worker wrote for the time being; those of a person's folders stay."""
    folder = Path(note_of(owner).folder).parent if owner is not None else Path()
    if folder.name.startswith(JOB_PREFIX):
        removeJobFolder(folder)


def packagesFor(path: Path) -> tuple[str, ...]:
    """The packages that reading a movie needs."""
    suffixes = {file.suffix.lower() for file in (path.iterdir() if path.is_dir() else [path])}
    found: tuple[str, ...] = TO_READ_TIFF if suffixes & {".tif", ".tiff", ".btf", ".tf8"} else ()
    found += TO_READ_PICTURES if suffixes & {".png", ".bmp"} else ()
    return found + (TO_READ_HDF5 if suffixes & set(_HDF5) else ())
