"""What lies over the images: labels, predictions, disagreement, uncertainty; each shown or hidden by a button."""

from typing import Any

from batterycell.mrml.cell import attached
from batterycell.mrml.wizard.images import image_nodes
from batterycell.mrml.wizard.results import DISAGREEMENT, PREVIEW, UNCERTAINTY

from .Predictions import Predictions

_LABELS = "classes"


class Overlays:
    """Shows and hides overlays of all images of a project."""

    def __init__(self) -> None:
        self._predictions = Predictions()

    def showLabels(self, scene: Any, isShown: bool) -> None:
        """Show what was painted, or hide it."""
        _show(scene, _LABELS, isShown)

    def showPrediction(self, scene: Any, isShown: bool) -> None:
        """Show what is predicted in frames, or hide it."""
        _show(scene, PREVIEW, isShown)

    def showDisagreement(self, scene: Any, isShown: bool) -> None:
        """Show where both differ, or hide it."""
        _show(scene, DISAGREEMENT, isShown)

    def showUncertainty(self, image: Any, isShown: bool) -> None:
        """Show how unsure the model is in an image, or hide it."""
        if image is not None and (isShown or attached(image, UNCERTAINTY)):
            self._predictions.showUncertainty(image, isShown)


def _show(scene: Any, role: str, isShown: bool) -> None:
    for image in image_nodes(scene):
        for node in attached(image, role):
            node.SetDisplayVisibility(isShown)
