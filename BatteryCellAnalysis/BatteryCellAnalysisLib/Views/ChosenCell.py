"""What the views show follows the chosen cell: its volume and its marks, not those of another."""

from typing import Any

import slicer
from batterycell.mrml.cell import role_of, show_marks_of

from .SliceViews import CELL_VIEWS


class ChosenCell:
    """Remembers which volume was chosen last."""

    def __init__(self) -> None:
        self._id = ""

    def follow(self, volume: Any) -> bool:
        """Show a volume that was not chosen before; whether it was not."""
        chosen = volume.GetID() if volume else ""
        if chosen == self._id:
            return False
        self._id = chosen
        show_marks_of(slicer.mrmlScene, volume)
        # What belongs to a cell, such as its unrolled picture, is no cell.
        if volume is not None and volume.GetImageData() is not None and not role_of(volume):
            _showInstead(volume)
        return True


def _showInstead(volume: Any) -> None:
    """Show a volume, whole, in the slice views of the cell that show another."""
    layout = slicer.app.layoutManager()
    for widget in (layout.sliceWidget(name) for name in layout.sliceViewNames()):
        layers = widget.mrmlSliceCompositeNode()
        if widget.mrmlSliceNode().GetViewGroup() == CELL_VIEWS and layers.GetBackgroundVolumeID() != volume.GetID():
            layers.SetBackgroundVolumeID(volume.GetID())
            widget.sliceLogic().FitSliceToBackground(True)
