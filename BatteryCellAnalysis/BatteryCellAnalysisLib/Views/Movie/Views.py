"""Two maps of a movie side by side with a plot, played by Slicer's own tool bar; clicks tell particles."""

from typing import Any

import qt
import slicer
from batterycell.mrml.movie.looks import leave_room_for_legend, redraw_legends
from batterycell.mrml.movie.places import particle_at, place_in_particle
from batterycell.mrml.movie.sequences import go_to_time, time_of

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.ViewClicks import Place, ViewClicks

from .Layout import GROUP, LEFT, PLOT, RIGHT, isMovieLayoutShown, movieWidget, showMovieLayout


class MovieViews:
    """Shows maps of one movie.

    ``clicked(number, time)`` tells the particle under a click, 0 for none, and the time that is shown, in s.
    """

    def __init__(self) -> None:
        self.clicked = Signal()
        self._owner: Any = None
        self._browser: Any = None
        self._clicks = ViewClicks(withControl=False, inThreeD=False)
        self._clicks.clicked.connect(self._onClick)

    def stop(self) -> None:
        """Listen to the views no more, and let the nodes go."""
        self._clicks.stop()
        self._owner = self._browser = None

    def follow(self, owner: Any, browser: Any) -> None:
        """Let clicks tell particles of this movie; None for no movie."""
        self._owner, self._browser = owner, browser
        if owner is None:
            self._clicks.stop()
        elif isMovieLayoutShown():
            self._clicks.start()

    def play(self, browser: Any) -> None:
        """Let Slicer's tool bar play this browser."""
        slicer.modules.sequences.setToolBarActiveBrowserNode(browser)
        slicer.modules.sequences.setToolBarVisible(True)

    def show(self, left: Any, right: Any, chart: Any) -> None:
        """Show two volumes and a chart in the layout of a movie; None for nothing in its place."""
        isNew = showMovieLayout()
        for name, volume in ((LEFT, left), (RIGHT, right)):
            movieWidget(name).mrmlSliceCompositeNode().SetBackgroundVolumeID(volume.GetID() if volume else None)
        if chart is not None:
            # Slicer's own way to show a chart would switch to a layout that it knows.
            view = chart.GetScene().GetSingletonNode(PLOT, "vtkMRMLPlotViewNode")
            view.SetPlotChartNodeID(chart.GetID())
        if self._owner is not None:
            self._clicks.start()
        self.fit()
        if isNew:
            # Views have their sizes only once the window was laid out.
            qt.QTimer.singleShot(0, self.fit)

    def fit(self) -> None:
        """Fit the views to what they show."""
        for widget in (movieWidget(LEFT), movieWidget(RIGHT)):
            if widget is not None:
                widget.sliceController().fitSliceToBackground()
                leave_room_for_legend(widget.mrmlSliceNode())
                redraw_legends(widget.sliceLogic().GetBackgroundLayer().GetVolumeNode())

    def goTo(self, number: int, time: float) -> None:
        """Bring the cross-hair to a particle, and the browser to a time in s; 0 and NaN leave them where they are."""
        if self._browser is not None and time == time:
            go_to_time(self._browser, time)
        place = place_in_particle(self._owner, number) if number else None
        if place is not None:
            world = [0.0, 0.0, 0.0]
            self._owner.TransformPointToWorld(place, world)
            _pointAt(self._owner.GetScene(), world)

    def _onClick(self, place: Place | None) -> None:
        if self._owner is not None and self._owner.GetScene() is not None and place is not None:
            time = time_of(self._browser) if self._browser is not None else float("nan")
            self.clicked.emit(particle_at(self._owner, place), time)


def _pointAt(scene: Any, world: list[float]) -> None:
    crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    crosshair.SetCrosshairMode(slicer.vtkMRMLCrosshairNode.ShowSmallBasic)
    crosshair.SetCrosshairRAS(*world)
    slicer.vtkMRMLSliceNode.JumpAllSlices(scene, *world, slicer.vtkMRMLSliceNode.OffsetJumpSlice, GROUP)
