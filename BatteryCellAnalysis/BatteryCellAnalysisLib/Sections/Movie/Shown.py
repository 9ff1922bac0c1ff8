"""What the section "X-ray movie" shows of a result: two maps, a plot, a table; a row, a click and a time lead on."""

from collections.abc import Sequence
from typing import Any

from batterycell.measured import Stage
from batterycell.mrml.movie.chart_lines import charts_of
from batterycell.mrml.movie.charts import show_chart, title_of_chart
from batterycell.mrml.movie.results import browsers_of, maps_of
from batterycell.mrml.movie.sequences import browser_of, proxy_of

from BatteryCellAnalysisLib.Sections.ResultLines import tablesByTitle
from BatteryCellAnalysisLib.Views.Movie.Tables import MovieTables
from BatteryCellAnalysisLib.Views.Movie.Views import MovieViews

# What is first shown on either side, the best of what there is.
_LEFT = ("Lithium", "Optical density")
_ROAD = ("movie_frames", "movie_chemistry", "movie_kinetics", "movie_law")
_RIGHT = ("Rate", "Lithium, σ", "Optical density")


class MovieShown:
    """Shows one result.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._owner: Any = None
        self._stages: tuple[Stage, ...] = ()
        self.views, self.tables = MovieViews(), MovieTables(ui.movieTableComboBox, ui.movieTableView)
        self.tables.chosen.connect(self.views.goTo)
        self.views.clicked.connect(self.tables.select)
        for combo in (ui.movieLeftComboBox, ui.movieRightComboBox, ui.movieChartComboBox):
            combo.connect("activated(int)", lambda index: self._onChosen())

    def stop(self) -> None:
        """Let the views and the nodes go."""
        self.views.stop()
        self._owner, self._stages = None, ()

    def follow(self) -> None:
        """Listen to the views where they show the movie."""
        browsers = browsers_of(self._owner) if self._owner is not None else []
        self.views.follow(self._owner, browsers[0] if browsers else None)

    def show(self, owner: Any, stages: Sequence[Stage]) -> None:
        """List another result; None for none."""
        self._owner, self._stages = owner, tuple(stages)
        ui, parameters = self._ui, self._panel.parameters
        ui.movieResultFrame.visible = owner is not None
        titles = list(maps_of(owner)) if owner is not None else []
        _offer(ui.movieLeftComboBox, titles, parameters.movieLeft, _LEFT)
        _offer(ui.movieRightComboBox, titles, parameters.movieRight, _RIGHT)
        drawn = title_of_chart(owner) if owner is not None else ""
        _offer(ui.movieChartComboBox, list(charts_of(self._stages)), drawn, ())
        self.tables.show(tablesByTitle(sorted(self._stages, key=_rank)))

    def present(self) -> None:
        """Show the chosen maps and the chosen plot, and let the tool bar play them."""
        if self._owner is None:
            return
        ui, maps = self._ui, maps_of(self._owner)
        title = ui.movieChartComboBox.currentText
        chart = show_chart(self._owner, self._stages, title) if title else None
        self.follow()
        left, right = (maps.get(combo.currentText) for combo in (ui.movieLeftComboBox, ui.movieRightComboBox))
        self.views.show(left, right, chart)
        for browser in browsers_of(self._owner)[:1]:
            self.views.play(browser)

    def _onChosen(self) -> None:
        """Keep what a person chose, for the next result, too."""
        ui, parameters = self._ui, self._panel.parameters
        parameters.movieLeft = ui.movieLeftComboBox.currentText
        parameters.movieRight = ui.movieRightComboBox.currentText
        self.present()

    def presentFrames(self, sequence: Any) -> None:
        """Show the frames of a movie that was just loaded."""
        self.views.show(proxy_of(sequence), None, None)
        self.views.play(browser_of(sequence))


def _rank(stage: Stage) -> int:
    """The later a stage, the sooner its tables are offered."""
    return -_ROAD.index(stage.name) if stage.name in _ROAD else 1


def _offer(combo: Any, titles: Sequence[str], chosen: str, first: Sequence[str]) -> None:
    """Offer titles: that of before, else the best, else the first."""
    wasBlocked = combo.blockSignals(True)
    combo.clear()
    for title in titles:
        combo.addItem(title)
    best = [title for name in first for title in titles if title.split(" [")[0] == name]
    wanted = chosen if chosen in titles else next(iter([*best, *titles]), "")
    combo.setCurrentIndex(max(0, combo.findText(wanted)))
    combo.blockSignals(wasBlocked)
