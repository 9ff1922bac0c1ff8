"""Page "Frames"."""

from typing import Any

from .Page import Page


class FramesPage(Page):
    """Connects the widgets of the page "Frames".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.framesMessage)
