"""Clicks in slice views and 3D views, with or without Ctrl, beside what Slicer does with them.

Slicer's own Ctrl+drag (blend of the layers in slice views, roll of the camera in 3D views) stays: only a click that
does not move is reported, and no event is swallowed.
"""

from collections.abc import Callable
from typing import Any

import qt
import slicer
import vtk

from BatteryCellAnalysisLib.Signal import Signal

from .ThreeDView import seenPlace

# Before Slicer's own handlers, which may end an event.
_PRIORITY = 2.0
# Pixels that a hand moves while it clicks.
_STILL = 3

Place = tuple[float, float, float]


class ViewClicks:
    """Listens to the views of the layout.

    ``clicked`` tells the place of a click, RAS mm as the views show it, or None where it hit nothing;
    ``pressed`` tells a press of the left button without a key, before Slicer handles it.

    Args:
        withControl: Whether Ctrl, and no other key, must be held, or no key at all.
        inThreeD: Whether clicks in 3D views count.
    """

    def __init__(self, withControl: bool = True, inThreeD: bool = True) -> None:
        self.clicked, self.pressed = Signal(), Signal()
        self._withControl, self._inThreeD = withControl, inThreeD
        self._tags: dict[Any, list[int]] = {}
        self._start: tuple[Any, tuple[int, int]] | None = None
        slicer.app.layoutManager().connect("layoutChanged(int)", self._onLayout)

    def start(self) -> None:
        """Listen to the views that are there and were not yet listened to."""
        for interactor, findPlace in _views(self._inThreeD):
            if interactor not in self._tags:
                self._tags[interactor] = [
                    interactor.AddObserver(vtk.vtkCommand.LeftButtonPressEvent, self._onPress, _PRIORITY),
                    interactor.AddObserver(
                        vtk.vtkCommand.LeftButtonReleaseEvent,
                        lambda caller, event, findPlace=findPlace: self._onRelease(caller, findPlace),
                        _PRIORITY,
                    ),
                ]

    def stop(self) -> None:
        """Listen to no view any more."""
        for interactor, tags in self._tags.items():
            for tag in tags:
                interactor.RemoveObserver(tag)
        self._tags.clear()

    def _onLayout(self, layout: int) -> None:
        if self._tags:
            self.start()

    def _onPress(self, interactor: Any, event: str) -> None:
        isControl, isOther = bool(interactor.GetControlKey()), interactor.GetShiftKey() or interactor.GetAltKey()
        if not isControl and not isOther:
            self.pressed.emit()
        isMeant = isControl == self._withControl
        self._start = (interactor, interactor.GetEventPosition()) if isMeant and not isOther else None

    def _onRelease(self, interactor: Any, findPlace: Callable[[tuple[int, int]], Place | None]) -> None:
        start, self._start = self._start, None
        position = interactor.GetEventPosition()
        if start is None or start[0] is not interactor or _distance(start[1], position) > _STILL:
            return
        # Once Slicer is done with the click.
        qt.QTimer.singleShot(0, lambda: self.clicked.emit(findPlace(position)))


def _distance(first: tuple[int, int], second: tuple[int, int]) -> int:
    return max(abs(first[0] - second[0]), abs(first[1] - second[1]))


def _views(inThreeD: bool) -> list[tuple[Any, Callable[[tuple[int, int]], Place | None]]]:
    layout = slicer.app.layoutManager()
    slices = [layout.sliceWidget(name).sliceView() for name in layout.sliceViewNames()]
    threeD = [layout.threeDWidget(index).threeDView() for index in range(layout.threeDViewCount if inThreeD else 0)]
    return [
        *((view.interactor(), lambda position, view=view: placeInSlice(view, position)) for view in slices),
        *((view.interactor(), lambda position, view=view: placeInThreeD(view, position)) for view in threeD),
    ]


def placeInSlice(view: Any, position: tuple[int, int]) -> Place:
    """The place, RAS mm, under a pixel of a slice view."""
    r, a, s = view.convertXYZToRAS(view.convertDeviceToXYZ(position))
    return r, a, s


def placeInThreeD(view: Any, position: tuple[int, int]) -> Place | None:
    """The first visible place, RAS mm, under a pixel of a 3D view, also on a rendered volume; None where nothing is."""
    picker = vtk.vtkCellPicker()
    picker.SetTolerance(0.005)
    renderer = view.renderWindow().GetRenderers().GetFirstRenderer()
    return seenPlace(view, picker.GetPickPosition()) if picker.Pick(*position, 0, renderer) else None
