"""Section "X-ray movie": frames loaded, measured as far as one likes, and what was found played, plotted and listed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.movie.load.result import is_movie_result, read_movie_results
from batterycell.movies import read_voltages
from batterycell.mrml.movie.results import (
    MovieNote,
    add_results,
    chief_sequence,
    note_of,
    remove_results,
    stages_of_movie,
    state_of_result,
)
from batterycell.tables import write_csv

from BatteryCellAnalysisLib.Hints import movieWords
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import isInstalled
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.ResultLines import withNotes
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Work.MovieExport import exportMovie, reportOf
from BatteryCellAnalysisLib.Work.MovieWork import MovieWork, forgetFiles
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .Choice import MovieChoice
from .Files import MovieFiles
from .Lines import factsLine, movieLine
from .Members import MovieMembers
from .Settings import besideOf, othersOf, readingOf, recipeOf, stepsOf, voltagesFit
from .Shown import MovieShown

_SETTINGS = (
    "movieSelector",
    "movieLoadFileButton",
    "movieLoadFolderButton",
    "movieMembersTableWidget",
    "movieAddMemberButton",
    "movieRemoveMemberButton",
    "movieSettingsGroupBox",
    "movieReachComboBox",
)
_NOT_YET = object()


class MovieSection:
    """Connects the widgets of the section "X-ray movie".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.movieCollapsibleButton, ui.movieMessage, movieWords())
        self._work = MovieWork(panel, self._section)
        self.job = job = self._work.job
        self._progress = ProgressRow(job, ui.movieProgressRow, ui.movieProgressBar, ui.movieCancelButton)
        self.choice, self.members, self.shown = MovieChoice(panel), MovieMembers(ui, panel), MovieShown(ui, panel)
        self._files = MovieFiles(ui, panel, self)
        self._state: Any = _NOT_YET
        self._connect()

    def _connect(self) -> None:
        ui = self._ui
        ui.movieSetButton.connect("clicked()", self._onSet)
        ui.movieMeasureButton.connect("clicked()", self._onMeasure)
        ui.movieShowButton.connect("clicked()", lambda: self.shown.present())
        ui.movieClearButton.connect("clicked()", self._onClear)
        ui.movieMessage.connect("linkActivated(QString)", lambda link: qt.QDesktopServices.openUrl(qt.QUrl(link)))
        self._work.loaded.connect(self._onLoaded)
        self._work.measured.connect(self._onMeasured)

    def forget(self) -> None:
        """A movie is not that of the cell: what was said of it stays."""

    def endJobs(self) -> None:
        """Let the views and the nodes go, for when the scene or the application closes."""
        self.shown.stop()
        self._state = _NOT_YET

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what was found and what can be done."""
        self._progress.refresh()
        self.members.refresh()
        ui, choice = self._ui, self.choice
        for name in _SETTINGS:
            self._panel.setReady(getattr(ui, name), Readiness.whyNotLoad(now))
        hasMovie = choice.node is not None
        reason = Readiness.whyNotMeasureMovie(now, hasMovie, self._problem() if hasMovie else "")
        self._panel.setReady(ui.movieMeasureButton, reason)
        hasSource = hasMovie and choice.frames is not None and choice.path is not None
        self._panel.setReady(ui.movieSetButton, Readiness.whyNotReadMovie(now, hasSource))
        self._follow()
        self._refreshResult(now)

    def _refreshResult(self, now: Readiness.Situation) -> None:
        ui, result = self._ui, self.choice.result
        for button in (ui.movieClearButton, ui.movieCsvButton, ui.movieShowButton):
            self._panel.setReady(button, Readiness.whyNotUseMovie(now, result is not None))
        hasFiles = result is not None and Path(note_of(result).folder or "-").is_dir()
        self._panel.setReady(ui.movieExportButton, Readiness.whyNotExportMovie(now, result is not None, hasFiles))

    def _problem(self) -> str:
        """What is missing for how far it is to go."""
        parameters, choice = self._panel.parameters, self.choice
        steps = stepsOf(parameters, choice.isLithium)
        if not steps or (choice.isLithium and "prepare" in steps):
            return _("This movie begins at lithium: choose Kinetics or the reaction's law.")
        if not voltagesFit(parameters):
            return _("Choose one file of voltages for each movie of the law, or none (Settings).")
        given = choice.isLithium or parameters.movieSigma or len(self.members.rows) > 1
        return "" if given or "prepare" in steps else _("Add the spectra of two end members first.")

    def load(self, path: Path, replaced: Any = None) -> None:
        """Begin to load a movie, or show a result that `batterycell movie` wrote.

        Args:
            path: File or folder.
            replaced: Frames that go, with what was found in them, once the new ones are there; None for none.
        """
        with self._section.reporting(_("The movie cannot be loaded.")):
            if is_movie_result(path):
                self._open(path)
            else:
                self._work.load(path, readingOf(self._panel.parameters), replaced)
        self._panel.refresh()

    def exportTo(self, folder: Path) -> None:
        """Write everything into a new folder there, as the command line does."""
        with self._section.reporting(_("The movie cannot be exported.")):
            out = exportMovie(self.choice.result, folder)
            words = _("Written to {folder}.").format(folder=out.name)
            self._section.sayWithLink(words, reportOf(out), _("Open the report"))

    def saveTable(self, path: Path) -> None:
        """Write the table that is listed, with all digits."""
        with self._section.reporting(_("The table cannot be saved.")):
            write_csv(self.shown.tables.shown, path)
            self._section.say(_("Written to {file}.").format(file=path.name))

    def _open(self, path: Path) -> None:
        found = read_movie_results(path)
        note = MovieNote(found[-1].sample, tuple(one.step for one in found), str(path))
        self._choose(add_results(self._panel.scene, None, found, note))

    def _choose(self, owner: Any) -> None:
        """Choose a result by its frames, else by its chief map, and show it."""
        self._panel.parameters.movieSequence = self._frames(owner) or chief_sequence(owner)
        self._panel.refresh()
        self.shown.present()

    def _frames(self, owner: Any) -> Any:
        chosen = self._panel.parameters.movieSequence
        return chosen if chosen is not None and self.choice.result is owner else None

    def _follow(self) -> None:
        """Show another movie, or what changed of it."""
        result, node = self.choice.result, self.choice.node
        facts = self.choice.facts if node is not None else None
        self._ui.movieFactsLabel.text = factsLine(facts) if facts is not None else ""
        self._ui.movieFactsLabel.visible = facts is not None
        state = (node, state_of_result(result) if result is not None else None)
        if state != self._state:
            isOther = self._state is not _NOT_YET and node is not self._state[0]
            self._state = state
            self._show(result, isOther)
        self.shown.follow()

    def _show(self, result: Any, isOther: bool) -> None:
        stages = stages_of_movie(result) if result is not None else ()
        line = movieLine(stages)
        self._section.setResult(line)
        if result is not None:
            self._section.sayLines(withNotes(line, stages))
        elif isOther:
            self._section.clear()
        self.shown.show(result, stages)

    def _onLoaded(self, sequence: Any) -> None:
        self._panel.parameters.movieSequence = sequence
        self._panel.refresh()
        self.shown.presentFrames(sequence)

    def _onMeasured(self, owner: Any) -> None:
        if owner.GetScene() is not None:
            self._choose(owner)

    def _onSet(self) -> None:
        self.load(self.choice.path, self.choice.frames)

    def _onMeasure(self) -> None:
        with self._section.reporting(_("The movie cannot be measured.")):
            self._measure()
        self._panel.refresh()

    def _measure(self) -> None:
        parameters, choice = self._panel.parameters, self.choice
        isGiven = choice.isLithium or not (self.members.rows or "prepare" in stepsOf(parameters, False))
        steps = stepsOf(parameters, isGiven)
        if "invert" in steps and not isInstalled("torch"):
            hint = _("Install it in the module Battery Segmentation Wizard, row Packages.")
            raise BatteryCellError("packages-missing", _("Learning the law needs the package torch."), hint)
        inputs = [str(choice.readable()), *(othersOf(parameters) if "invert" in steps else [])]
        beside = besideOf(parameters, self.members, isGiven)
        # Before long work: the worker comes to them at its end.
        read_voltages([Path(one) for one in beside["voltages"]], len(inputs))
        given = {"inputs": inputs, "steps": steps, "reading": readingOf(parameters), "beside": beside}
        before = self._before() if choice.isLithium else ()
        self._work.measure(choice, given, recipeOf(parameters, self.members, isGiven), before)

    def _before(self) -> Sequence[Any]:
        """The chemistry with which a movie of lithium begins."""
        path = self.choice.path
        return read_movie_results(path)[:1] if path is not None and is_movie_result(path) else ()

    def _onClear(self) -> None:
        with self._section.reporting(_("The result cannot be removed.")):
            forgetFiles(self.choice.result)
            remove_results(self.choice.result)
        self._panel.refresh()
