"""Section "Look": across the winding, around the axis, and the cell unrolled, with the cross-hair as the link."""

from typing import Any

from batterycell.mrml import cell_of
from batterycell.mrml.places import from_world
from batterycell.mrml.unrolled import is_unrolled_place, span_of, to_cell_world, to_unrolled, unrolled_of
from batterycell.orient import Cell

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views import CellPlanes
from BatteryCellAnalysisLib.Views.Markups.PlaceMode import isViewing
from BatteryCellAnalysisLib.Views.SliceViews import goToWorld
from BatteryCellAnalysisLib.Views.Unrolled.CrosshairLink import CrosshairLink, crosshairOf
from BatteryCellAnalysisLib.Views.ViewClicks import Place, ViewClicks
from BatteryCellAnalysisLib.Work.CellWork import CellWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .AngleSlider import AngleSlider
from .UnrollRows import UnrollRows


class LookSection:
    """Connects the widgets of the section "Look".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.lookCollapsibleButton, ui.lookMessage)
        self._work = CellWork(panel, self._section)
        self._progress = ProgressRow(self._work.job, ui.lookProgressRow, ui.lookProgressBar, ui.lookCancelButton)
        self._angle = AngleSlider(ui.angleSlider, ui.playButton)
        self._unroll = UnrollRows(ui, panel, self._section, self._work)
        self._shownAngle: float | None = None
        self._link, self._clicks = CrosshairLink(), ViewClicks(withControl=False, inThreeD=False)
        self._angle.turned.connect(self._onTurned)
        self._link.moved.connect(self._onMoved)
        self._clicks.clicked.connect(self._onClick)
        ui.obliqueButton.connect("clicked()", self._onOblique)
        ui.unrollButton.connect("clicked()", self._onUnroll)
        ui.normalViewsButton.connect("clicked()", self._onNormalViews)

    @property
    def job(self) -> Any:
        """The runner of the section's workers."""
        return self._work.job

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what is looked at and what can be done."""
        self._progress.refresh()
        self._unroll.refresh(now)
        self._setReady(Readiness.whyNotLook(now))
        self._follow(self._panel.parameters.volume if now.hasVolume else None)
        self._showLine()

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self._angle.stop()
        self._link.stop()
        self._clicks.stop()

    def _setReady(self, reason: str) -> None:
        ui = self._ui
        for widget in (ui.angleSlider, ui.playButton, ui.obliqueButton, ui.pickButton):
            self._panel.setReady(widget, reason)
        if reason:
            self._angle.stop()

    def _follow(self, volume: Any) -> None:
        """Follow the cross-hair and clicks, as far as the user wants it."""
        self._clicks.start()
        cell = cell_of(volume) if volume else None
        if cell is not None:
            CellPlanes.followCell(volume, cell)
        if volume is None or not self._panel.parameters.lookLinked:
            self._link.stop()
            self._unroll.view.unmark()
            return
        self._link.start(volume.GetScene(), unrolled_of(volume))

    def _onTurned(self, angle: float) -> None:
        if self._panel.parameters.volume is None:
            self._angle.stop()
            return
        with self._section.reporting(_("The half-plane cannot be shown."), waitCursor=False):
            self._work.withCell(self._showHalfPlane)

    def _showHalfPlane(self) -> None:
        CellPlanes.showHalfPlane(*self._cell(), self._angle.angle)
        self._showLine()

    def _onOblique(self) -> None:
        place = crosshairOf(self._panel.scene).GetCrosshairRAS()
        with self._section.reporting(_("The winding cannot be cut there.")):
            self._work.withCell(lambda: CellPlanes.showOblique(*self._cell(), place))

    def _onUnroll(self) -> None:
        with self._section.reporting(_("The cell cannot be unrolled.")):
            self._work.withCell(self._unroll.unroll)

    def _onNormalViews(self) -> None:
        with self._section.reporting(_("The views cannot be reset.")):
            self._angle.stop()
            CellPlanes.showNormalViews()
        self._panel.refresh()

    def _onClick(self, place: Place) -> None:
        volume = self._panel.parameters.volume
        if volume is None or not isViewing(volume.GetScene()):
            return
        if self._ui.pickButton.checked:
            self._goTo(volume, place)
            self._ui.pickButton.checked = False
            self._onOblique()
        elif self._panel.parameters.lookLinked and unrolled_of(volume) is not None:
            self._goTo(volume, place)

    def _goTo(self, volume: Any, place: Place) -> None:
        """Bring the cross-hair to a place in the cell, or to that of a place in the unrolled cell."""
        unrolled = unrolled_of(volume)
        if unrolled is not None and is_unrolled_place(unrolled, place):
            place = tuple(to_cell_world(unrolled, place).tolist())
        if all(value == value for value in place):
            goToWorld(volume.GetScene(), place)

    def _onMoved(self, place: Place) -> None:
        """Show where the cross-hair went, in the unrolled cell and in the views that turn about the cell."""
        volume, cell = self._cell()
        if cell is None:
            return
        unrolled = unrolled_of(volume)
        if unrolled is not None:
            angle, radius, _height = cell.frame.to_cylindrical(from_world(volume, place))
            self._unroll.view.mark(to_unrolled(unrolled, place), ResultLines.placeLine(float(angle), float(radius)))
        CellPlanes.followPlace(volume, cell, place)
        self._showLine()

    def _cell(self) -> tuple[Any, Cell | None]:
        volume = self._panel.parameters.volume
        return volume, cell_of(volume) if volume and volume.GetImageData() else None

    def _showLine(self) -> None:
        """What is looked at, in one line; the slider stands where the half-plane does."""
        volume = self._panel.parameters.volume
        angle = CellPlanes.shownAngle() if volume else None
        if angle is not None and self._shownAngle is None:
            CellPlanes.showIntersections(True)
        self._shownAngle = angle
        unrolled = unrolled_of(volume) if volume else None
        if not self._work.job.isRunning:  # then it waits for the cell, at the angle that was asked for
            self._angle.show(angle)
        self._section.setResult(
            ResultLines.lookLine(angle, unrolled is not None, span_of(unrolled) if unrolled else None)
        )
