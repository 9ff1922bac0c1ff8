"""Rows of the page "Classes" for what comes from elsewhere: further channels, and labels of another segmentation."""

from collections.abc import Callable
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml.wizard.adopt import adopt_segments
from batterycell.mrml.wizard.classes import all_labels
from batterycell.mrml.wizard.images import channel_nodes, set_channels
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections.Message import Message

from . import Readiness
from .Situation import Situation


class ElsewhereRows:
    """Connects the rows.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
        message: Shows what was done and what is wrong.
    """

    def __init__(self, ui: Any, wizard: Any, message: Message) -> None:
        self._ui, self._wizard, self._message = ui, wizard, message
        self._isFilling = False
        ui.wizardChannelsSelector.connect("checkedNodesChanged()", self._onChannels)
        ui.takeOverSelector.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: wizard.refresh())
        ui.takeOverButton.connect("clicked()", self._onTakeOver)

    def refresh(self, now: Situation) -> None:
        """Show the image's channels and what can be done."""
        chosen = self._ui.takeOverSelector.currentNode()
        isOwn = chosen is not None and chosen in all_labels(self._wizard.scene)
        self._wizard.setReady(self._ui.wizardChannelsSelector, Readiness.missingImage(now))
        self._wizard.setReady(self._ui.takeOverButton, Readiness.whyNotTakeOver(now, chosen is not None, isOwn))
        self._showChannels(self._wizard.parameters.image if now.hasImage else None)

    def _showChannels(self, image: Any) -> None:
        others = channel_nodes(image)[1:] if image is not None else []
        combo = self._ui.wizardChannelsSelector
        if list(combo.checkedNodes()) == others:
            return
        self._isFilling = True
        for index in range(combo.nodeCount()):
            node = combo.nodeFromIndex(index)
            combo.setCheckState(node, 2 if node in others else 0)
        self._isFilling = False

    def _onChannels(self) -> None:
        image = self._wizard.parameters.image
        if self._isFilling or image is None:
            return
        others = [node for node in self._ui.wizardChannelsSelector.checkedNodes() if node is not image]
        self._change(_("The channels cannot be changed."), lambda: set_channels(image, others))

    def _onTakeOver(self) -> None:
        image, chosen = self._wizard.parameters.image, self._ui.takeOverSelector.currentNode()

        def takeOver() -> None:
            # So that Ctrl+Z takes it back.
            self._wizard.paint.editor.saveStateForUndo()
            if adopt_segments(image, chosen) is None:
                raise BatteryCellError("segments-empty", _("Nothing is painted in it."), _("Choose another one."))
            self._message.say(_("Taken over from {name}; Ctrl+Z takes it back.").format(name=chosen.GetName()))

        self._change(_("The labels cannot be taken over."), takeOver)

    def _change(self, failure: str, change: Callable[[], Any]) -> None:
        with self._message.reporting(failure):
            change()
        self._wizard.refresh()
