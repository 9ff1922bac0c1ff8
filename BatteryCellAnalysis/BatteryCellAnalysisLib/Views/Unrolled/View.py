"""The unrolled cell in its view, and the mark of the cross-hair's place in it."""

from typing import Any

import numpy as np
import qt
import slicer
from batterycell import palette
from batterycell.mrml import cell_of
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.unrolled_view import scroll_to, show_unrolled

from BatteryCellAnalysisLib.Views.CellPlanes import fitViews

from .Layout import isUnrolledViewShown, showUnrolledView, unrolledWidget

# Views have their sizes only once they are laid out, which takes Qt several rounds.
_UNTIL_LAID_OUT = (0, 150)
_GLYPH_PERCENT = 2.0
_TEXT_PERCENT = 2.5


class UnrolledView:
    """Shows one unrolled volume, and marks a place in it."""

    def __init__(self) -> None:
        self._mark: Any = None

    def show(self, unrolled: Any) -> None:
        """Switch to the layout with the unrolled view and show a volume in it, as large as it fits."""
        hasNewSizes = not isUnrolledViewShown()
        showUnrolledView()
        for milliseconds in _UNTIL_LAID_OUT if hasNewSizes else (0,):
            qt.QTimer.singleShot(milliseconds, lambda: self._fit(unrolled, hasNewSizes))

    def _fit(self, unrolled: Any, hasNewSizes: bool) -> None:
        widget, volume = unrolledWidget(), volume_node_of(unrolled)
        if widget is None or volume is None:
            return
        show_unrolled(widget.mrmlSliceNode(), widget.mrmlSliceCompositeNode(), unrolled)
        if hasNewSizes:
            fitViews(volume, cell_of(volume))

    def keep(self, unrolled: Any) -> None:
        """See that the view shows a volume and not what another action put into all views; zoom and place stay."""
        widget = unrolledWidget()
        if widget is None:
            return
        layers, identifier = widget.mrmlSliceCompositeNode(), unrolled.GetID() if unrolled else None
        if layers.GetBackgroundVolumeID() != identifier:
            layers.SetBackgroundVolumeID(identifier)

    def mark(self, world: Any, words: str) -> None:
        """Mark a place, RAS mm as the views show it, and scroll there; no mark where it is NaN."""
        widget = unrolledWidget()
        if widget is None or not np.isfinite(world).all():
            self.unmark()
            return
        scroll_to(widget.mrmlSliceNode(), world)
        mark = self._markNode(widget.mrmlSliceNode())
        mark.SetNthControlPointPosition(0, *world)
        mark.SetNthControlPointLabel(0, words)
        mark.GetDisplayNode().SetVisibility(True)

    def unmark(self) -> None:
        """Show no mark."""
        if self._mark is not None and self._mark.GetScene() is not None:
            self._mark.GetDisplayNode().SetVisibility(False)

    def _markNode(self, sliceNode: Any) -> Any:
        if self._mark is None or self._mark.GetScene() is None:
            self._mark = _makeMark(sliceNode)
        return self._mark


def _makeMark(sliceNode: Any) -> Any:
    """A point list with one point, for this view only; it follows the cross-hair and so is not saved."""
    node = slicer.vtkMRMLMarkupsFiducialNode()
    node.SetName("unrolled mark")
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node.SetUndoEnabled(False)
    node.SetLocked(True)
    scene = sliceNode.GetScene()
    scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    _dress(node.GetDisplayNode(), sliceNode)
    node.AddControlPoint(0.0, 0.0, 0.0)
    return node


def _dress(display: Any, sliceNode: Any) -> None:
    display.SetSaveWithScene(False)
    display.AddViewNodeID(sliceNode.GetID())
    display.SetGlyphTypeFromString("Cross2D")
    display.SetGlyphScale(_GLYPH_PERCENT)
    display.SetTextScale(_TEXT_PERCENT)
    display.SetSelectedColor(*palette.to_rgb(palette.OVERHANG))
    display.SetColor(*palette.to_rgb(palette.OVERHANG))
