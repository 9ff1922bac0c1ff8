"""The combo boxes of what is compared: a prediction, and what it is measured by."""

from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml.cell import role_of, volume_node_of
from batterycell.mrml.names import name_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.wizard.results import DISAGREEMENT, PREVIEW, predictions_of
from batterycell.segment.model.bundle import read_info
from BatteryCellAnalysisLib.I18n import _

_SHOWN_ONLY = (PREVIEW, DISAGREEMENT)


class CompareChoice:
    """Keeps both combo boxes to the chosen image.

    Args:
        prediction: The ``QComboBox`` of predictions; its first entry is the current model.
        truth: The ``QComboBox`` of truths; its first entry is what is painted in the frames.
        wizard: Gives the scene and the parameters, and refreshes all pages.
    """

    def __init__(self, prediction: Any, truth: Any, wizard: Any) -> None:
        self._prediction, self._truth, self._wizard = prediction, truth, wizard
        self._names: dict[str, str] = {}
        for combo in (prediction, truth):
            combo.connect("activated(int)", lambda index: wizard.refresh())

    @property
    def prediction(self) -> Any:
        """The chosen prediction; None for the current model."""
        return self._node(self._prediction)

    @property
    def truth(self) -> Any:
        """The chosen segmentation; None for what is painted in the frames."""
        return self._node(self._truth)

    @property
    def missing(self) -> str:
        """Why these two cannot be compared; empty where they can."""
        found, truth = self.prediction, self.truth
        if found is None and not self._modelName():
            return _("Train a model or choose one on the page Apply, or segment the image there.")
        if found is None and truth is not None:
            return _("The current model is measured in the frames: choose a prediction, or the frames as truth.")
        return _("A segmentation cannot be measured by itself.") if truth is not None and truth is found else ""

    def refresh(self) -> None:
        """List what there is now, and keep what is chosen."""
        image = self._wizard.parameters.image
        found = predictions_of(image) if image is not None else []
        model = self._modelName()
        first = _("the model {name}, in the frames").format(name=model) if model else _("no model yet")
        fillChoice(self._prediction, [(first, ""), *((name_of(node), node.GetID()) for node in reversed(found))])
        truths = [(_("painted in the frames"), ""), *((name_of(node), node.GetID()) for node in self._truths(image))]
        fillChoice(self._truth, truths)

    def forget(self) -> None:
        """Forget what was chosen: nodes of the next scene have the same ids."""
        for combo in (self._prediction, self._truth):
            combo.clear()

    def _truths(self, image: Any) -> list[Any]:
        """The segmentations of the image, and those that belong to none."""
        nodes = nodes_of(self._wizard.scene, "vtkMRMLSegmentationNode")
        own = [node for node in nodes if volume_node_of(node) in (None, image)]
        return [node for node in own if role_of(node) not in _SHOWN_ONLY]

    def _modelName(self) -> str:
        folder = self._wizard.parameters.model
        if folder not in self._names:
            self._names[folder] = _readName(folder)
        return self._names[folder]

    def _node(self, combo: Any) -> Any:
        nodeId = combo.currentData
        return self._wizard.scene.GetNodeByID(nodeId) if nodeId else None


def _readName(folder: str) -> str:
    """The name of the model in a folder; a damaged one is as good as none."""
    try:
        return read_info(Path(folder)).name if folder else ""
    except (BatteryCellError, OSError):
        return ""


def fillChoice(combo: Any, entries: list[tuple[str, str]]) -> None:
    """Fill a combo box where its entries are others, and keep what is chosen."""
    shown = [(combo.itemText(index), combo.itemData(index)) for index in range(combo.count)]
    if shown == entries:
        return
    chosen = combo.currentData
    wasBlocked = combo.blockSignals(True)
    combo.clear()
    for text, data in entries:
        combo.addItem(text, data)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(wasBlocked)
