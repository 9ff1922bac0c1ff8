"""The bar of steps on top of the wizard: where one is, what is done, and a way to every other step."""

from collections.abc import Sequence
from typing import Any

import qt
from BatteryCellAnalysisLib.Signal import Signal

from .StepIcons import stepIcon
from .Steps import STEPS, StepState

_ICON_PIXELS = 22


class StepBar:
    """Connects the buttons of the bar.

    ``chosen`` tells the number of the step that was pressed.

    Args:
        ui: The wizard's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self.chosen = Signal()
        self._label = ui.stepStateLabel
        self._buttons = [getattr(ui, f"{name.lower()}StepButton") for name in STEPS]
        self._toolTips = [button.toolTip for button in self._buttons]
        self._shown: tuple[Any, ...] = ()
        for number, button in enumerate(self._buttons):
            button.setIconSize(qt.QSize(_ICON_PIXELS, _ICON_PIXELS))
            button.connect("clicked()", lambda number=number: self.chosen.emit(number))

    def show(self, step: int, states: Sequence[StepState]) -> None:
        """Show which step is open and where each stands."""
        if (shown := (step, tuple(states))) == self._shown:
            return
        self._shown = shown
        for number, (button, state) in enumerate(zip(self._buttons, states, strict=True)):
            button.checked = number == step
            button.setIcon(stepIcon(number + 1, state.isDone, number == step, button))
            button.toolTip = "\n".join(line for line in (self._toolTips[number], state.line) if line)
        self._label.text = states[step].line
        self._label.visible = bool(states[step].line)
