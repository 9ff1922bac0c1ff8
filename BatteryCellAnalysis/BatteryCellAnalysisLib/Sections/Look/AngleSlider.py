"""The slider that turns the half-plane about the cell's axis, and the button that lets it turn by itself."""

from typing import Any

import qt

from BatteryCellAnalysisLib.Signal import Signal

_MILLISECONDS = 60


class AngleSlider:
    """Tells ``turned(angle)`` when someone turns it; from 360° it goes on at 0°.

    Args:
        slider: The ``ctkSliderWidget``, in degrees.
        playButton: The checkable button.
    """

    def __init__(self, slider: Any, playButton: Any) -> None:
        self.turned = Signal()
        self._slider, self._playButton = slider, playButton
        for box in slider.findChildren(qt.QDoubleSpinBox):
            box.wrapping = True
        self._timer = qt.QTimer()
        self._timer.setInterval(_MILLISECONDS)
        self._timer.connect("timeout()", self._step)
        slider.connect("valueChanged(double)", self.turned.emit)
        playButton.connect("toggled(bool)", self._onPlay)

    @property
    def angle(self) -> float:
        """The angle it stands at."""
        return self._slider.value

    def show(self, angle: float | None) -> None:
        """Stand at an angle without telling; stay for None."""
        if angle is None or (self.angle - angle) % 360 == 0:
            return
        wasBlocked = self._slider.blockSignals(True)
        self._slider.value = angle
        self._slider.blockSignals(wasBlocked)

    def stop(self) -> None:
        """Turn no more by itself."""
        self._playButton.checked = False

    def _onPlay(self, isPlaying: bool) -> None:
        if isPlaying:
            self._timer.start()
        else:
            self._timer.stop()

    def _step(self) -> None:
        self._slider.value = (self.angle + self._slider.singleStep) % 360
