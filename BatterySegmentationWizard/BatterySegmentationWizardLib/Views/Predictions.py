"""What a model found in an image, in the views."""

from typing import Any

import slicer
from batterycell.mrml.cell import attached
from batterycell.mrml.wizard.results import (
    PREVIEW,
    UNCERTAINTY,
    add_prediction,
    add_uncertainty,
    predictions_of,
    remove_results,
)
from batterycell.segment import SegmentClass

_OPACITY = 0.6


class Predictions:
    """Adds predictions, shows the latest one, and shows uncertainty over the image."""

    def count(self, image: Any) -> int:
        """How many there are of an image."""
        return len(predictions_of(image))

    def classes(self, summary: dict[str, Any]) -> list[SegmentClass]:
        """The classes of a job's model."""
        return [SegmentClass(**one) for one in summary["classes"]]

    def add(self, image: Any, found: Any, summary: dict[str, Any]) -> Any:
        """Add what a job found in an image, and hide what was shown of it before; the segmentation node."""
        self.hide(image)
        node = add_prediction(image, found.labels, self.classes(summary), summary["model"])
        if found.uncertainty is not None:
            add_uncertainty(image, found.uncertainty)
            self.showUncertainty(image, True)
        return node

    def hide(self, image: Any) -> None:
        """Hide the predictions of an image, and remove its preview."""
        remove_results(image, PREVIEW)
        for node in predictions_of(image):
            node.SetDisplayVisibility(False)

    def uncertaintyOf(self, image: Any) -> Any:
        """The uncertainty map of an image; None where there is none."""
        return next(iter(attached(image, UNCERTAINTY)), None)

    def isUncertaintyShown(self, image: Any) -> bool:
        """Whether a view shows the map of an image."""
        node = self.uncertaintyOf(image)
        return node is not None and any(one.GetForegroundVolumeID() == node.GetID() for one in _composites())

    def showUncertainty(self, image: Any, shown: bool) -> None:
        """Show the map over the image in all slice views, or hide it."""
        node = self.uncertaintyOf(image)
        for composite in _composites():
            composite.SetForegroundVolumeID(node.GetID() if shown and node else None)
            composite.SetForegroundOpacity(_OPACITY if shown else 0.0)
        for prediction in predictions_of(image):
            # Two colours in one pixel say nothing.
            prediction.GetDisplayNode().SetVisibility2DFill(not (shown and node))


def _composites() -> list[Any]:
    layout = slicer.app.layoutManager()
    return [layout.sliceWidget(name).mrmlSliceCompositeNode() for name in layout.sliceViewNames()]
