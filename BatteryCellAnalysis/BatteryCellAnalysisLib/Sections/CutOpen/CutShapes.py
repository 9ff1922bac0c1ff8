"""The cuts of the section "Cut open", as its slider and its boxes say."""

from typing import Any

from batterycell.clip import Cut, angle_of, fit_box, half_cut, quarter_cut, slab, standing_frame
from batterycell.mrml import cell_of, volume_of


class CutShapes:
    """Makes cuts from the widgets, and shows in them what is cut.

    Args:
        ui: The panel's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self._angle, self._height, self._thickness = (
            ui.cutAngleSlider,
            ui.cutSlabHeightSpinBox,
            ui.cutSlabThicknessSpinBox,
        )

    def make(self, volumeNode: Any, kind: str) -> Cut:
        """A cut of a volume: "fit", "quarter", "half" or "slab"; along its cell where that is known."""
        volume, cell = volume_of(volumeNode), cell_of(volumeNode)
        if kind == "fit":
            return fit_box(volume, cell)
        if kind == "slab":
            return slab(volume, cell, self._height.value, self._thickness.value)
        return (quarter_cut if kind == "quarter" else half_cut)(volume, cell, self._angle.value)

    def show(self, volumeNode: Any, cut: Cut | None) -> float | None:
        """Turn the slider to the angle of a cut; tell the angle where there is one."""
        if cut is None or cut.kind not in ("quarter", "half"):
            return None
        frame = standing_frame(volume_of(volumeNode), cell_of(volumeNode))
        angle = round(angle_of(cut, frame), 1) % 360
        if (angle - self._angle.value) % 360:
            wasBlocked = self._angle.blockSignals(True)
            self._angle.value = angle
            self._angle.blockSignals(wasBlocked)
        return angle
