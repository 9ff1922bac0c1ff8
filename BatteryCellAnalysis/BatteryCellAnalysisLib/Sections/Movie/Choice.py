"""Which movie is chosen, and what of it the worker can read: a file, a folder of a result, frames of the scene."""

from pathlib import Path
from typing import Any

from batterycell.movie.load.lithium_folder import is_lithium_folder
from batterycell.mrml.movie.frames import MovieFacts, facts_of, source_of_frames
from batterycell.mrml.movie.results import note_of, result_of, source_of
from batterycell.mrml.movie.sequences import write_frames

from BatteryCellAnalysisLib.Work.JobFolder import makeScratchFolder


class MovieChoice:
    """Knows the chosen movie.

    Args:
        panel: Gives the parameters.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self._written: tuple[Any, Path] = (None, Path())

    @property
    def node(self) -> Any:
        """What was chosen."""
        return self._panel.parameters.movieSequence

    @property
    def result(self) -> Any:
        """The particles that were found in it; None where it was not measured."""
        return result_of(self.node)

    @property
    def frames(self) -> Any:
        """Its frames; None where a result came without them."""
        return source_of(self.result) if self.result is not None else self.node

    @property
    def facts(self) -> MovieFacts | None:
        """What is known of its frames."""
        return facts_of(self.frames)

    @property
    def name(self) -> str:
        """What people call it."""
        facts = self.facts
        if facts is not None:
            return facts.name
        return note_of(self.result).sample if self.result is not None else str(self.node.GetName())

    @property
    def path(self) -> Path | None:
        """The file or folder that holds it; None where only the scene does."""
        if self.frames is not None:
            return source_of_frames(self.frames)
        return self._folderOfResult() if self.result is not None else None

    @property
    def isLithium(self) -> bool:
        """Whether it holds lithium fractions already, as a result does."""
        path = self.path
        return path is not None and is_lithium_folder(path)

    def readable(self) -> Path:
        """What the worker reads; frames that only the scene holds are written."""
        path = self.path
        if path is not None:
            return path
        node = self.frames
        if self._written[0] != (node.GetID(), node.GetMTime()):
            file = makeScratchFolder() / "movie.seq.nrrd"
            write_frames(node, file)
            self._written = ((node.GetID(), node.GetMTime()), file)
        return self._written[1]

    def _folderOfResult(self) -> Path | None:
        """The folder with the lithium of a result that came without frames."""
        note = note_of(self.result)
        given = [*note.settings.get("inputs", [])[:1], note.folder]
        places = [place for one in given for place in (Path(one), Path(one) / "chemistry")]
        return next((place for place in places if is_lithium_folder(place)), None)
