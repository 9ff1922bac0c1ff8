"""Objects over the image in the slice views, and the way between them and their rows."""

from collections.abc import Sequence
from typing import Any

import slicer
from batterycell.mrml.object_colors import highlight
from batterycell.mrml.object_labels import is_segmentation
from batterycell.mrml.object_place import object_at, place_in_object
from batterycell.mrml.objects import source_of
from batterycell.tables import Table

from BatteryCellAnalysisLib.Parameters import FILLED, HIDDEN
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.SliceViews import goTo
from BatteryCellAnalysisLib.Views.ViewClicks import Place, ViewClicks

_OPACITY = 0.6


class ObjectViews:
    """Shows the objects of one label volume.

    ``clicked(number, place)`` tells the object under a click in a slice view, 0 for none, and the place, RAS mm.
    """

    def __init__(self) -> None:
        self.clicked = Signal()
        self._objects: Any = None
        self._shown: Any = ()
        self._clicks = ViewClicks(withControl=False, inThreeD=False)
        self._clicks.clicked.connect(self._onClick)

    def stop(self) -> None:
        """Listen to the views no more."""
        self._clicks.stop()
        self._objects, self._shown = None, ()

    def show(self, objects: Any, how: str) -> None:
        """Show objects over the image: FILLED, OUTLINES or HIDDEN; None for no objects."""
        before, self._objects = self._objects, objects
        isShown = objects is not None and objects.GetImageData() is not None and how != HIDDEN
        state = (objects, isShown, how, slicer.app.layoutManager().sliceViewNames())
        if state == self._shown:
            return
        self._shown = state
        for composite, sliceNode in _sliceNodes():
            if isShown:
                composite.SetLabelVolumeID(objects.GetID())
                composite.SetLabelOpacity(_OPACITY if how == FILLED else 1.0)
                sliceNode.SetUseLabelOutline(how != FILLED)
            elif composite.GetLabelVolumeID() in [one.GetID() for one in (before, objects) if one is not None]:
                composite.SetLabelVolumeID(None)
        for one in (before, objects):
            _showFill(one, not (isShown and one is objects))
        self._clicks.start() if isShown else self._clicks.stop()

    def fit(self, isResized: bool) -> None:
        """Fit the views to objects that lie over no image, or where all is shown in another size now."""
        if isResized or not any(composite.GetBackgroundVolumeID() for composite, _sliceNode in _sliceNodes()):
            slicer.util.resetSliceViews()

    def select(self, numbers: Sequence[int]) -> None:
        """Let objects stand out; none lets all be as they are."""
        if self._objects is not None and self._objects.GetScene() is not None:
            highlight(self._objects, numbers)

    def forget(self, objects: Any) -> None:
        """Let nothing stand out any more of objects that changed."""
        if objects is not None:
            highlight(objects, ())

    def goTo(self, table: Table, number: int) -> None:
        """Bring the cross-hair and the views to an object."""
        place = place_in_object(self._objects, table, number)
        if place is not None:
            goTo(self._objects, place)

    def _onClick(self, place: Place | None) -> None:
        if self._objects is not None and self._objects.GetScene() is not None and place is not None:
            self.clicked.emit(object_at(self._objects, place), place)


def _showFill(objects: Any, isShown: bool) -> None:
    """Fill the segments that objects were found in, or not: two colours in one pixel say nothing."""
    source = source_of(objects) if objects is not None and objects.GetScene() is not None else None
    if source is not None and is_segmentation(source) and source.GetDisplayNode() is not None:
        source.GetDisplayNode().SetVisibility2DFill(isShown)


def _sliceNodes() -> list[tuple[Any, Any]]:
    layout = slicer.app.layoutManager()
    widgets = [layout.sliceWidget(name) for name in layout.sliceViewNames()]
    return [(one.mrmlSliceCompositeNode(), one.mrmlSliceNode()) for one in widgets]
