"""Page "Measure"."""

from typing import Any

from .Page import Page


class MeasurePage(Page):
    """Connects the widgets of the page "Measure".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.measureMessage)
