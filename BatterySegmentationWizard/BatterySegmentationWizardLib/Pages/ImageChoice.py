"""A selector of the image on a further page: one widget alone can be bound to a parameter."""

from typing import Any


class ImageChoice:
    """Keeps a ``qMRMLNodeComboBox`` and the parameter together.

    Args:
        selector: The combo box.
        wizard: Gives the parameters, and refreshes all pages.
    """

    def __init__(self, selector: Any, wizard: Any) -> None:
        self._selector, self._wizard = selector, wizard
        selector.connect("currentNodeChanged(vtkMRMLNode*)", self._onChosen)

    def refresh(self) -> None:
        """Show which image is chosen."""
        wasBlocked = self._selector.blockSignals(True)
        self._selector.setCurrentNode(self._wizard.parameters.image)
        self._selector.blockSignals(wasBlocked)

    def _onChosen(self, node: Any) -> None:
        # A scene that is being closed has none to choose from.
        if node is not None and self._selector.isVisible():
            self._wizard.parameters.image = node
            self._wizard.refresh()
