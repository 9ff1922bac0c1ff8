"""The link between Slicer's cross-hair and the unrolled cell.

The unrolled cell lies far from the cell, so that the cross-hair's place alone tells in which of the two it was set. A
place in the unrolled cell is carried over to the cell; nothing that only shows a place sets the cross-hair, and so
nothing can run in circles.
"""

from typing import Any

import numpy as np
import vtk
from batterycell.mrml.unrolled import is_unrolled_place, to_cell_world
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.SliceViews import goToWorld

Place = tuple[float, float, float]


class CrosshairLink(VTKObservationMixin):
    """Follows the cross-hair. ``moved(place)`` tells its new place in the cell, RAS mm as the views show it."""

    def __init__(self) -> None:
        VTKObservationMixin.__init__(self)
        self.moved = Signal()
        self._unrolled: Any = None
        self._place: Place | None = None

    def start(self, scene: Any, unrolled: Any) -> None:
        """Follow the cross-hair of a scene, linked to an unrolled cell or to none."""
        self._unrolled = unrolled
        crosshair = crosshairOf(scene)
        if crosshair is not None and not self.hasObserver(crosshair, vtk.vtkCommand.ModifiedEvent, self._onCrosshair):
            self.removeObservers()
            self._place = _placeOf(crosshair)
            self.addObserver(crosshair, vtk.vtkCommand.ModifiedEvent, self._onCrosshair)

    def stop(self) -> None:
        """Follow no cross-hair any more."""
        self.removeObservers()
        self._unrolled = self._place = None

    def _onCrosshair(self, crosshair: Any, event: str) -> None:
        place = _placeOf(crosshair)
        if place == self._place:
            return
        before, self._place = self._place, place
        if self._unrolled is None or self._unrolled.GetScene() is None or not is_unrolled_place(self._unrolled, place):
            self.moved.emit(place)
            return
        inCell = to_cell_world(self._unrolled, place)
        if np.isfinite(inCell).all():
            goToWorld(crosshair.GetScene(), tuple(inCell.tolist()))
        elif before is not None:
            crosshair.SetCrosshairRAS(*before)


def crosshairOf(scene: Any) -> Any:
    """The scene's cross-hair node; None where there is none."""
    return scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")


def _placeOf(crosshair: Any) -> Place:
    r, a, s = crosshair.GetCrosshairRAS()
    return r, a, s
